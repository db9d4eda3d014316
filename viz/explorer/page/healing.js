/** The screen of health: what ails the graph, each with the way to where it is. */

import { remark, whileAsked } from "./controls.js";
import { h } from "./dom.js";
import { findings, gradientProfile, lineOf } from "./health.js";
import { writeNumber } from "./numbers.js";
import { typeset, unbroken } from "./typeset.js";

const MOST_BARS_SHOWN = 14;
const SIGNS = { "not finite": "!", exploding: "↗", vanishing: "↘", dead: "○", off: "◐", saturated: "∼", nothing: "0" };

export const healing = {
  id: "health",
  title: "Health",
  create(app) {
    const element = h("div", { class: "cg-screen" });
    let shown = null;

    function goTo(finding) {
      if (finding.event >= 0) app.dispatch({ type: "goto", index: finding.event + 1 });
      app.dispatch({ type: "select", node: finding.node });
      app.dispatch({ type: "mark", nodes: Object.fromEntries(finding.nodes.map((id) => [id, finding.kind])) });
    }

    return {
      element,
      update(state) {
        const asked = whileAsked(state);
        if (asked) {
          element.replaceChildren(asked);
          shown = null;
          return;
        }
        if (shown === state.trace) return;
        shown = state.trace;
        const found = findings(state.trace);
        element.replaceChildren(
          ...(found.length ? [] : [h("p", { class: "cg-well" }, h("span", { "aria-hidden": "true" }, "✓ "), "Nothing ails this graph: all numbers are finite, no unit is off or saturated, and gradients arrive everywhere.")]),
          h("ul", { class: "cg-findings" }, found.map((finding) => {
            const line = lineOf(state.trace.node(finding.node));
            return h("li", { class: finding.kind === "not finite" ? "is-bad" : null },
              h("span", { class: "cg-ail", "aria-hidden": "true" }, SIGNS[finding.kind]),
              h("div", {}, h("strong", {}, typeset(finding.title, state.trace)), h("p", {}, typeset(finding.sentence, state.trace)),
                line && finding.kind === "not finite" && h("p", { class: "cg-at" }, h("code", {}, unbroken(line))),
                h("button", { onclick: () => goTo(finding) }, finding.event >= 0 ? "Go to where it happens" : "Show it")));
          })),
          ...profile(state.trace));
      },
    };
  },
};

function profile(trace) {
  const sizes = gradientProfile(trace).filter(({ size }) => Number.isFinite(size));
  const logs = sizes.filter(({ size }) => size > 0).map(({ size }) => Math.log10(size));
  if (sizes.length < 3 || !logs.length) return [];
  const [low, high] = [Math.min(...logs) - 0.5, Math.max(...logs)];
  const share = (size) => (size > 0 ? Math.max(2, (100 * (Math.log10(size) - low)) / (high - low || 1)) : 0);
  const step = Math.ceil(sizes.length / MOST_BARS_SHOWN);
  const some = sizes.filter((_, i) => (sizes.length - 1 - i) % step === 0);
  return [
    h("h2", { class: "cg-heading" }, "Mean size of the gradients"),
    h("ul", { class: "cg-costs is-profile" }, some.map(({ title, size }) => h("li", {}, h("span", {}, title),
      h("span", { class: "cg-number" }, writeNumber(size, 3)), h("i", { class: "cg-bar-of is-grad", style: `width: ${share(size)}%` })))),
    remark("From what comes first, at the top, to the output. The bars are on a scale of powers of ten."),
  ];
}
