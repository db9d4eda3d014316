/** The screen on which a leaf is dragged: the change of the output over the change of the leaf, beside the gradient. */

import { createChart, spanOf } from "./chart.js";
import { createLeafChoice, createSlider, remark, warning, whileAsked } from "./controls.js";
import { h } from "./dom.js";
import { asFactor, boardName, differential, readNumber, writeNumber } from "./numbers.js";
import { readTrace } from "./trace.js";
import { isVaried, unvary, variantOf, vary } from "./variant.js";

const POINTS = 81; // of the curve
const FINENESS = 200; // steps of the slider to either side

export const nudge = {
  id: "nudge",
  title: "Nudge",
  create(app) {
    const choice = createLeafChoice(app);
    const body = h("div", { class: "cg-screen" });
    const element = h("div", { class: "cg-screen" }, choice.element, body);
    let known = { key: null }; // {key, leaf, base, curve, refusal}: what is asked for once for each leaf
    let parts = null;

    /** The numbers of the other leaves that are not those of the document. */
    const othersOf = (state, leaf) => Object.fromEntries(Object.entries(variantOf(state).leaves).filter(([id]) => id !== leaf.id));
    const keyOfBase = (state, leaf) => `${leaf.id} ${JSON.stringify(othersOf(state, leaf))}`;

    async function ask(state, leaf, key) {
      const others = othersOf(state, leaf);
      const x = leaf.data;
      const reach = Math.max(1, Math.abs(x));
      const xs = Array.from({ length: POINTS }, (_, i) => x + reach * ((2 * i) / (POINTS - 1) - 1));
      known = { key, leaf, reach, base: null, curve: null, refusal: "" };
      const [start, found] = await Promise.all([
        Object.keys(others).length ? app.request("nudge", { leaves: others }) : {},
        app.request("outputs", { points: xs.map((each) => ({ ...others, [leaf.id]: each })) }),
      ]);
      if (known.key !== key) return;
      known.refusal = start.refusal ?? found.refusal ?? "";
      if (!known.refusal) {
        known.base = start.trace ? readTrace(start.trace) : app.trace;
        known.curve = xs.map((each, i) => [each, readNumber(found.outputs[i])]);
      }
      build(leaf);
      show(app.state());
    }

    function move(leaf, x) {
      const others = othersOf(app.state(), leaf);
      return vary(app, { leaves: x === leaf.data ? others : { ...others, [leaf.id]: x } });
    }

    function build(leaf) {
      const { reach } = known;
      const name = boardName(leaf.name);
      const [min, max] = [leaf.data - reach, leaf.data + reach];
      const slider = createSlider(`${leaf.name}, dragged`, { min, max, step: "any", value: leaf.data, oninput: (x) => move(leaf, x) });
      slider.addEventListener("keydown", async (event) => {
        const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 20, PageDown: -20 }[event.key];
        if (!by) return; // with any step a browser has a size of its own for these
        event.preventDefault();
        await move(leaf, Math.min(max, Math.max(min, tidy(at(app.state(), leaf) + (by * reach) / FINENESS))));
        app.announce(inWords(app.state(), leaf));
      });
      slider.addEventListener("change", () => app.announce(inWords(app.state(), leaf)));
      const field = h("input", { type: "text", inputmode: "text", "aria-label": `${leaf.name}, as a number`, onchange: () => {
        const x = Number(field.value.replace("−", "-").replace(",", "."));
        if (field.value.trim() && Number.isFinite(x)) move(leaf, x);
        else show(app.state());
      } });
      field.addEventListener("keydown", (event) => event.stopPropagation());
      const ratio = h("div", { class: "cg-ratio" });
      const picture = h("div", { class: "cg-drag", onpointerdown: grab, onpointermove: drag });
      const halve = h("button", { onclick: () => {
        const x = at(app.state(), leaf);
        move(leaf, leaf.data + (x - leaf.data) / 2);
      } }, "Halve the change");
      const reset = h("button", { onclick: () => unvary(app) }, "As it was");
      parts = { slider, field, ratio, picture, halve, reset, chart: null };

      function grab(event) {
        event.preventDefault();
        picture.setPointerCapture(event.pointerId);
        drag(event);
      }
      function drag(event) {
        if (!picture.hasPointerCapture(event.pointerId) || !parts.chart) return;
        const box = parts.chart.svg.getBoundingClientRect();
        const { left, right, width } = parts.chart.frame;
        const share = (((event.clientX - box.left) / box.width) * width - left) / (right - left);
        move(leaf, tidy(Math.min(max, Math.max(min, min + share * (max - min)))));
      }

      body.replaceChildren(...(known.refusal ? [warning(known.refusal)] : [
        h("div", { class: "cg-slide" }, h("label", {}, h("var", {}, name)), slider, field),
        ratio, picture, h("div", { class: "cg-row" }, halve, reset),
        remark("Drag the slider, the point, or the leaf in the picture. The gradient is the slope of the tangent, dashed: the smaller the change, the nearer the ratio comes to it."),
      ]));
    }

    function at(state, leaf) {
      return Number(variantOf(state).leaves[leaf.id] ?? leaf.data);
    }

    function inWords(state, leaf) {
      const { base } = known;
      const output = boardName(base.name(base.output));
      const [x, y] = [at(state, leaf), outputNow(state)];
      const [dx, dy] = [x - leaf.data, y - base.node(base.output).data];
      if (dx === 0) return `${boardName(leaf.name)} is where it was.`;
      return `${boardName(leaf.name)} changes by ${writeNumber(dx, 4)}, ${output} by ${writeNumber(dy, 4)}: the ratio is ${writeNumber(dy / dx, 5)}, the gradient ${writeNumber(base.node(leaf.id).gradient, 5)}.`;
    }

    function outputNow(state) {
      const { right } = variantOf(state);
      const trace = right ?? app.trace;
      return trace.node(trace.output).data;
    }

    function show(state) {
      const { leaf, base, curve } = known;
      if (!base || !parts) return;
      const x = at(state, leaf);
      const y = outputNow(state);
      const y0 = base.node(base.output).data;
      const { gradient } = base.node(leaf.id);
      const [dx, dy] = [x - leaf.data, y - y0];
      const names = [boardName(base.name(base.output)), boardName(leaf.name)];
      parts.slider.value = x;
      parts.slider.setAttribute("aria-valuetext", writeNumber(x));
      if (document.activeElement !== parts.field) parts.field.value = writeNumber(x);
      parts.halve.disabled = dx === 0;
      parts.reset.disabled = !isVaried(state);
      parts.ratio.replaceChildren(...ratioOf(names, dx, dy, gradient));
      parts.chart = drawn(names, leaf.data, x, y0, y, gradient, curve);
      parts.picture.replaceChildren(parts.chart.svg);
    }

    return {
      element,
      update(state) {
        choice.update(state);
        const leaf = choice.leaf(state);
        const asked = whileAsked(state);
        const note = !leaf ? remark("This graph has no input and no parameter that could be nudged.") : asked;
        if (note) {
          known = { key: null };
          body.replaceChildren(note);
          return;
        }
        const key = keyOfBase(state, leaf);
        if (known.key !== key) ask(state, leaf, key);
        else show(state);
      },
    };
  },
};

/** Without the digits that dragging adds and nobody wants. */
function tidy(x) {
  return Number(x.toPrecision(4));
}

function ratioOf([output, leaf], dx, dy, gradient) {
  const fraction = (above, below) => h("span", { class: "cg-fraction" }, h("span", {}, above), h("span", {}, below));
  const change = (name) => h("span", {}, "change of ", h("var", {}, name));
  const isMoved = dx !== 0;
  return [
    h("div", { class: "cg-side-by-side" },
      h("div", { class: "is-data" }, h("small", {}, "nudged"),
        fraction(change(output), change(leaf)),
        isMoved ? h("span", { class: "cg-nowrap" }, "= ", fraction(writeNumber(dy, 5), writeNumber(dx, 5))) : h("span", {}, "= ?"),
        h("strong", {}, isMoved ? writeNumber(dy / dx, 6) : "drag the slider")),
      h("div", { class: "is-grad" }, h("small", {}, "the gradient"),
        fraction(h("span", {}, differential(output, h("var", {}, output))), h("span", {}, differential(leaf, h("var", {}, leaf)))),
        h("strong", {}, writeNumber(gradient, 6)))),
    isMoved && remark("To be expected was ", `${writeNumber(gradient, 5)} × ${asFactor(dx, 5)} = ${writeNumber(gradient * dx, 5)}; `, h("var", {}, output), ` changed by ${writeNumber(dy, 5)}.`),
  ].filter(Boolean);
}

function drawn([output, leaf], x0, x, y0, y, gradient, curve) {
  const ys = [...curve.map((point) => point[1]), y0, y];
  const chart = createChart({
    x: { span: [curve[0][0], curve.at(-1)[0]], title: leaf },
    y: { span: spanOf(ys, 1e-3), title: output },
    label: `${output} as a function of ${leaf}, with its tangent where it was`,
  });
  const [from, to] = [curve[0][0], curve.at(-1)[0]];
  const along = (slope) => (at) => [at, y0 + slope * (at - x0)];
  chart.line(curve, "is-data");
  if (Number.isFinite(gradient)) chart.line([from, to].map(along(gradient)), "is-grad is-dashed");
  if (x !== x0 && Number.isFinite(y)) chart.line([from, to].map(along((y - y0) / (x - x0))), "is-secant");
  chart.dot(x0, y0, "is-before");
  chart.dot(x, y, "is-now");
  return chart;
}
