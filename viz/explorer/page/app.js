/** The frame: panels around one state. Whatever is shown follows from it, and only actions change it. */

import { answering } from "./answer.js";
import { h } from "./dom.js";
import { createGraph } from "./graph.js";
import { screens } from "./screens.js";
import { initialState, reduce } from "./state.js";
import { readTrace } from "./trace.js";
import { narration } from "./words.js";

/**
 * Put an explorer into an element.
 *
 * `host.request(name, payload)` gives a request to whoever is behind the page, or is not there.
 * Gives {app, destroy}. What screens are given is `app`:
 *   document: as Python made it; trace: the document's, read; state(): where the reader is; dispatch(action): the only
 *   way to change that (see state.js); request(name, payload): a Promise of an answer, from the host or, without one,
 *   by the document's rules (see answer.js);
 *   announce(sentence): say it to those who listen.
 */
export function createApp(json, element, host = {}) {
  const trace = readTrace(json.trace);
  let state = initialState(json, trace);
  const live = h("p", { class: "cg-narration", role: "status", "aria-live": "polite" });
  const app = {
    document: json,
    trace,
    state: () => state,
    dispatch(action) {
      state = reduce(state, action, json);
      update();
    },
    request: (name, payload) => (host.request ?? answering(json))(name, payload),
    announce(sentence) {
      live.textContent = sentence;
    },
  };
  const hidden = new Set(json.options.hidden ?? []);
  const shown = screens.filter((screen) => !hidden.has(screen.id));
  const graph = createGraph(app);
  const tabs = h("div", { role: "tablist" }, ...shown.map((screen) =>
    h("button", { role: "tab", onclick: () => app.dispatch({ type: "screen", screen: screen.id }) }, screen.title)));
  const panel = h("div", { role: "tabpanel" });
  let open = null;

  function update() {
    if (open?.id !== state.screen) {
      open?.panel.destroy?.();
      const screen = shown.find((each) => each.id === state.screen) ?? shown[0];
      open = { id: state.screen, panel: screen.create(app) };
      panel.replaceChildren(open.panel.element);
    }
    graph.update(state);
    open.panel.update(state);
    app.announce(narration(state));
  }

  const root = h("div", { class: "chalkgrad", tabindex: 0 },
    h("div", { class: "cg-toolbar" },
      ...["home", "undo", "step", "end"].map((type) => h("button", { onclick: () => app.dispatch({ type }) }, type))),
    live, graph.element, h("aside", {}, tabs, panel));
  root.addEventListener("keydown", (event) => {
    const type = { ArrowRight: "step", ArrowLeft: "undo", Home: "home", End: "end" }[event.key];
    if (type) {
      event.preventDefault();
      app.dispatch({ type });
    }
  });
  element.replaceChildren(root);
  update();
  return { app, destroy: () => open?.panel.destroy?.() };
}
