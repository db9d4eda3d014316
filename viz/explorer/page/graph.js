/** The picture in the middle. */

import { s } from "./dom.js";
import { writeNumber } from "./numbers.js";

export function createGraph(app) {
  const element = s("svg", { class: "cg-graph", role: "img" });
  let drawn = null;
  let cards = new Map();

  function draw(state) {
    const view = app.document.layouts.views[state.view];
    const layout = view.LR ?? view.TB;
    drawn = state.view;
    cards = new Map();
    element.setAttribute("viewBox", `0 0 ${layout.width} ${layout.height}`);
    element.replaceChildren(
      ...layout.edges.map((edge) => s("path", { d: edge.path, fill: "none", stroke: "currentColor" })),
      ...Object.entries(layout.places).map(([id, [x, y, w, height]]) => {
        const value = s("text", { x: x - w / 2 + 8, y: y + 8 });
        cards.set(id, value);
        return s("g", { onclick: () => app.dispatch({ type: "select", node: id }) },
          s("rect", { x: x - w / 2, y: y - height / 2, width: w, height, rx: 8, fill: "none", stroke: "currentColor" }),
          s("text", { x: x - w / 2 + 8, y: y - 8 }, state.trace.name(id)), value);
      }),
    );
  }

  return {
    element,
    update(state) {
      if (drawn !== state.view) draw(state);
      for (const [id, text] of cards) {
        text.textContent = `${writeNumber(state.known.data.get(id), 4)} | ${writeNumber(state.known.gradient.get(id), 4)}`;
      }
    },
  };
}
