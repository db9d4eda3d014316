/** The picture in the middle: cards and arrows where Graphviz put them, with the numbers that are known so far. */

import { bestDirection, createCamera } from "./camera.js";
import { boxCard, fitTexts, leafOrOperation } from "./cards.js";
import { h, s } from "./dom.js";
import { makeDraggable } from "./dragging.js";
import { icon } from "./icons.js";
import { travel } from "./motion.js";
import { asFactor, writeNumber } from "./numbers.js";
import { drawnEdge, passedEdges, rolesOf } from "./roles.js";
import { isLeaf } from "./trace.js";
import { exits, holders } from "./views.js";

const MOST_LABELS = 70; // arrows; with more of them their numbers would be in each other's way
const ROLES = ["forward", "operand", "backward", "from", "target"];

/** The panel of the picture. */
export function createGraph(app) {
  const world = s("g", { class: "cg-world" });
  const svg = s("svg", { class: "cg-graph", role: "img" }, world);
  const ground = h("div", { class: "cg-ground" }, svg);
  const camera = createCamera(ground, svg);
  const key = (sign, label, onclick) => h("button", { class: "cg-icon", "aria-label": label, title: label, onclick }, icon(sign));
  const element = h("section", { class: "cg-picture", "aria-label": "Graph" }, ground,
    h("div", { class: "cg-zoom" }, key("minus", "Smaller (−)", () => camera.zoom(0.8)), key("plus", "Larger (+)", () => camera.zoom(1.25)),
      key("fit", "Fit (0)", () => camera.fit(middle(app.state())))));
  let drawn = null; // {view, direction, trace, layout, held, cards, edges}
  let before = null;

  function draw(state) {
    const view = app.document.layouts.views[state.view];
    const direction = bestDirection(view, camera.room());
    const layout = view[direction];
    const held = holders(state.trace, view);
    const out = exits(state.trace, view, held);
    const cards = new Map();
    for (const [id, place] of Object.entries(layout.places)) {
      const node = state.trace.node(id);
      const box = view.boxes[id];
      const card = box
        ? boxCard(box, place, [...out.get(id)], contents(state.trace, held, id))
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
      cards.set(id, card);
    }
    const last = new Map(layout.edges.map((edge) => [`${edge.tail}>${edge.head}`, edge]));
    const edges = new Map(layout.edges.map((edge) => [
      edge.position === null ? `${edge.tail}>${edge.head}` : drawnEdge(edge.tail, edge.head, edge.position, state.trace),
      arrow(edge, last.get(`${edge.tail}>${edge.head}`) === edge, Object.values(layout.places)),
    ]));
    world.replaceChildren(
      s("g", {}, layout.frames.map((frame) => part(frame))),
      s("g", {}, [...edges.values()].map((edge) => edge.element)),
      s("g", {}, [...cards.values()].map((card) => card.element)),
      s("g", {}, [...edges.values()].map((edge) => edge.label)),
    );
    fitTexts(world);
    drawn = { view: state.view, direction, trace: state.trace, layout, held, cards, edges };
    camera.open(layout);
  }

  function part(frame) {
    const [x, y, width, height] = frame.place;
    const group = s("g", { class: "cg-part" }, s("rect", { x, y, width, height, rx: 14 }),
      s("text", { x: x + 12, y: y + 17 }, frame.title));
    group.lastChild.addEventListener("click", () => app.dispatch({ type: "view", view: frame.view }));
    return group;
  }

  function middle(state) {
    const ids = [...rolesOf(state, drawn.held).nodes.keys()];
    const places = (ids.length ? ids : [drawn.held.get(state.selected ?? state.trace.output)]).map((id) => drawn.layout.places[id]).filter(Boolean);
    if (!places.length) return null;
    const mean = (i) => places.reduce((sum, place) => sum + place[i], 0) / places.length;
    return { x: mean(0), y: mean(1) };
  }

  function update(state) {
    const isNew = !drawn || drawn.view !== state.view;
    if (isNew) draw(state);
    const { cards, edges, held } = drawn;
    const roles = rolesOf(state, held);
    const passed = passedEdges(state, held);
    for (const [id, card] of cards) {
      card.update(state);
      const { classList } = card.element;
      for (const role of ROLES) classList.toggle(`is-${role}`, roles.nodes.get(id) === role);
      classList.toggle("is-selected", state.selected !== null && held.get(state.selected) === id);
      classList.toggle("is-pointed", state.pointed.some((node) => held.get(node) === id));
      classList.toggle("is-marked", Boolean(state.marks?.nodes?.[id]));
    }
    const isNow = (name) => roles.edges.get(name);
    for (const [name, edge] of edges) {
      const event = passed.get(name);
      const role = isNow(name) ?? (event ? "passed" : null);
      const marked = state.marks?.edges?.[edge.name];
      const isLabelled = edge.isSingle && (role === "backward" || edges.size <= MOST_LABELS);
      edge.update(role, marked, typeof marked === "string" ? marked : isLabelled ? labelOf(state, event, role) : "");
    }
    svg.setAttribute("aria-label", `Graph of ${cards.size} boxes. The tables tell the same.`);
    camera.look(middle(state));
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
      if (edge && number !== undefined) travel(world, edge.path, writeNumber(number, 4), isBackward);
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

function labelOf(state, event, role) {
  const now = state.trace.events[state.stop.event];
  if (role === "backward" && now?.phase === "backward" && !state.stop.box) {
    if (state.stop.beat === 1) return `× ${asFactor(now.local, 4)}`;
    return state.stop.beat === 2 ? `${writeNumber(now.upstream, 4)} × ${asFactor(now.local, 4)}` : `+= ${writeNumber(now.contribution, 4)}`;
  }
  return event && role === "passed" ? `× ${asFactor(event.local, 3)}` : "";
}

function contents(trace, held, box) {
  return trace.nodes.filter((node) => held.get(node.id) === box);
}

const SHARES = [0.5, 0.4, 0.6, 0.3, 0.7];

/** Where beside or on an arrow a label of some width hides least of the boxes around, and where it says so first. */
function clearest(pointAt, width, places) {
  const hidden = ({ x, y }) => places.reduce((sum, [cx, cy, w, tall]) => {
    const across = Math.min(x + width / 2, cx + w / 2) - Math.max(x - width / 2, cx - w / 2);
    const down = Math.min(y + 12, cy + tall / 2) - Math.max(y - 12, cy - tall / 2);
    return sum + Math.max(0, across) * Math.max(0, down);
  }, 0);
  const on = SHARES.map(pointAt);
  const { x, y } = on[0];
  const beside = [22, 34, 46].flatMap((by) => [{ x, y: y - by }, { x, y: y + by }]);
  const points = [...on, ...beside, { x: x + width / 2 + 8, y }, { x: x - width / 2 - 8, y }];
  const areas = points.map(hidden);
  return points[areas.indexOf(Math.min(...areas))];
}

/** An arrow with its label; that of a parallel one, which another follows, stands on its other side. */
function arrow(edge, isLast, places) {
  const numbers = edge.path.match(/-?[\d.]+/g).map(Number);
  const [x, y] = numbers.slice(-2);
  const [fromX, fromY] = numbers.slice(-4, -2);
  const angle = (Math.atan2(y - fromY, x - fromX) * 180) / Math.PI;
  const path = s("path", { class: "cg-edge", d: edge.path });
  const tip = s("path", { class: "cg-tip", d: "M0,0L-9,-4.2L-7,0L-9,4.2Z", transform: `translate(${x},${y}) rotate(${angle})` });
  const ground = s("rect", { height: 24, rx: 12 });
  const words = s("text", {});
  const label = s("g", { class: "cg-local" }, ground, words);
  let shown = null;

  /** In the middle of the arrow while it is at work, and then beside it. */
  function place(text, isNow) {
    const length = path.getTotalLength();
    const width = 18 + 8.2 * text.length;
    const pointAt = (share) => path.getPointAtLength(length * share);
    const middle = isNow ? clearest(pointAt, width, places) : pointAt(0.5);
    const [before, after] = [pointAt(0.48), pointAt(0.52)];
    const isSteep = Math.abs(after.y - before.y) > Math.abs(after.x - before.x);
    const aside = isNow ? [0, 5] : isSteep ? [isLast ? 5 : -5, 4] : [0, isLast ? -6 : 14];
    words.setAttribute("x", middle.x + aside[0]);
    words.setAttribute("y", middle.y + aside[1]);
    words.style.textAnchor = isSteep && !isNow ? (isLast ? "start" : "end") : "middle";
    words.textContent = text;
    ground.setAttribute("width", width);
    ground.setAttribute("x", middle.x - width / 2);
    ground.setAttribute("y", middle.y - 12);
  }

  return {
    path,
    name: `${edge.head}:${edge.position}`,
    isSingle: edge.position !== null,
    element: s("g", {}, path, tip),
    label,
    update(role, marked, text) {
      for (const each of [path, tip]) {
        for (const name of ["forward", "backward", "passed"]) each.classList.toggle(`is-${name}`, role === name);
        each.classList.toggle("is-marked", Boolean(marked));
      }
      const isNow = role === "backward" || Boolean(marked);
      const key = `${text} ${isNow}`;
      if (key === shown) return;
      shown = key;
      label.classList.toggle("is-now", isNow && text !== "");
      label.classList.toggle("is-marked", Boolean(marked));
      if (text) place(text, isNow);
      else words.textContent = "";
    },
  };
}
