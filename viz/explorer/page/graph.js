/** The picture in the middle: cards and arrows where Graphviz put them, with the numbers that are known so far. */

import { createArrow } from "./arrow.js";
import { bestDirection, createCamera } from "./camera.js";
import { boxCard, boxesOfCard, fitTexts, leafOrOperation } from "./cards.js";
import { dresser, h, s } from "./dom.js";
import { makeDraggable } from "./dragging.js";
import { icon } from "./icons.js";
import { createLabels } from "./labels.js";
import { travel } from "./motion.js";
import { asFactor, writeNumber } from "./numbers.js";
import { drawnEdge, edgesGoneBack, passedEdges, rolesOf } from "./roles.js";
import { isLeaf } from "./trace.js";
import { exits, holders } from "./views.js";

const MOST_DRAWINGS = 8;
const MOST_LABELS = 70; // arrows; with more of them their numbers would be in each other's way

/** The panel of the picture. */
export function createGraph(app) {
  const world = s("g", { class: "cg-world" });
  const svg = s("svg", { class: "cg-graph", role: "img" }, world);
  const ground = h("div", { class: "cg-ground" }, svg);
  const camera = createCamera(ground, svg);
  const key = (sign, label, onclick) => h("button", { class: "cg-icon", "aria-label": label, title: label, onclick }, icon(sign));
  const element = h("section", { class: "cg-picture", "aria-label": "Graph" }, ground,
    h("div", { class: "cg-zoom" }, key("minus", "Smaller (−)", () => camera.zoom(0.8)), key("plus", "Larger (+)", () => camera.zoom(1.25)),
      key("fit", "The whole, or follow (0)", () => camera.fit(middle(app.state())))));
  const drawings = new Map(); // a view and a direction -> its drawing, of the last ones that were shown
  let drawn = null; // the one that is shown: {view, direction, layout, held, cards, edges, labels, groups, arranged, isFitted}
  let before = null;

  /** Show the drawing of a view, which is made where it has not been shown of late. */
  function open(state) {
    const direction = bestDirection(app.document.layouts.views[state.view], camera.room());
    const name = `${state.view} ${direction}`;
    drawn = drawings.get(name) ?? draw(state, direction);
    drawings.delete(name);
    drawings.set(name, drawn); // now the last
    if (drawings.size > MOST_DRAWINGS) drawings.delete(drawings.keys().next().value);
    world.replaceChildren(...drawn.groups);
    svg.setAttribute("aria-label", `Graph of ${drawn.cards.size} boxes. The tables tell the same.`);
    camera.open(drawn.layout);
  }

  function draw(state, direction) {
    const view = app.document.layouts.views[state.view];
    const layout = view[direction];
    const held = holders(state.trace, view);
    const out = exits(state.trace, view, held);
    const cards = new Map();
    for (const [id, place] of Object.entries(layout.places)) {
      const node = state.trace.node(id);
      const box = view.boxes[id];
      const card = box
        ? boxCard(box, place, [...out.get(id)])
        : leafOrOperation(node, place, id === state.trace.output);
      if (node && isLeaf(node)) makeDraggable(app, card.element, node);
      card.element.addEventListener("click", () => {
        const inside = box ? [...out.get(id)].at(-1) : id;
        if (inside) app.dispatch({ type: "select", node: app.state().selected === inside ? null : inside });
      });
      card.opener?.addEventListener("click", (event) => {
        event.stopPropagation();
        app.dispatch({ type: "view", view: box.view });
      });
      if (!box) {
        card.element.addEventListener("pointerenter", () => app.dispatch({ type: "point", nodes: [id] }));
        card.element.addEventListener("pointerleave", () => app.dispatch({ type: "point", nodes: [] }));
      }
      cards.set(id, { ...card, dress: dresser(card.element) });
    }
    const last = new Map(layout.edges.map((edge) => [`${edge.tail}>${edge.head}`, edge]));
    const nameOf = ({ tail, head, position }) => (position === null ? `${tail}>${head}` : drawnEdge(tail, head, position, state.trace));
    const edges = new Map(layout.edges.map((edge) => [
      nameOf(edge), { ...createArrow(edge), isLast: last.get(`${edge.tail}>${edge.head}`) === edge },
    ]));
    const labels = createLabels(edges, layout);
    const groups = [
      s("g", {}, layout.frames.map((frame) => part(frame))),
      s("g", {}, [...edges.values()].map((edge) => edge.element)),
      s("g", {}, [...cards.values()].map((card) => card.element)),
      labels.element,
    ];
    return { view: state.view, direction, layout, held, cards, edges, labels, groups, arranged: {}, isFitted: false };
  }

  function part(frame) {
    const [x, y, width, height] = frame.place;
    const group = s("g", { class: "cg-part" }, s("rect", { x, y, width, height, rx: 14 }),
      s("text", { x: x + 12, y: y + 17 }, frame.title));
    group.lastChild.addEventListener("click", () => app.dispatch({ type: "view", view: frame.view }));
    return group;
  }

  /** Find the places of the labels that stay, of all that there will be, so that none moves from step to step. */
  function arrange(state) {
    const { arranged, held, layout, edges, labels } = drawn;
    if (arranged.trace === state.trace && arranged.beside === state.beside) return;
    drawn.arranged = { trace: state.trace, beside: state.beside };
    const view = app.document.layouts.views[state.view];
    const boxes = Object.entries(layout.places).flatMap(([id, place]) => boxesOfCard(state.trace.node(id), view.boxes[id], place, state.beside));
    const titles = layout.frames.map(({ title, place: [x, y] }) => [x + 12 + 4 * title.length, y + 12, 8 * title.length + 6, 20]);
    const texts = [...edgesGoneBack(state.trace.events, state.trace, held)].filter(([name]) => edges.get(name)?.isSingle);
    labels.arrange(new Map(edges.size <= MOST_LABELS ? texts.map(([name, event]) => [name, factor(event)]) : []), [...boxes, ...titles]);
  }

  function middle(state, roles = rolesOf(state, drawn.held)) {
    const ids = [...roles.nodes.keys()];
    const places = (ids.length ? ids : [drawn.held.get(state.selected)]).map((id) => drawn.layout.places[id]).filter(Boolean);
    if (!places.length) return null;
    const mean = (i) => places.reduce((sum, place) => sum + place[i], 0) / places.length;
    return { x: mean(0), y: mean(1) };
  }

  function update(state) {
    const isNew = !drawn || drawn.view !== state.view;
    if (isNew) open(state);
    const { cards, edges, held } = drawn;
    const roles = rolesOf(state, held);
    const gone = passedEdges(state, held);
    const selected = held.get(state.selected);
    const pointed = new Set(state.pointed.map((node) => held.get(node)));
    for (const [id, card] of cards) {
      card.update(state);
      const role = roles.nodes.get(id);
      card.dress(role && `is-${role}`, id === selected && "is-selected", pointed.has(id) && "is-pointed", state.marks?.nodes?.[id] && "is-marked");
    }
    arrange(state);
    const passed = [];
    const now = new Map();
    for (const [name, edge] of edges) {
      const role = roles.edges.get(name) ?? (gone.has(name) ? "passed" : null);
      const marked = state.marks?.edges?.[edge.name];
      edge.dress(role && `is-${role}`, marked && "is-marked");
      if (typeof marked === "string") now.set(name, { text: marked, isMarked: true });
      else if (edge.isSingle && role === "backward") now.set(name, { ...momentary(state), isMarked: false });
      else if (edge.isSingle && role === "passed") passed.push(name);
    }
    drawn.labels.show(passed, now);
    if (!drawn.isFitted) fitTexts(world); // once all is written, as it makes the page lay itself out
    drawn.isFitted = true;
    camera.look(middle(state, roles));
    if (before && !isNew && before.trace === state.trace && before.stop !== state.stop && state.stops.indexOf(state.stop) === state.stops.indexOf(before.stop) + 1) {
      animate(state, roles);
    }
    before = state;
  }

  function animate(state, roles) {
    const event = state.trace.events[state.stop.event];
    if (state.stop.box) return;
    const isBackward = event.phase === "backward";
    if (isBackward && state.stop.beat !== 2) return;
    for (const name of roles.edges.keys()) {
      const edge = drawn.edges.get(name);
      const position = Number(name.split(":").at(-1));
      const number = isBackward ? event.contribution : event.values[position];
      if (edge && number !== undefined) travel(world, edge.points, writeNumber(number, 4), isBackward);
    }
  }

  const watch = new ResizeObserver(() => {
    camera.resized();
    if (!drawn) return;
    const state = app.state();
    const view = app.document.layouts.views[state.view];
    if (bestDirection(view, camera.room()) !== drawn.direction) {
      drawn = null;
      update(state);
    } else camera.jump(() => camera.look(middle(state)));
  });
  watch.observe(ground);

  return { element, svg, update, zoom: camera.zoom, fit: () => camera.fit(middle(app.state())), destroy: () => watch.disconnect() };
}

/** What stays at an arrow along which a gradient has gone back. */
function factor(event) {
  return `× ${asFactor(event.local, 3)}`;
}

/** What stands at the arrow along which a gradient goes back now, and the longest that stands there at any beat of it. */
function momentary({ trace, stop }) {
  const event = trace.events[stop.event];
  const local = asFactor(event.local, 4);
  const texts = [`+= ${writeNumber(event.contribution, 4)}`, `× ${local}`, `${writeNumber(event.upstream, 4)} × ${local}`];
  return { text: texts[stop.beat], widest: texts.reduce((a, b) => (b.length > a.length ? b : a)) };
}
