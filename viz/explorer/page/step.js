/** The screen of the step: what happens now, beat by beat, and all there is to know of a node. */

import { h } from "./dom.js";
import { boardName, onBoard, writeNumber } from "./numbers.js";
import { typeset, unbroken } from "./typeset.js";
import { accumulation, derivative, localRule, move, timesUpstream, waiting } from "./words.js";

export const step = {
  id: "step",
  title: "Step",
  create({ document }) {
    const element = h("div", { class: "cg-step" });
    return {
      element,
      update(state) {
        const event = state.trace.events[state.stop.event];
        element.replaceChildren(...[...now(state, event, document), facts(state, event)].filter(Boolean));
      },
    };
  },
};

function now(state, event, document) {
  const { trace, stop } = state;
  if (!event) {
    return [
      h("p", { class: "cg-remark" }, "Forward, every node is computed from its operands. Backward, every node hands its gradient on to them. Press the right arrow for a step, and the left one to undo it."),
      document.is_part && h("p", { class: "cg-remark" }, "This graph is too big to walk through every step of it: what is drawn is told of, and what is next to that."),
    ];
  }
  if (stop.box) {
    return [h("p", { class: "cg-remark" }, "These steps happen inside of one box. ", stop.opens && "Open it by its plus, and walk through it number by number.")];
  }
  if (event.phase === "forward") return [formulas(trace, event)];
  if (event.phase === "seed") {
    return [
      h("div", { class: "cg-formulas is-seed" }, h("span", {}, typeset(onBoard(event.sentence), trace))),
      h("p", { class: "cg-remark" }, h("strong", {}, "Why 1? "), "A gradient says how much the output changes for a small change of a node. If that node is the output itself, it changes by just as much: the ratio is 1."),
    ];
  }
  return [beats(state, event), ...remarks(state, event)];
}

function formulas(trace, event) {
  const [name, ...rest] = onBoard(event.sentence).split(" = ");
  return h("div", { class: "cg-formulas" },
    h("span", {}, typeset(`${name} = ${rest[0]}`, trace)),
    rest.slice(1).map((part) => h("span", {}, typeset(`= ${part}`, trace))));
}

function beats(state, event) {
  const { trace, stop } = state;
  const reached = stop.beat || 3;
  const items = [
    ["local rule", localRule(trace, event)],
    ["times upstream", timesUpstream(event)],
    [`accumulate into ${derivative(trace, event.operand)}`, accumulation(event)],
  ];
  return h("ol", { class: "cg-beats" }, items.map(([what, formula], i) => {
    const isDone = i < reached;
    return h("li", { class: `${isDone ? "is-done" : ""}${i === reached - 1 ? " is-now" : ""}` },
      h("span", { class: "cg-what" }, typeset(what, trace)),
      h("span", { class: "cg-sum" }, isDone ? typeset(formula, trace) : "…"));
  }));
}

function remarks({ trace, stop }, event) {
  const words = move(event.operation);
  const wait = stop.beat === 0 && waiting(trace, event);
  return [
    words && h("p", { class: "cg-remark" }, h("strong", {}, `${words[0]}: `), words[1]),
    event.expected > 1 && h("p", { class: "cg-waiting" }, dots(event, stop), h("span", {}, typeset(
      wait || (stop.beat === 0 ? `all ${event.expected} contributions to ${trace.name(event.operand)} are in: now it can go on.` : `${trace.name(event.operand)} is used ${event.expected} times: its contributions add up.`), trace))),
  ];
}

function dots(event, stop) {
  const received = stop.beat === 0 ? event.received : event.received - 1;
  if (event.expected > 8) return null;
  return h("span", { class: "cg-dots", "aria-hidden": "true" },
    Array.from({ length: event.expected }, (_, i) => h("i", { class: i < received ? "is-in" : null })));
}

function facts(state, event) {
  const { trace, known } = state;
  const node = trace.node(state.selected ?? event?.operand ?? event?.node ?? trace.output);
  if (!node) return null;
  const data = known.data.get(node.id);
  const gradient = known.gradient.get(node.id);
  const rows = [
    node.formula && ["computed as", typeset(onBoard(node.formula), trace)],
    ["data", writeNumber(data, 9), data === undefined ? "is-unknown" : "is-data"],
    node.kind !== "constant" && ["gradient", writeNumber(gradient, 9), gradient === undefined ? "is-unknown" : "is-grad"],
    node.parts.length && ["in", node.parts.join(", ")],
    node.uses > 1 && ["used", `${node.uses} times`],
    node.source && ["line", [`${node.source.line}: `, ...unbroken(node.source.text)]],
  ].filter(Boolean);
  return h("div", { class: "cg-node" },
    h("h3", {}, boardName(node.name), h("small", {}, node.kind === "operation" ? node.operation : node.kind)),
    h("dl", { class: "cg-facts" }, rows.flatMap(([term, text, how]) => [h("dt", {}, term), h("dd", { class: how ?? null }, text)])),
    contributions(state, node));
}

function contributions({ trace, known }, node) {
  const terms = [...known.edges.values()].filter((event) => event.operand === node.id);
  if (node.uses < 2 || !terms.length || node.kind === "constant") return null;
  return h("ul", { class: "cg-parts-of-sum", "aria-label": "contributions" }, terms.map((event) =>
    h("li", {}, h("span", {}, "through ", h("var", {}, boardName(trace.name(event.node)))), h("span", {}, timesUpstream(event)))));
}
