/** Which number is asked next, and in what words. */

import { asFactor, few, onBoard, ratio, writeNumber } from "./numbers.js";
import { nextStop } from "./state.js";
import { derivative } from "./words.js";

const BY_BEAT = ["after", "local", "contribution"]; // the number that each beat of a step backward shows
const MOST_NUMBERS = 12; // of operands; of more the first and the last are listed
const ORDINALS = ["first", "second", "third"];
const BEAT_OF = { local: 1, contribution: 2 }; // and the beat that shows a number; any other comes with the whole step

/**
 * The next number, from where the reader is.
 *
 * Those of a drill are listed in the document: {"index", "asked", "known", "asks", "told"}. Elsewhere it is that of the next stop.
 * Gives {event, asked, known, asks, told, to: {index, beat}}: what is known and asked, what is said once the number is
 * there, and the place at which it is to be seen; or null where nothing is asked: at the end, and of what happens inside of a folded box.
 */
export function questionAt(state, drill = null) {
  return drill ? questionOfDrill(state, drill) : questionOfStop(state);
}

function questionOfStop(state) {
  const stop = nextStop(state);
  if (!stop || stop.box) return null;
  const event = state.trace.events[stop.event];
  const asked = { forward: "result", seed: "gradient" }[event.phase] ?? BY_BEAT[stop.beat];
  const to = { index: stop.index, beat: stop.beat };
  return { event, asked, to, told: tellOf(event, asked), ...WORDS_FOR[asked](event, state.trace) };
}

/** The sentence of a whole step; of a part of one it is what comes next. */
function tellOf(event, asked) {
  return asked in BEAT_OF ? "" : onBoard(event.sentence);
}

function questionOfDrill(state, drill) {
  const isOpen = ({ index, asked }) => isBefore(state, placeAfter(index, asked));
  const open = drill.find(isOpen);
  if (!open) return null;
  const next = drill[drill.indexOf(open) + 1];
  const isLast = next && next.index > open.index;
  const place = isLast ? { index: next.index, beat: 0 } : placeAfter(open.index, open.asked);
  const { index, beat } = state.stops.find((stop) => !isBefore(stop, place)) ?? state.stops.at(-1);
  return { ...open, event: state.trace.events[open.index], to: { index, beat } };
}

function placeAfter(index, asked) {
  return asked in BEAT_OF ? { index, beat: BEAT_OF[asked] } : { index: index + 1, beat: 0 };
}

function isBefore(a, b) {
  return a.index < b.index || (a.index === b.index && a.beat < b.beat);
}

const WORDS_FOR = {
  result(event, trace) {
    const { formula, name } = trace.node(event.node);
    const numbers = event.operands.flatMap((id, i) =>
      trace.node(id)?.kind === "constant" ? [] : [`${trace.name(id)} = ${writeNumber(event.values[i])}`]);
    const given = few([...new Set(numbers)], MOST_NUMBERS).join(", ");
    return { known: `${name} = ${onBoard(formula)}${given ? ` with ${given}` : ""}`, asks: `What is ${name}?` };
  },
  gradient(event, trace) {
    const name = trace.name(event.node);
    return { known: `The way back starts at the output: how much does ${name} change when ${name} does?`, asks: `What is ${ratio(name, name)}?` };
  },
  local(event, trace) {
    const { formula, name, operands } = trace.node(event.node);
    const operand = trace.name(event.operand);
    const isRepeated = operands.filter((id) => id === event.operand).length > 1;
    const which = isRepeated ? `, as its ${ORDINALS[event.position] ?? `${event.position + 1}th`} operand alone changes` : "";
    return { known: `${name} = ${onBoard(formula)}`, asks: `What is the local derivative ${ratio(name, operand)}${which}?` };
  },
  contribution(event, trace) {
    const name = trace.name(event.node);
    const operand = trace.name(event.operand);
    return {
      known: `${derivative(trace, event.node)} = ${writeNumber(event.upstream)}, ${ratio(name, operand)} = ${writeNumber(event.local)}`,
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
