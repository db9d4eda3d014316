/** The screen of checks: finite differences beside the gradients, and how their error depends on the step h. */

import { createChart } from "./chart.js";
import { errorCurve, judged, quotients } from "./check.js";
import { createLeafChoice, createSlider, headOf, readings, remark, warning, whileAsked } from "./controls.js";
import { h } from "./dom.js";
import { boardName, columnNumber, raised, readNumber, writeNumber } from "./numbers.js";
import { isLeaf } from "./trace.js";
import { variantOf } from "./variant.js";

const MOST_CHECKED = 24; // leaves
const FEW = 8; // points: of fewer there is no curve
const START = -4; // of h, as a power of ten
const VERDICTS = {
  agrees: ["✓", "agrees"],
  corner: ["∠", "a corner"],
  wrong: ["✗", "does not agree"],
  unknown: ["?", "not finite nearby"],
};

export const checking = {
  id: "check",
  title: "Check",
  create(app) {
    const choice = createLeafChoice(app);
    const body = h("div", { class: "cg-screen" });
    const element = h("div", { class: "cg-screen" }, choice.element, body);
    let asked = {}; // {key, curve, refusal}
    let power = START;
    let parts = null;

    const outputsOf = (leaves) => async (points) => {
      const answer = await app.request("outputs", { points: points.map((point) => ({ ...leaves, ...point })) });
      if (answer.refusal) throw new Error(answer.refusal);
      return answer.outputs.map(readNumber);
    };

    /** The leaf with the number that it has now, and the gradient that is shown for it, be it right or wrong. */
    const now = (state, leaf) => state.trace.node(leaf.id);

    async function ask(state, leaf, key) {
      asked = { key };
      const { leaves } = variantOf(state);
      const outputs = outputsOf(leaves);
      const node = now(state, leaf);
      try {
        const curve = await errorCurve(outputs, node, node.gradient);
        if (asked.key !== key) return;
        asked.curve = curve;
        build(leaf);
        await show(state, leaf);
        await checkAll(state, outputs, key);
      } catch (refusal) {
        if (asked.key !== key) return;
        asked.refusal = refusal.message;
        body.replaceChildren(warning(refusal.message));
      }
    }

    async function checkAll(state, outputs, key) {
      const leaves = state.trace.nodes.filter(isLeaf);
      const rows = await Promise.all(leaves.slice(0, MOST_CHECKED).map(async (node) => {
        const verdict = await judged(outputs, node, node.gradient).catch(() => ({ kind: "unknown", numeric: NaN }));
        return [node, verdict];
      }));
      if (asked.key !== key) return;
      parts.all.replaceChildren(...verdicts(rows, leaves.length - rows.length, variantOf(state).bug !== null, stopped(state.trace)));
      const wrong = rows.filter(([, { kind }]) => kind === "wrong");
      if (wrong.length) app.announce(`Finite differences do not agree with the gradient of ${wrong.map(([node]) => node.name).join(", ")}.`);
    }

    function build(leaf) {
      const slider = createSlider("Step h, as a power of ten", { min: -16, max: 0, step: 0.25, value: power, oninput: (value) => {
        power = value;
        show(app.state(), leaf);
      } });
      parts = { slider, h: h("output", { class: "cg-h" }), facts: h("div"), picture: h("div"), all: h("div") };
      body.replaceChildren(
        h("div", { class: "cg-slide" }, h("label", {}, h("var", {}, "h")), slider, parts.h),
        parts.facts, parts.picture,
        remark("To the right the error is truncation: the curve is not straight. To the left it is round-off: the difference of two nearly equal numbers has few digits left, divided by a tiny h."),
        parts.all);
    }

    async function show(state, leaf) {
      const node = now(state, leaf);
      const step = 10 ** power;
      const found = await quotients(outputsOf(variantOf(state).leaves), node, step).catch(() => null);
      if (!found || !parts) return;
      const [f, x] = [boardName(state.trace.name(state.trace.output)), boardName(node.name)];
      const written = Number.isInteger(power) ? `10${raised(power)}` : writeNumber(step, 2);
      parts.h.textContent = written;
      parts.slider.setAttribute("aria-valuetext", written);
      parts.facts.replaceChildren(readings([
        ["gradient by rule", writeNumber(node.gradient, 9), "is-grad"],
        [formula("central", f, x), writeNumber(found.central, 9), "is-data"],
        [formula("forward", f, x), writeNumber(found.ahead, 9), "is-data"],
        ["error of the central one", writeNumber(Math.abs(found.central - node.gradient), 2)],
        ["error of the forward one", writeNumber(Math.abs(found.ahead - node.gradient), 2)],
      ]));
      parts.picture.replaceChildren(nothingToDraw(asked.curve) ?? errors(asked.curve, found, node));
    }

    return {
      element,
      update(state) {
        choice.update(state);
        const leaf = choice.leaf(state);
        const note = !leaf ? remark("This graph has no input and no parameter to check.") : whileAsked(state);
        if (note) {
          asked = {};
          body.replaceChildren(note);
          return;
        }
        const key = `${leaf.id} ${JSON.stringify(variantOf(state).leaves)} ${variantOf(state).bug}`;
        if (asked.key !== key || asked.trace !== state.trace) {
          ask(state, leaf, key);
          asked.trace = state.trace;
        }
      },
    };
  },
};

function nothingToDraw(curve) {
  const found = curve.map(({ central }) => central).filter(Number.isFinite);
  if (found.length < FEW) return remark("The differences are not finite for nearly every h here: there is no error to draw.");
  if (found.filter((error) => error > 0).length < FEW) return remark("The central difference is exact for nearly every h here: there is no error to draw.");
  return null;
}

function formula(kind, f, x) {
  const at = (sign) => [h("var", {}, f), "(", h("var", {}, x), sign, h("var", {}, "h"), ")"];
  const fraction = kind === "central"
    ? h("span", { class: "cg-fraction" }, h("span", {}, at(" + "), " − ", at(" − ")), h("span", {}, "2", h("var", {}, "h")))
    : h("span", { class: "cg-fraction" }, h("span", {}, at(" + "), " − ", h("var", {}, f), "(", h("var", {}, x), ")"), h("span", {}, h("var", {}, "h")));
  return h("span", {}, `${kind} `, fraction);
}

function errors(curve, found, node) {
  const isShown = ([, error]) => Number.isFinite(error) && error > 0; // 0 is nowhere on such a scale
  const curves = ["ahead", "central"].map((key) => curve.map((point) => [point.h, point[key]]).filter(isShown));
  const all = curves.flat().map(([, error]) => error);
  const low = Math.min(...all, 1e-3) / 3;
  const high = Math.max(...all, low * 100) * 3;
  const chart = createChart({
    x: { span: [1e-16, 1], title: "h", isLog: true },
    y: { span: [low, high], title: "error", isLog: true },
    label: `The error of both difference quotients for ${node.name} against the step h, both on scales of powers of ten`,
  });
  chart.line(curves[0], "is-dashed");
  chart.line(curves[1], "is-data");
  chart.dot(found.h, Math.abs(found.ahead - node.gradient), "is-before");
  chart.dot(found.h, Math.abs(found.central - node.gradient), "is-now");
  chart.legend([["central", "is-data"], ["forward", "is-dashed"]]);
  chart.text(2e-16, low * 2, "round-off", "is-region");
  chart.text(0.7, low * 2, "truncation", "is-region is-end");
  return chart.svg;
}

/** The names of what hides a dependence from the chain rule, and not from a difference. */
function stopped(trace) {
  return trace.nodes.some((node) => node.operation === "stop_gradient");
}

function verdicts(rows, more, isBroken, isStopped) {
  const isWrong = rows.some(([, { kind }]) => kind === "wrong");
  return [
    h("table", { class: "cg-compared" }, h("caption", {}, "All leaves, at the best h"),
      h("thead", {}, h("tr", {}, ["leaf", "gradient", "difference", h("span", { class: "cg-word" }, "verdict")].map((text) => h("th", { scope: "col" }, text)))),
      h("tbody", {}, rows.map(([node, { kind, numeric }]) => h("tr", { class: kind === "wrong" ? "is-other" : null },
        headOf(node.name), h("td", {}, columnNumber(node.gradient)), h("td", {}, columnNumber(numeric)),
        h("td", { class: `cg-judged is-${kind}` }, h("span", { "aria-hidden": "true" }, VERDICTS[kind][0]), " ", h("span", { class: "cg-word" }, VERDICTS[kind][1]))))),
      more > 0 && h("tfoot", {}, h("tr", {}, h("td", { colspan: 4 }, `and ${more} more`)))),
    isWrong && isBroken && remark("A check does not know what is wrong, but it knows that something is. Switch the bug off, and it agrees."),
    isWrong && !isBroken && isStopped && remark("stop_gradient hides a dependence from the chain rule on purpose; a difference sees it."),
    rows.some(([, { kind }]) => kind === "corner") && remark("At a corner there is no one slope: the central difference takes the mean of both sides, the rule one of what lies between them."),
  ].filter(Boolean);
}
