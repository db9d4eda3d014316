/** What several screens are made of: a slider, the choice of a leaf, what is read off. */

import { h } from "./dom.js";
import { boardName } from "./numbers.js";
import { nextStop } from "./state.js";
import { isLeaf } from "./trace.js";

const UNBROKEN = 9; // letters of a name
const MOST_BUTTONS = 8; // leaves, of which one is chosen; of more, a list

/** A slider whose arrow keys are its own, and no steps: {element, input}. */
export function createSlider(label, { min, max, step, value, oninput }) {
  const input = h("input", { type: "range", min, max, step, "aria-label": label, oninput: () => oninput(Number(input.value)) });
  input.value = value;
  input.addEventListener("keydown", (event) => {
    if (/^(Arrow|Page|Home|End)/.test(event.key)) event.stopPropagation();
  });
  return input;
}

/** What is read off, and its number, one below the other: [[what, content, class], ...]. */
export function readings(rows) {
  return h("dl", { class: "cg-readings" },
    rows.map(([what, content, how]) => h("div", {}, h("dt", {}, what), h("dd", { class: how ?? null }, content))));
}

/** What stands at the head of a leaf's row in a table; short names are not broken. */
export function headOf(name) {
  return h("th", { scope: "row", class: name.length > UNBROKEN ? "is-long" : null }, h("var", {}, boardName(name)));
}

/** A sentence under what is shown. */
export function remark(...content) {
  return h("p", { class: "cg-remark" }, ...content);
}

/** A sentence that stands out, for what cannot be done or is not right. */
export function warning(...content) {
  return h("p", { class: "cg-warning", role: "status" }, ...content);
}

/** Whether a screen would give answers away that are asked for now, and what it says instead. */
export function whileAsked(state) {
  return state.predicting && nextStop(state) !== null
    ? remark("While numbers are asked for, this screen would give them away. Predict to the end, and come back.")
    : null;
}

/**
 * The choice of a leaf: by a button, from a list, or in the picture.
 *
 * Gives {element, update(state), leaf(state) -> its node, or null where there is none}.
 */
export function createLeafChoice(app) {
  const leaves = app.trace.nodes.filter(isLeaf);
  const choose = (id) => app.dispatch({ type: "select", node: id });
  const name = (node) => boardName(node.name);
  const buttons = leaves.length <= MOST_BUTTONS
    ? leaves.map((node) => h("button", { class: `cg-leaf is-${node.kind}`, onclick: () => choose(node.id) }, h("var", {}, name(node))))
    : null;
  const list = buttons ? null : h("select", { "aria-label": "Leaf", onchange: () => choose(list.value) },
    leaves.map((node) => h("option", { value: node.id }, name(node))));
  const element = h("div", { class: "cg-leaves", role: "group", "aria-label": "Leaf" }, buttons ?? list);
  let last = leaves[0] ?? null;
  const leaf = (state) => {
    const selected = state.selected && app.trace.node(state.selected);
    if (selected && isLeaf(selected)) last = selected;
    return last;
  };
  return {
    element,
    leaf,
    update(state) {
      const chosen = leaf(state);
      buttons?.forEach((button, i) => button.setAttribute("aria-pressed", String(leaves[i] === chosen)));
      if (list && chosen) list.value = chosen.id;
    },
  };
}
