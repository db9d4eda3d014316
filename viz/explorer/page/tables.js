/** The trace as it was written so far: forward on the left, backward on the right. */

import { scrollInto } from "./code.js";
import { h } from "./dom.js";
import { boardName, clipped, columnNumber, onBoard, shortened } from "./numbers.js";
import { typeset } from "./typeset.js";

const LONGEST_NAME = 16; // letters of a name
const MOST_ROWS = 150; // of a table; of more the last are there
const MOST_KEPT = 1000; // rows that are kept ready
const FIRST = 30; // rows, more than are seen: the ones before them come later, so that nobody waits for them
const LATER = 150; // milliseconds
const OPERANDS = [5, 2]; // that a formula is written with; of more the first ones and the last

/** The panel of both tables. */
export function createTables(app) {
  const forward = table("Forward", ["node", "computed as", "result"], ["", "cg-formula", ""]);
  const backward = table("Backward",
    ["gradient of", "through", "upstream", "× local", "= adds", "sum so far"], ["", "", "", "", "", ""]);
  backward.element.classList.add("is-back");
  const element = h("section", { class: "cg-tables", "aria-label": "Trace" }, forward.element, backward.element);
  let listed = null; // {trace, forward, backward}: the indices of the events of each table
  let at = null; // the index at which this was last shown
  const rows = new Map(); // the index of an event -> its row

  function rowOf(state, i) {
    if (!rows.has(i)) rows.set(i, row(state, state.trace.events[i], i));
    return rows.get(i);
  }

  /** The last of some events that have happened before an index. */
  function lastOf(events, index) {
    const end = events.findLastIndex((i) => i < index) + 1;
    return events.slice(Math.max(0, end - MOST_ROWS), end);
  }

  function row(state, event, i) {
    const name = (id) => {
      const whole = boardName(state.trace.name(id));
      const [first, ...rest] = clipped(whole, LONGEST_NAME).split(",");
      return h("var", { title: whole.length > LONGEST_NAME ? whole : null }, first, ...rest.flatMap((piece) => [",", h("wbr", {}), piece]));
    };
    const cell = (...content) => h("td", {}, content);
    const onclick = () => app.dispatch({ type: "goto", index: i + 1 });
    if (event.phase === "forward") {
      const node = state.trace.node(event.node);
      return h("tr", { onclick }, cell(name(event.node)),
        h("td", { class: "cg-formula" }, typeset(onBoard(shortened(node?.formula ?? "", ...OPERANDS)), state.trace)), cell(columnNumber(event.result)));
    }
    if (event.phase === "seed") {
      return h("tr", { onclick }, cell(name(event.node)), cell("seed"), cell(""), cell(""), cell("1"), cell(""));
    }
    const isReused = event.expected > 1;
    return h("tr", { onclick }, cell(name(event.operand)), cell(name(event.node)), cell(columnNumber(event.upstream)),
      cell(columnNumber(event.local)), cell(columnNumber(event.contribution)),
      isReused ? cell(columnNumber(event.after), " ", h("small", {}, `(${event.received}/${event.expected})`)) : cell(""));
  }

  return {
    element,
    update(state) {
      const { trace, index } = state;
      const isOther = listed && listed.trace !== trace && at === index; // the same steps of other numbers
      if (listed?.trace !== trace || rows.size > MOST_KEPT) rows.clear();
      if (listed?.trace !== trace) listed = { trace, ...listOf(trace) };
      if (at !== index || isOther) {
        forward.show(lastOf(listed.forward, index), (i) => rowOf(state, i));
        backward.show(lastOf(listed.backward, index), (i) => rowOf(state, i));
      }
      at = index;
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

/** The indices of the events that each table tells of; what goes back to constants, nobody needs. */
function listOf(trace) {
  const told = trace.events.flatMap((event, i) => (trace.node(event.operand)?.kind === "constant" ? [] : [i]));
  const isForward = (i) => trace.events[i].phase === "forward";
  return { forward: told.filter(isForward), backward: told.filter((i) => !isForward(i)) };
}

function table(title, headings, classes) {
  const body = h("tbody");
  const nothing = h("p", { class: "cg-nothing" }, "not yet");
  const element = h("div", { tabindex: 0, role: "region", "aria-label": title },
    h("table", {}, h("caption", { class: "cg-unseen" }, title),
      h("thead", {}, h("tr", {}, headings.map((heading, i) => h("th", { scope: "col", class: classes[i] || null }, heading)))), body), nothing);
  let lit = null;
  let scrollsTo = null;
  let shown = []; // the events whose rows are there
  let filling = null;

  /** Those rows that are there already are left alone. */
  function put(events, rowOf) {
    const rows = events.map(rowOf);
    const wanted = new Set(rows);
    for (const each of [...body.children]) if (!wanted.has(each)) each.remove();
    body.prepend(...rows.slice(0, Math.max(0, rows.indexOf(body.firstChild))));
    body.append(...rows.slice(body.children.length));
    shown = events;
  }

  /** Above what is seen, which stays where it is. */
  function fill(events, rowOf) {
    const below = element.scrollHeight - element.scrollTop;
    put(events, rowOf);
    element.scrollTop = element.scrollHeight - below;
  }

  return {
    element,
    /** Show the rows of some events, which follow each other: the last ones now, and a little later those before them. */
    show(events, rowOf) {
      clearTimeout(filling);
      const stays = shown.filter((i) => events.includes(i));
      const least = Math.max(0, events.length - FIRST);
      const isNear = events.indexOf(stays.at(-1)) >= least;
      const first = isNear ? Math.min(least, events.indexOf(stays[0])) : least;
      put(events.slice(first), rowOf);
      if (first > 0) filling = setTimeout(() => fill(events, rowOf), LATER);
      nothing.hidden = events.length > 0;
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
