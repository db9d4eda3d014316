/** The frame: panels around one state. Whatever is shown follows from it, and only actions change it. */

import { answering } from "./answer.js";
import { createCode } from "./code.js";
import { h } from "./dom.js";
import { download, pictureOf } from "./exporting.js";
import { createGraph } from "./graph.js";
import { createHelp } from "./help.js";
import { icon } from "./icons.js";
import { discreet, screens } from "./screens.js";
import { initialState, nextStop, previousStop, reduce } from "./state.js";
import { createTables } from "./tables.js";
import { themeOf, watchTheme } from "./theme.js";
import { readTrace } from "./trace.js";
import { typeset } from "./typeset.js";
import { isVaried, unvary, variantInWords } from "./variant.js";
import { narration, phaseOf } from "./words.js";

const OF_A_PART = new Set(["step", "predict"]); // the screens that need no more than a part of the trace
const PACE = { forward: 1100, seed: 1600, backward: 1250, start: 500 }; // milliseconds that a step is looked at

/**
 * Put an explorer into an element.
 *
 * `host.request(name, payload)` gives a request to whoever is behind the page; without one the page answers itself.
 * `host.head` stands in the bar in the place of the title and of what moves through the steps.
 * `host.isPage` says that there is nothing else on the page, so that keys work wherever the focus is.
 * Gives {app, destroy}. What screens are given is `app`:
 *   document: as Python made it; trace: the document's, read; state(): where the reader is; dispatch(action): the only
 *   way to change that (see state.js); request(name, payload): a Promise of an answer, from the
 *   host or, without one, by the document's rules (see answer.js); announce(sentence): said to those who listen.
 */
export function createApp(json, element, host = {}) {
  const trace = readTrace(json.trace);
  const hidden = new Set(json.options.hidden ?? []);
  const offered = (json.options.locked ? discreet : screens).filter((screen) => !json.is_part || OF_A_PART.has(screen.id));
  const shown = offered.filter((screen) => !hidden.has(screen.id));
  let state = initialState(json, trace);
  const live = h("p", { class: "cg-unseen", role: "status", "aria-live": "polite" });
  const app = {
    document: json,
    trace,
    state: () => state,
    dispatch(action) {
      const before = state;
      state = reduce(state, action, json);
      if (state !== before) update(before);
    },
    request: (name, payload) => (host.request ?? answering(json))(name, payload),
    announce(sentence) {
      live.textContent = sentence;
    },
  };

  const bar = createBar(app, host.head, exportPicture, () => help.showModal());
  const said = h("p");
  const phase = h("span", { class: "cg-phase" });
  const varied = h("button", { class: "cg-variant", hidden: true, title: "As it was", onclick: () => unvary(app) });
  const help = createHelp();
  const graph = createGraph(app);
  const code = createCode(app);
  const tables = createTables(app);
  const side = createSide(app, shown);
  const isShown = (name) => !hidden.has(name);
  const frame = h("div", { class: "cg-frame" }, bar.element,
    isShown("narration") && h("div", { class: "cg-said" }, phase, said, varied),
    isShown("graph") && graph.element, isShown("inspector") && side.element, isShown("code") && code.element, isShown("table") && tables.element);
  for (const name of ["code", "table", "inspector"]) frame.classList.toggle(`is-without-${name}`, !isShown(name));
  const root = h("div", { class: `chalkgrad${host.isPage ? " is-page" : " is-in-cell"}`, tabindex: -1, "data-lm-suppress-shortcuts": "true" }, frame, live, help);
  const forget = watchTheme(root);
  const keys = (event) => onKey(event, app, graph, help);
  (host.isPage ? document : root).addEventListener("keydown", keys);

  let timer = null;
  function update(before) {
    const event = state.trace.events[state.stop.event];
    if (isShown("graph")) graph.update(state);
    if (isShown("code")) code.update(state);
    if (isShown("table")) tables.update(state);
    if (isShown("inspector")) side.update(state);
    bar.update(state, before);
    if (before?.stop !== state.stop || before.trace !== state.trace) {
      const sentence = narration(state);
      said.replaceChildren(...typeset(sentence, state.trace));
      phase.className = `cg-phase is-${phaseOf(state)}`;
      phase.textContent = phaseOf(state);
      app.announce(sentence);
    }
    if (before?.kept !== state.kept) {
      varied.hidden = !isVaried(state);
      varied.textContent = varied.hidden ? "" : `${variantInWords(state, trace)}  ✕`;
    }
    code.follow(); // once all has changed, as what is asked of the page in between makes it lay itself out anew
    tables.follow();
    if (before?.playing !== state.playing || before?.stop !== state.stop) {
      clearTimeout(timer);
      if (state.playing) timer = setTimeout(() => app.dispatch({ type: "step" }), PACE[event?.phase ?? "start"]);
    }
  }

  function exportPicture() {
    const background = getComputedStyle(root).backgroundColor;
    download(`${trace.name(trace.output)}.svg`, pictureOf(graph.svg, background), "image/svg+xml");
  }

  element.replaceChildren(root);
  root.dataset.theme = themeOf(root);
  update(null);
  return {
    app,
    destroy() {
      clearTimeout(timer);
      forget();
      graph.destroy();
      side.destroy();
      (host.isPage ? document : root).removeEventListener("keydown", keys);
    },
  };
}

function createBar(app, head, exportPicture, showHelp) {
  const key = (sign, label, onclick, more) => h("button", { class: `cg-icon ${more ?? ""}`, "aria-label": label, title: label, onclick }, icon(sign));
  const act = (type) => () => app.dispatch({ type });
  const home = key("home", "To the start (home)", act("home"));
  const undo = key("undo", "Undo the step (←)", act("undo"));
  const step = key("step", "Step (→)", act("step"), "cg-main");
  const end = key("end", "To the end (end)", act("end"));
  const play = key("play", "Play (space)", act("play"));
  const slider = h("input", {
    type: "range", min: 0, value: 0, "aria-label": "Step",
    oninput: () => {
      const stop = app.state().stops[Number(slider.value)];
      app.dispatch({ type: "goto", index: stop.index, beat: stop.beat });
    },
  });
  const count = h("output", { class: "cg-count" });
  const views = Object.entries(app.document.layouts.views);
  const select = h("select", { "aria-label": "What is folded", onchange: () => app.dispatch({ type: "view", view: select.value }) },
    views.map(([name, view]) => h("option", { value: name }, view.title)));
  const element = h("div", { class: "cg-bar" },
    head ?? h("h1", { class: "cg-title" }, app.document.options.title ?? "Backpropagation, step by step"),
    views.length > 1 && select,
    !head && h("div", { class: "cg-where" }, slider, count),
    !head && h("div", { class: "cg-keys cg-transport" }, home, undo, step, play, end),
    h("div", { class: "cg-keys cg-tools" },
      key("picture", "Save the picture (SVG)", exportPicture), key("print", "Print a handout", () => window.print()),
      key("theme", "Light or dark", (event) => switchTheme(event.currentTarget.closest(".chalkgrad"))), key("help", "Keys (?)", showHelp)));
  return {
    element,
    update(state, before) {
      home.disabled = undo.disabled = previousStop(state) === null;
      step.disabled = end.disabled = play.disabled = nextStop(state) === null;
      if (before?.playing !== state.playing) play.replaceChildren(icon(state.playing ? "pause" : "play"));
      play.setAttribute("aria-pressed", String(state.playing));
      const at = state.stops.indexOf(state.stop);
      slider.max = state.stops.length - 1;
      slider.value = at;
      count.textContent = `${at.toLocaleString("en")} / ${(state.stops.length - 1).toLocaleString("en")}`;
      select.value = state.view;
    },
  };
}

function switchTheme(root) {
  const isDark = getComputedStyle(root).colorScheme === "dark" || (root.dataset.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = isDark ? "light" : "dark";
  root.dataset.chosen = "true";
}

function createSide(app, shown) {
  const tabs = shown.map((screen) => h("button", { onclick: () => app.dispatch({ type: "screen", screen: screen.id }) }, screen.title));
  const panel = h("div", { class: "cg-panel", tabindex: 0, role: "region" });
  const element = h("aside", { class: "cg-side", "aria-label": "Inspector" }, h("div", { class: "cg-tabs", hidden: shown.length < 2 }, tabs), panel);
  let open = null; // {id, element, update, destroy}
  return {
    element,
    update(state) {
      const screen = shown.find((each) => each.id === state.screen) ?? shown[0];
      if (!screen) return;
      if (open?.id !== screen.id) {
        const left = open;
        open = { id: screen.id, ...screen.create(app) };
        panel.replaceChildren(open.element);
        panel.setAttribute("aria-label", screen.title);
        left?.destroy?.(); // which may dispatch, and come by here again
      }
      tabs.forEach((tab, i) => tab.setAttribute("aria-pressed", String(shown[i].id === screen.id)));
      open.update(app.state());
    },
    destroy: () => open?.destroy?.(),
  };
}

function onKey(event, app, graph, help) {
  const { target } = event;
  const isWriting = target.matches?.("input:not([type=range]):not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  if (isWriting || help.open || event.altKey || event.ctrlKey || event.metaKey) return;
  const ids = app.trace.nodes.map((node) => node.id);
  const other = (by) => {
    const at = ids.indexOf(app.state().selected);
    return { type: "select", node: ids[Math.max(0, Math.min(ids.length - 1, (at < 0 ? (by > 0 ? -1 : ids.length) : at) + by))] };
  };
  const isScroller = target.matches?.(".cg-code, .cg-tables > *, .cg-panel, .cg-panel *, input");
  const isButton = target.matches?.("button, summary, a, input");
  const acts = {
    ArrowRight: () => app.dispatch({ type: "step", whole: event.shiftKey }),
    ArrowLeft: () => app.dispatch({ type: "undo", whole: event.shiftKey }),
    Home: () => app.dispatch({ type: "home" }),
    End: () => app.dispatch({ type: "end" }),
    " ": isButton ? null : () => app.dispatch({ type: "play" }),
    ArrowUp: isScroller ? null : () => app.dispatch(other(-1)),
    ArrowDown: isScroller ? null : () => app.dispatch(other(1)),
    Escape: () => app.dispatch({ type: "select", node: null }),
    p: () => app.dispatch({ type: "predict" }),
    "+": () => graph.zoom(1.25),
    "=": () => graph.zoom(1.25),
    "-": () => graph.zoom(0.8),
    0: () => graph.fit(),
    "?": () => help.showModal(),
  };
  const act = acts[event.key];
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}
