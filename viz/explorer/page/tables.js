/** The trace as it was written so far: forward on the left, backward on the right. */

import { scrollInto } from "./code.js";
import { h } from "./dom.js";
import { boardName, onBoard, writeNumber } from "./numbers.js";
import { typeset } from "./typeset.js";

const MOST_ROWS = 150; // of a table; of more the last are there
const MOST_LETTERS = 9; // letters of a number; of more they are small, or they would lie on the next one

const isLong = (content) => typeof content === "string" && content.split(" ").some((word) => word.length > MOST_LETTERS);

/** The panel of both tables. */
export function createTables(app) {
  const forward = table("Forward", ["node", "computed as", "result"], ["", "cg-formula", ""]);
  const backward = table("Backward",
    ["gradient of", "through", "upstream", "× local", "= adds", "sum so far"], ["", "", "", "", "", ""]);
  backward.element.classList.add("is-back");
  const element = h("section", { class: "cg-tables", "aria-label": "Trace" }, forward.element, backward.element);
  let shown = null;

  function row(state, event, i) {
    const name = (id) => h("var", {}, boardName(state.trace.name(id)));
    const cell = (content) => h("td", { class: isLong(content) ? "is-long" : null }, content);
    const onclick = () => app.dispatch({ type: "goto", index: i + 1 });
    if (event.phase === "forward") {
      const node = state.trace.node(event.node);
      return h("tr", { onclick }, cell(name(event.node)),
        h("td", { class: "cg-formula" }, typeset(onBoard(node?.formula ?? ""), state.trace)), cell(writeNumber(event.result)));
    }
    if (event.phase === "seed") {
      return h("tr", { onclick }, cell(name(event.node)), cell("seed"), cell(""), cell(""), cell("1"), cell(""));
    }
    const isReused = event.expected > 1;
    return h("tr", { onclick }, cell(name(event.operand)), cell(name(event.node)), cell(writeNumber(event.upstream)),
      cell(writeNumber(event.local)), cell(writeNumber(event.contribution)),
      cell(isReused ? `${writeNumber(event.after)} (${event.received}/${event.expected})` : ""));
  }

  return {
    element,
    update(state) {
      const { trace, index } = state;
      const isOther = shown && shown.trace !== trace && shown.index === index; // the same steps of other numbers
      if (!shown || shown.trace !== trace || index < shown.index) {
        forward.clear();
        backward.clear();
        shown = { trace, index: 0 };
      }
      for (let i = Math.max(shown.index, index - 2 * MOST_ROWS); i < index; i += 1) {
        const event = trace.events[i];
        if (event.operand && trace.node(event.operand)?.kind === "constant") continue;
        (event.phase === "forward" ? forward : backward).add(row(state, event, i));
      }
      shown = { trace, index };
      const event = trace.events[state.stop.event];
      const isDone = event && state.beat === 0;
      forward.light(isDone && event.phase === "forward", isOther);
      backward.light(isDone && event.phase !== "forward", isOther);
    },
    /** Scroll to what was written last, once all of the page is up to date. */
    follow() {
      forward.follow();
      backward.follow();
    },
  };
}

function table(title, headings, classes) {
  const body = h("tbody");
  const nothing = h("p", { class: "cg-nothing" }, "not yet");
  const element = h("div", { tabindex: 0, role: "region", "aria-label": title },
    h("table", {}, h("caption", { class: "cg-unseen" }, title),
      h("thead", {}, h("tr", {}, headings.map((heading, i) => h("th", { scope: "col", class: classes[i] || null }, heading)))), body), nothing);
  let lit = null;
  let scrollsTo = null;
  return {
    element,
    clear() {
      body.replaceChildren();
      nothing.hidden = false;
    },
    add(tr) {
      body.append(tr);
      nothing.hidden = true;
      if (body.children.length > MOST_ROWS) body.firstChild.remove();
    },
    light(on, isInPlace) {
      lit?.classList.remove("is-now");
      lit = on ? body.lastElementChild : null;
      lit?.classList.add("is-now");
      scrollsTo = isInPlace ? null : lit;
    },
    follow() {
      if (scrollsTo) scrollInto(element, scrollsTo);
      scrollsTo = null;
    },
  };
}
