/** Text with its variables in italics, as on the board. */

import { h } from "./dom.js";
import { boardName } from "./numbers.js";

const WORD = /([A-Za-z_]\w*(?:\[[\d,]+\])?)/;
const POWER = /([+-]?\d[\d.]*[eE][+-]?\d+)/;

/** The pieces of a line of code, in which no number with a power of ten is broken. */
export function unbroken(code) {
  return code.split(POWER).map((piece, i) => (i % 2 ? h("span", { class: "cg-nowrap" }, piece) : piece));
}

/** The pieces of a text, in which the names of a trace's nodes are set as variables. */
export function typeset(text, trace) {
  return text.split(WORD).map((piece) => {
    if (trace.names.has(piece)) return h("var", {}, boardName(piece));
    if (piece[0] === "d" && trace.names.has(piece.slice(1))) return h("span", {}, "d", h("var", {}, boardName(piece.slice(1))));
    return piece;
  });
}
