/** Text with its variables in italics, as on the board. */

import { h } from "./dom.js";
import { boardName } from "./numbers.js";

const WORD = /([A-Za-z_]\w*(?:\[[\d,]+\])?)/;
const OF_A_GRAPH = /^(v\d+(_\d+)?|.*\])$/; // what nodes are called that a trace of a part does not tell of
const POWER = /([+-]?\d[\d.]*[eE][+-]?\d+)/;

/** The pieces of a line of code, in which no number with a power of ten is broken. */
export function unbroken(code) {
  return code.split(POWER).map((piece, i) => (i % 2 ? h("span", { class: "cg-nowrap" }, piece) : piece));
}

/** The pieces of a text, in which the names of a trace's nodes are set as variables. */
export function typeset(text, trace) {
  const isName = (word) => trace.names.has(word) || OF_A_GRAPH.test(word);
  const variable = (name) => h("var", {}, boardName(name));
  return text.split(WORD).map((piece) => {
    if (trace.names.has(piece)) return variable(piece);
    if (piece[0] === "d" && isName(piece.slice(1))) return h("span", {}, "d", variable(piece.slice(1)));
    return isName(piece) ? variable(piece) : piece;
  });
}
