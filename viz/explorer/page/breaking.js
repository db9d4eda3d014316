/** The screen on which the backward pass is broken on purpose: the wrong trace beside the right one. */

import { BUGS } from "./bugs.js";
import { headOf, remark, warning, whileAsked } from "./controls.js";
import { h } from "./dom.js";
import { asFactor, boardName, columnNumber, writeNumber } from "./numbers.js";
import { differ, firstDifference, wrongGradients } from "./rerun.js";
import { isVaried, unvary, variantOf, vary } from "./variant.js";

const BEFORE = 2; // rows that are shown before the first difference,
const AFTER = 7; // and from there on
const MOST_LEAVES = 12;

export const breaking = {
  id: "break",
  title: "Break it",
  create(app) {
    const edges = app.trace.events.filter((event) => event.phase === "backward");
    const toggles = BUGS.map((bug) => h("button", {
      class: "cg-bug", onclick: async () => {
        await vary(app, { bug: variantOf(app.state()).bug === bug.id ? null : bug.id });
        if (shown?.says) app.announce(shown.says);
      },
    }, h("span", { class: "cg-switch", "aria-hidden": "true" }), bug.title));
    const body = h("div", { class: "cg-screen" });
    const element = h("div", { class: "cg-screen" }, h("div", { class: "cg-bugs", role: "group", "aria-label": "Bugs" }, toggles), body);
    let shown = null;
    return {
      element,
      update(state) {
        const asked = whileAsked(state);
        const { bug, refusal, right } = variantOf(state);
        toggles.forEach((toggle, i) => {
          toggle.setAttribute("aria-pressed", String(BUGS[i].id === bug));
          toggle.disabled = Boolean(asked);
        });
        if (asked) {
          body.replaceChildren(asked);
          shown = null;
          return;
        }
        const key = `${bug} ${refusal}`;
        if (shown?.key === key && shown.trace === state.trace) {
          shown.follow?.(state);
          return;
        }
        shown = { key, trace: state.trace };
        if (refusal) body.replaceChildren(warning(refusal));
        else if (!bug) {
          body.replaceChildren(remark("Switch a bug on. The picture, the tables and every step then show the wrong pass; the right numbers stand beside those that differ."));
        } else Object.assign(shown, comparison(app, body, edges, BUGS.find(({ id }) => id === bug), right ?? app.trace, state));
      },
    };
  },
};

function comparison(app, body, edges, bug, right, state) {
  const wrong = state.trace;
  const others = wrongGradients(right, wrong);
  const k = firstDifference(right, wrong);
  const idle = bug.idle(edges, app.trace.nodes) || (others.length ? "" : "By chance every gradient is the same here.");
  const rows = others.length ? traces(app, right, wrong, k) : null;
  body.replaceChildren(...[
    h("div", { class: "cg-lines" },
      h("div", { class: "is-right" }, h("small", {}, "right"), h("code", {}, bug.right)),
      h("div", { class: "is-wrong" }, h("small", {}, "wrong"), h("code", {}, bug.wrong))),
    remark(bug.why),
    others.length ? gradients(right, wrong) : remark(h("strong", {}, "No gradient is wrong. "), idle),
    rows?.element,
    h("div", { class: "cg-row" },
      others.length > 0 && h("button", { class: "cg-go", onclick: () => app.dispatch({ type: "goto", index: k + 1 }) }, "Go to the first difference"),
      isVaried(state) && h("button", { onclick: () => unvary(app) }, "As it was")),
  ].filter(Boolean));
  const says = others.length
    ? `${bug.title}: the gradients of ${others.length} of ${right.nodes.length} nodes are wrong.`
    : `${bug.title}: ${idle}`;
  rows?.follow(state);
  return { follow: rows?.follow, says };
}

function gradients(right, wrong) {
  const leaves = right.nodes.filter((node) => node.kind === "input" || node.kind === "parameter");
  const isOther = (node) => differ(node.gradient, wrong.node(node.id).gradient);
  const first = [...leaves.filter(isOther), ...leaves.filter((node) => !isOther(node))].slice(0, MOST_LEAVES);
  const more = leaves.length - first.length;
  return h("table", { class: "cg-compared" }, h("caption", { class: "cg-unseen" }, "Gradients of the leaves"),
    h("thead", {}, h("tr", {}, ["gradient of", "right", "wrong"].map((text) => h("th", { scope: "col" }, text)))),
    h("tbody", {}, first.map((node) => h("tr", { class: isOther(node) ? "is-other" : null },
      headOf(node.name), h("td", {}, columnNumber(node.gradient)),
      h("td", {}, isOther(node) && h("span", { class: "cg-not", "aria-label": "not equal" }, "≠ "), columnNumber(wrong.node(node.id).gradient))))),
    more > 0 && h("tfoot", {}, h("tr", {}, h("td", { colspan: 3 }, `and ${more} more`))));
}

function stepOf(trace, event) {
  if (!event) return "—";
  if (event.phase === "seed") return [h("small", {}, boardName(trace.name(event.node))), " 1"];
  const sum = event.before === 0 ? writeNumber(event.after, 5) : `${writeNumber(event.before, 5)} + ${asFactor(event.contribution, 5)} = ${writeNumber(event.after, 5)}`;
  const told = event.after === event.contribution && event.before !== 0 ? `= ${writeNumber(event.after, 5)}` : sum;
  return [h("small", {}, h("var", {}, boardName(trace.name(event.node))), " → ", h("var", {}, boardName(trace.name(event.operand)))), " ", h("span", {}, told)];
}

function traces(app, right, wrong, k) {
  const isOther = (i) => {
    const [a, b] = [right.events[i], wrong.events[i]];
    return !a || !b || a.node !== b.node || a.operand !== b.operand || a.position !== b.position || differ(a.after, b.after) || differ(a.contribution, b.contribution);
  };
  const first = Math.max(right.seed, k - BEFORE);
  const last = Math.min(Math.max(right.events.length, wrong.events.length), k + AFTER);
  const rows = [];
  for (let i = first; i < last; i += 1) {
    const row = h("tr", { class: `${isOther(i) ? "is-other" : ""}${i === k ? " is-first" : ""}`, "data-event": i, onclick: () => app.dispatch({ type: "goto", index: i + 1 }) },
      h("td", {}, stepOf(right, right.events[i])), h("td", {}, i === k && h("span", { class: "cg-flag" }, "first difference"), stepOf(wrong, wrong.events[i])));
    rows.push(row);
  }
  const element = h("table", { class: "cg-compared cg-traces" }, h("caption", {}, "Step by step"),
    h("thead", {}, h("tr", {}, ["right", "wrong"].map((text) => h("th", { scope: "col" }, text)))), h("tbody", {}, rows));
  return {
    element,
    follow(state) {
      for (const row of rows) row.classList.toggle("is-now", Number(row.dataset.event) === state.index - 1);
    },
  };
}
