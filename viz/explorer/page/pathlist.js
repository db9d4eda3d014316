/** The screen of paths: the product along each, their sum, and what it costs to go along them all. */

import { createLeafChoice, remark, whileAsked } from "./controls.js";
import { h } from "./dom.js";
import { asFactor, boardName, differential, writeNumber } from "./numbers.js";
import { costs, pathsFrom } from "./paths.js";

const MOST_PATHS = 12;
const LONG = 9; // nodes of a path, of which the middle is left out

export const pathlist = {
  id: "paths",
  title: "Paths",
  create(app) {
    const choice = createLeafChoice(app);
    const body = h("div", { class: "cg-screen" });
    const element = h("div", { class: "cg-screen" }, choice.element, body);
    let shown = {};
    let marked = null;

    function mark(path) {
      marked = path;
      if (!path) {
        app.dispatch({ type: "mark" });
        return;
      }
      const edges = Object.fromEntries(path.steps.map((step) => [`${step.node}:${step.position}`, `× ${asFactor(step.local, 4)}`]));
      const nodes = Object.fromEntries(path.steps.flatMap((step) => [[step.operand, "on the path"], [step.node, "on the path"]]));
      app.dispatch({ type: "mark", nodes, edges });
    }

    return {
      element,
      update(state) {
        choice.update(state);
        const leaf = choice.leaf(state);
        const note = !leaf ? remark("This graph has no input and no parameter to start from.") : whileAsked(state);
        if (note) {
          if (shown.note !== note.textContent) body.replaceChildren(note);
          shown = { note: note.textContent };
          return;
        }
        if (shown.leaf === leaf.id && shown.trace === state.trace) return;
        shown = { leaf: leaf.id, trace: state.trace };
        const found = pathsFrom(state.trace, leaf.id, MOST_PATHS);
        body.replaceChildren(...pathsOf(state.trace, leaf, found, mark), ...modes(state.trace));
        if (marked) mark(null);
      },
    };
  },
};

function pathsOf(trace, leaf, { count, paths, sum, gradient }, mark) {
  const name = boardName(leaf.name);
  const output = boardName(trace.name(trace.output));
  const counted = count < 2 ** 53 ? count.toLocaleString("en") : `about ${writeNumber(count, 3)}`;
  const rows = paths.map((path) => {
    const button = h("button", {
      class: "cg-path", "aria-pressed": "false",
      onclick: () => {
        const isOn = button.getAttribute("aria-pressed") === "true";
        for (const [other] of rows) other.setAttribute("aria-pressed", "false");
        button.setAttribute("aria-pressed", String(!isOn));
        mark(isOn ? null : path);
      },
    }, h("span", { class: "cg-way" }, way(trace, path)), h("span", { class: "cg-product" }, product(path)));
    return [button];
  });
  const rest = count - paths.length;
  return [
    h("p", {}, count === 1 ? "One path leads" : `${counted} paths lead`, " from ", h("var", {}, name), " to ", h("var", {}, output),
      count === 1 ? ". The gradient is the product along it." : ". The gradient is the sum of the products along them."),
    h("div", { class: "cg-paths" }, rows.map(([button]) => button)),
    h("div", { class: "cg-total" },
      rest > 0 && h("p", { class: "cg-remark" }, `The ${paths.length} largest are shown. With the other ${rest < 2 ** 53 ? rest.toLocaleString("en") : writeNumber(rest, 3)}, which come to ${writeNumber(gradient - sum, 4)}:`),
      h("p", {}, rest > 0 || paths.length === 1 ? "" : `${paths.slice(0, 6).map(({ product: x }, i) => (i ? asFactor(x, 4) : writeNumber(x, 4))).join(" + ")}${paths.length > 6 ? " + …" : ""} = `,
        h("strong", { class: "is-grad" }, writeNumber(rest > 0 ? gradient : sum)), paths.length === 1 && rest === 0 ? ", " : " = ",
        differential(output, h("var", {}, output)), "/", differential(name, h("var", {}, name)))),
  ];
}

function way(trace, { steps }) {
  const names = [steps[0].operand, ...steps.map(({ node }) => node)].map((id) => boardName(trace.name(id)));
  const kept = names.length <= LONG ? names : [...names.slice(0, 4), `… ${names.length - 7} more …`, ...names.slice(-3)];
  return kept.flatMap((name, i) => [i ? h("span", { class: "cg-arrow" }, " → ") : null, name.startsWith("…") ? name : h("var", {}, name)]);
}

function product({ steps, product: result }) {
  const locals = steps.map(({ local }) => local);
  if (locals.length === 1) return writeNumber(result, 5);
  const kept = locals.length <= 6 ? locals : [...locals.slice(0, 3), null, ...locals.slice(-2)];
  const factors = kept.map((x, i) => (x === null ? "…" : i ? asFactor(x, 3) : writeNumber(x, 3)));
  return `${factors.join(" × ")} = ${writeNumber(result, 5)}`;
}

function modes(trace) {
  const { leaves, edges, reverse, forward, paths, isExact } = costs(trace);
  if (!leaves) return [];
  const most = Math.max(reverse, forward, paths);
  const share = (x) => (Number.isFinite(most) ? Math.max(0.8, (100 * x) / most) : 100);
  const written = (x) => (x < 2 ** 53 ? x.toLocaleString("en") : writeNumber(x, 3));
  const sweeps = (n) => (n === 1 ? "one sweep" : `${n.toLocaleString("en")} sweeps, one for each leaf`);
  const rows = [
    ["reverse mode", "one sweep for the output", reverse, "is-grad"],
    ["forward mode", sweeps(leaves), forward, "is-data"],
    ["path by path", "every path for itself", paths, ""],
  ];
  return [
    h("h2", { class: "cg-heading" }, "Multiplications for all gradients"),
    h("ul", { class: "cg-costs" }, rows.map(([what, how, number, kind]) => h("li", {},
      h("span", {}, h("strong", {}, what), h("small", {}, how)),
      h("span", { class: "cg-number" }, `${what === "forward mode" && !isExact ? "up to " : ""}${written(number)}`),
      h("i", { class: `cg-bar-of ${kind}`, style: `width: ${share(number)}%` })))),
    remark(`Of n leaves and m outputs, forward mode takes n sweeps, reverse mode m. Here n is ${leaves.toLocaleString("en")} and m is 1, and a sweep is at most ${edges.toLocaleString("en")} multiplications.`),
  ];
}
