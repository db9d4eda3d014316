/** What is said of each step: the trace's own sentence, and of each beat its part of it. */

import { asFactor, onBoard, writeNumber } from "./numbers.js";

/** dL/dw as it is on the board. */
export function derivative(trace, below, above = trace.output) {
  return `d${trace.name(above)}/d${trace.name(below)}`;
}

/** The sentence of where the reader is. */
export function narration(state) {
  const { trace, stop } = state;
  const event = trace.events[stop.event];
  if (!event) return "The numbers at the leaves are given. Step to compute the first operation.";
  if (stop.box) return boxSentence(state);
  if (event.phase === "seed") return `${onBoard(event.sentence)}: the output changes exactly as much as itself.`;
  if (event.phase === "forward" || stop.beat === 0) return onBoard(event.sentence);
  const local = `d${trace.name(event.node)}/d${trace.name(event.operand)}`;
  const rule = onBoard(event.rule);
  const number = writeNumber(event.local);
  if (stop.beat === 1) return `Local rule: ${local} = ${rule === number ? number : `${rule} = ${number}`}`;
  const upstream = writeNumber(event.upstream);
  return `Times upstream: ${derivative(trace, event.node)} × ${local} = ${upstream} × ${asFactor(event.local)} = ${writeNumber(event.contribution)}`;
}

function boxSentence({ trace, stop }) {
  const event = trace.events[stop.event];
  const count = stop.event - stop.first + 1;
  const steps = count === 1 ? "1 step" : `${count.toLocaleString("en")} steps`;
  const title = trace.node(event.node)?.parts.join(", ") || "what is folded";
  return `${title}: ${steps} ${event.phase}. Open the box to see them one by one.`;
}

const MOVES = {
  add: "Addition distributes: each operand gets the gradient unchanged.",
  total: "A sum distributes: each operand gets the gradient unchanged.",
  sub: "Subtraction passes the gradient on, with its sign turned for what is subtracted.",
  neg: "Negation turns the sign.",
  mul: "Multiplication swaps: each operand gets the gradient times the other one.",
  dot: "Multiplication swaps: a weight gets the gradient times its input, an input times its weight.",
  maximum: "The maximum routes: the gradient goes to the largest operand alone.",
  minimum: "The minimum routes: the gradient goes to the smallest operand alone.",
  relu: "relu is a gate: it lets the gradient through where its input is above 0.",
};

/** How an operation hands gradients on, in a sentence; "" where there is none for it. */
export function move(operation) {
  return MOVES[operation] ?? "";
}
