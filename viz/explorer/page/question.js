/** Which number is asked next, and in what words. */

import { asFactor, onBoard, writeNumber } from "./numbers.js";
import { nextStop } from "./state.js";
import { derivative } from "./words.js";

const BY_BEAT = ["after", "local", "contribution"]; // the number that each beat of a step backward shows
const BEAT_OF = { local: 1, contribution: 2 }; // and the beat that shows a number; any other comes with the whole step

/**
 * The next number, from where the reader is.
 *
 * Those of a drill are listed in the document: {"index", "asked", "known", "asks"}. Elsewhere it is that of the next stop.
 * Gives {event, asked, known, asks, to: {index, beat}}, where `to` is the place at which the number is there to be seen;
 * or null where nothing is asked: at the end, and of what happens inside of a folded box.
 */
export function questionAt(state, drill = null) {
  return drill ? questionOfDrill(state, drill) : questionOfStop(state);
}

function questionOfStop(state) {
  const stop = nextStop(state);
  if (!stop || stop.box) return null;
  const event = state.trace.events[stop.event];
  const asked = { forward: "result", seed: "gradient" }[event.phase] ?? BY_BEAT[stop.beat];
  return { event, asked, to: { index: stop.index, beat: stop.beat }, ...WORDS_FOR[asked](event, state.trace) };
}

function questionOfDrill(state, drill) {
  const open = drill.find(({ index, asked }) => {
    const to = placeAfter(index, asked);
    return to.index > state.index || (to.index === state.index && to.beat > state.beat);
  });
  if (!open) return null;
  const next = drill[drill.indexOf(open) + 1];
  const to = placeAfter(open.index, open.asked);
  return { ...open, event: state.trace.events[open.index], to: next && next.index > open.index ? placeBefore(next) : to };
}

function placeAfter(index, asked) {
  return asked in BEAT_OF ? { index, beat: BEAT_OF[asked] } : { index: index + 1, beat: 0 };
}

function placeBefore({ index }) {
  return { index, beat: 0 };
}

const WORDS_FOR = {
  result(event, trace) {
    const { formula, name } = trace.node(event.node);
    const numbers = event.operands.map((id, i) => `${trace.name(id)} = ${writeNumber(event.values[i])}`);
    const given = event.operands.filter((id) => trace.node(id).kind !== "constant").length ? [...new Set(numbers)].join(", ") : "";
    return { known: `${name} = ${onBoard(formula)}${given ? ` with ${given}` : ""}`, asks: `What is ${name}?` };
  },
  gradient(event, trace) {
    const name = trace.name(event.node);
    return { known: `The way back starts at the output: how much does ${name} change when ${name} does?`, asks: `What is d${name}/d${name}?` };
  },
  local(event, trace) {
    const { formula, name, operands } = trace.node(event.node);
    const operand = trace.name(event.operand);
    const isRepeated = operands.filter((id) => id === event.operand).length > 1;
    const which = isRepeated ? `, as its operand ${event.position + 1} alone changes` : "";
    return { known: `${name} = ${onBoard(formula)}`, asks: `What is the local derivative d${name}/d${operand}${which}?` };
  },
  contribution(event, trace) {
    const name = trace.name(event.node);
    const operand = trace.name(event.operand);
    return {
      known: `${derivative(trace, event.node)} = ${writeNumber(event.upstream)}, d${name}/d${operand} = ${writeNumber(event.local)}`,
      asks: `What does ${operand} get from ${name}?`,
    };
  },
  after(event, trace) {
    const operand = trace.name(event.operand);
    const gets = `gets ${asFactor(event.contribution)} from ${trace.name(event.node)}`;
    const waits = event.received < event.expected ? " so far" : "";
    const known = event.received > 1 ? `${operand} has ${writeNumber(event.before)} already, and ${gets}` : `${operand} ${gets}`;
    return { known, asks: `What is ${derivative(trace, event.operand)}${waits}?` };
  },
};
