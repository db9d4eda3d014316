/** What is said of each step: the trace's own sentence, and of each beat its part of it. Plain text, as on the board. */

import { asFactor, onBoard, ratio, writeNumber } from "./numbers.js";

/** The derivative of what is above with respect to what is below, by their ids: dL/dw. */
export function derivative(trace, below, above = trace.output) {
  return ratio(trace.name(above), trace.name(below));
}

/** The local derivative of an event, and by which rule: "dv3/da = b = −3". */
export function localRule(trace, event) {
  const number = writeNumber(event.local);
  const rule = onBoard(event.rule);
  return `${derivative(trace, event.operand, event.node)} = ${rule === number ? number : `${rule} = ${number}`}`;
}

/** What goes back along an event's arrow: "1 × (−3) = −3". */
export function timesUpstream(event) {
  return `${writeNumber(event.upstream)} × ${asFactor(event.local)} = ${writeNumber(event.contribution)}`;
}

/** How a gradient grows by an event: "0 + (−3) = −3". */
export function accumulation(event) {
  return `${writeNumber(event.before)} + ${asFactor(event.contribution)} = ${writeNumber(event.after)}`;
}

/** Whom a reused node still waits for; "" where all is in. */
export function waiting(trace, event) {
  const left = event.expected - event.received;
  if (event.phase !== "backward" || left === 0) return "";
  return `${trace.name(event.operand)} is used ${event.expected} times: still waiting for ${left} of ${event.expected}.`;
}

/** The sentence of where the reader is. */
export function narration(state) {
  const { trace, stop } = state;
  const event = trace.events[stop.event];
  if (!event) return "The leaves are given. Step to compute what is made of them.";
  if (stop.box) return boxSentence(state);
  if (event.phase === "seed") return `${onBoard(event.sentence)}: the output changes exactly as much as itself.`;
  if (event.phase === "forward") return onBoard(event.sentence);
  if (stop.beat === 1) return `Local rule: ${localRule(trace, event)}`;
  const local = derivative(trace, event.operand, event.node);
  if (stop.beat === 2) return `Times upstream: ${derivative(trace, event.node)} × ${local} = ${timesUpstream(event)}`;
  return onBoard(event.sentence);
}

function boxSentence({ trace, stop }) {
  const event = trace.events[stop.event];
  const count = stop.event - stop.first + 1;
  const steps = count === 1 ? "1 step" : `${count.toLocaleString("en")} steps`;
  const where = stop.box === "rest" ? "what is not drawn" : stop.box;
  return `${where}: ${steps} ${event.phase}.${stop.opens ? " Open the box to see them one by one." : ""}`;
}

/** In three words where the reader is: "forward", "seed", "backward", or "start". */
export function phaseOf(state) {
  return state.trace.events[state.stop.event]?.phase ?? "start";
}

const MOVES = {
  add: ["Addition distributes", "each operand gets the gradient unchanged."],
  total: ["A sum distributes", "each operand gets the gradient unchanged."],
  sub: ["Subtraction distributes", "unchanged to the first operand, with its sign turned to the second."],
  neg: ["Negation turns the sign", "and that is all."],
  mul: ["Multiplication swaps", "each operand gets the gradient times the other one."],
  dot: ["Multiplication swaps", "a weight gets the gradient times its input, an input times its weight."],
  maximum: ["The maximum routes", "the gradient goes to the largest operand alone."],
  minimum: ["The minimum routes", "the gradient goes to the smallest operand alone."],
  relu: ["relu is a gate", "the gradient comes through where the input is above 0, and not at all elsewhere."],
  exp: ["exp is its own derivative", "the gradient is multiplied by the result."],
  tanh: ["tanh squashes", "the flatter the curve, the less of the gradient comes through."],
  sigmoid: ["sigmoid squashes", "at most a quarter of the gradient comes through."],
  logsumexp: ["logsumexp shares out", "each operand gets its share of softmax."],
};

/** How an operation hands gradients on: [in a few words, the rest of the sentence]; null where there is no word for it. */
export function move(operation) {
  return MOVES[operation] ?? null;
}
