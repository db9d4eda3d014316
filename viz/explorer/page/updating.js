/** The screen of the update: w ← w − rate × gradient, and the loss before and after. */

import { createChart, spanOf } from "./chart.js";
import { createSlider, headOf, remark, warning, whileAsked } from "./controls.js";
import { h } from "./dom.js";
import { asFactor, boardName, differential, raised, writeNumber } from "./numbers.js";
import { expectedFall, learners, updateOf } from "./update.js";
import { unvary, variantOf, vary } from "./variant.js";

const MOST_ROWS_OF_UPDATE = 10;
const START_RATE = -1; // as a power of ten

export const updating = {
  id: "update",
  title: "Update",
  create(app) {
    const kept = () => app.state().kept.update ?? { power: START_RATE, losses: null };
    const keep = (value) => app.dispatch({ type: "keep", screen: "update", value: { ...kept(), ...value } });
    const rate = () => Number((10 ** kept().power).toPrecision(3));
    const slider = createSlider("Learning rate, as a power of ten", { min: -4, max: 1, step: 0.1, value: kept().power, oninput: (power) => keep({ power }) });
    const written = h("output", { class: "cg-h" });
    const body = h("div", { class: "cg-screen" });
    const one = h("button", { class: "cg-go", onclick: () => go(1) }, "One step");
    const ten = h("button", { onclick: () => go(10) }, "Ten steps");
    const back = h("button", { onclick: () => {
      keep({ losses: null });
      unvary(app);
    } }, "As it was");
    const element = h("div", { class: "cg-screen" },
      h("div", { class: "cg-slide" }, h("label", {}, "rate"), slider, written), body, h("div", { class: "cg-row" }, one, ten, back));
    let isBusy = false;

    /** The trace to go on from: with a bug its gradients are wrong, and so are the steps. */
    async function go(steps) {
      if (isBusy) return;
      isBusy = true;
      try {
        for (let i = 0; i < steps; i += 1) {
          const state = app.state();
          const { leaves } = variantOf(state);
          const start = outputOf(state.trace);
          const next = Object.fromEntries(updateOf(state.trace, rate()).map(({ id, after }) => [id, after]));
          await vary(app, { leaves: { ...leaves, ...next } });
          if (variantOf(app.state()).refusal) break;
          const losses = [...(kept().losses ?? [start]), outputOf(app.state().trace)];
          keep({ losses });
          if (!Number.isFinite(losses.at(-1))) break;
        }
        const { losses } = kept();
        if (losses) app.announce(`After ${losses.length - 1} steps the loss is ${writeNumber(losses.at(-1), 5)}; it was ${writeNumber(losses[0], 5)}.`);
      } finally {
        isBusy = false;
      }
    }

    return {
      element,
      update(state) {
        const asked = whileAsked(state);
        const all = learners(app.trace);
        const isOff = Boolean(asked) || !all.length;
        for (const each of [slider, one, ten]) each.disabled = isOff;
        const { losses } = kept();
        back.disabled = !losses;
        const power = Math.log10(rate());
        written.textContent = Number.isInteger(power) && Math.abs(power) > 2 ? `10${raised(power)}` : writeNumber(rate(), 3);
        slider.setAttribute("aria-valuetext", written.textContent);
        if (isOff) {
          body.replaceChildren(asked ?? remark("This graph has no parameter and no input that could learn."));
          return;
        }
        const { refusal } = variantOf(state);
        body.replaceChildren(...[refusal && warning(refusal), ...content(state, rate(), losses)].filter(Boolean));
      },
    };
  },
};

function outputOf(trace) {
  return trace.node(trace.output).data;
}

function content(state, rate, losses) {
  const { trace } = state;
  const rows = updateOf(trace, rate);
  const shown = rows.slice(0, MOST_ROWS_OF_UPDATE);
  const loss = boardName(trace.name(trace.output));
  const fall = expectedFall(trace, rate);
  return [
    h("p", { class: "cg-formulas is-update" }, h("span", {}, h("var", {}, "w"), " ← ", h("var", {}, "w"), " − rate × ", differential(loss, h("var", {}, loss)), "/d", h("var", {}, "w"))),
    h("table", { class: "cg-compared cg-next" }, h("caption", { class: "cg-unseen" }, "The next step"),
      h("thead", {}, h("tr", {}, ["leaf", "now − rate × gradient", "after"].map((text) => h("th", { scope: "col" }, text)))),
      h("tbody", {}, shown.map(({ name, before, gradient, after }) => h("tr", {},
        headOf(name),
        h("td", {}, `${writeNumber(before, 3)} − ${writeNumber(rate, 3)} × ${asFactor(gradient, 3)}`), h("td", {}, h("strong", {}, writeNumber(after, 4)))))),
      rows.length > shown.length && h("tfoot", {}, h("tr", {}, h("td", { colspan: 3 }, `and ${rows.length - shown.length} more`)))),
    h("p", {}, h("var", {}, loss), " = ", h("strong", {}, writeNumber(outputOf(trace), 6)), losses ? ` after ${losses.length - 1} step${losses.length > 2 ? "s" : ""}, ${writeNumber(losses[0], 6)} before.` : " now."),
    losses ? lossCurve(losses, loss) : remark(`If ${loss} were straight, a step of this size would lower it by rate × the sum of the squared gradients = ${writeNumber(fall, 4)}.`),
    losses && verdictOf(losses),
  ];
}

function verdictOf(losses) {
  const [before, after] = losses.slice(-2);
  if (!Number.isFinite(after)) return warning("The loss is no longer finite: the rate is far too high.");
  if (after > before) return remark("The loss rose: the step went over the valley. A lower rate goes less far.");
  return remark(`The last step lowered the loss by ${writeNumber(before - after, 4)}.`);
}

function lossCurve(losses, name) {
  const points = losses.map((loss, i) => [i, loss]);
  const chart = createChart({
    x: { span: [0, Math.max(5, losses.length - 1)], title: "steps" }, y: { span: spanOf(losses, 1e-6), title: name },
    label: `${name} over ${losses.length - 1} steps, from ${writeNumber(losses[0], 4)} to ${writeNumber(losses.at(-1), 4)}`,
  });
  chart.line(points, "is-data");
  for (const [i, loss] of points) chart.dot(i, loss, i === points.length - 1 ? "is-now" : "is-small");
  return chart.svg;
}
