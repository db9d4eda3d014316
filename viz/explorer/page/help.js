/** The keys, in a dialogue. */

import { h } from "./dom.js";

const KEYS = [
  ["→", "a step"],
  ["←", "undo it"],
  ["Shift →, ←", "a whole node"],
  ["space", "play, pause"],
  ["home, end", "to the start, to the end"],
  ["p", "predict the next number"],
  ["↑, ↓", "select another node"],
  ["+, −, 0", "larger, smaller, the whole or follow"],
  ["?", "these keys"],
];

/** A dialogue that can be shown. */
export function createHelp() {
  const element = h("dialog", { "aria-label": "Keys" },
    h("h2", {}, "Keys"),
    h("dl", {}, KEYS.flatMap(([key, what]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)])),
    h("form", { method: "dialog" }, h("button", {}, "Close")));
  return element;
}
