/** The user's code on the left: a line and its nodes highlight each other. */

import { h } from "./dom.js";
import { unbroken } from "./typeset.js";

function fileName(file) {
  const cell = /ipykernel_\d+/.test(file);
  return cell ? "notebook" : file.split(/[\\/]/).at(-1);
}

/** The panel of code. */
export function createCode(app) {
  const lines = new Map(); // "file:line" -> its element
  const made = new Map(); // "file:line" -> the nodes that were made there
  for (const node of app.trace.nodes) {
    if (!node.source) continue;
    const place = placeOf(node.source);
    made.set(place, [...(made.get(place) ?? []), node.id]);
  }
  const runs = app.document.code.map((run, i) => {
    const isFirst = i === 0 || app.document.code[i - 1].file !== run.file;
    return h("div", { class: "cg-run" },
      isFirst && h("p", { class: "cg-file" }, fileName(run.file)),
      dedented(run.lines).map((text, j) => line(`${run.file}:${run.first + j}`, run.first + j, text)));
  });
  const element = h("section", { class: "cg-code", "aria-label": "Code", tabindex: 0 },
    h("h2", { class: "cg-heading" }, "Code"), runs.length ? runs : h("p", { class: "cg-file" }, "The lines are not known."));
  let lit = [];
  let current = null; // the line of what happens now
  let scrolledTo = null;

  function line(place, number, text) {
    const nodes = made.get(place);
    const inside = [h("span", { class: "cg-number-of-line" }, String(number)), h("code", {}, unbroken(text || " "))];
    if (!nodes) return h("div", { class: "cg-lineless" }, inside);
    const button = h("button", {
      onclick: () => app.dispatch({ type: "select", node: nodes.at(-1) }),
      onpointerenter: () => app.dispatch({ type: "point", nodes }),
      onpointerleave: () => app.dispatch({ type: "point", nodes: [] }),
    }, inside);
    lines.set(place, button);
    return button;
  }

  return {
    element,
    update(state) {
      for (const each of lit) each.classList.remove("is-forward", "is-backward", "is-pointed");
      lit = [];
      const light = (id, how) => {
        const source = id && state.trace.node(id)?.source;
        const button = source && lines.get(placeOf(source));
        if (!button) return null;
        button.classList.add(how);
        lit.push(button);
        return button;
      };
      for (const id of state.pointed) light(id, "is-pointed");
      if (state.selected) light(state.selected, "is-pointed");
      const event = state.trace.events[state.stop.event];
      current = event && light(event.node, event.phase === "forward" ? "is-forward" : "is-backward");
    },
    /** Scroll to it, once all of the page is up to date. */
    follow() {
      if (current && current !== scrolledTo) scrollInto(element, current);
      scrolledTo = current;
    },
  };
}

function placeOf(source) {
  return `${source.file}:${source.line}`;
}

function dedented(lines) {
  const indents = lines.filter((text) => text.trim()).map((text) => text.length - text.trimStart().length);
  const least = Math.min(...indents, 40);
  return lines.map((text) => text.slice(least));
}

/** Scroll a panel, and nothing around it, until an element in it is seen. */
export function scrollInto(panel, element) {
  const outer = panel.getBoundingClientRect();
  const inner = element.getBoundingClientRect();
  if (inner.top < outer.top + 34) panel.scrollTop -= outer.top + 34 - inner.top;
  else if (inner.bottom > outer.bottom) panel.scrollTop += inner.bottom - outer.bottom + 4;
}
