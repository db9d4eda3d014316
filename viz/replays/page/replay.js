/** The replay: panels that all show one frame, and what chooses it. */

import { h } from "../../explorer/page/dom.js";
import { writeNumber } from "../../explorer/page/numbers.js";
import { createCurves } from "./curves.js";
import { createHistograms } from "./histograms.js";
import { createNet } from "./net.js";
import { createCurve, createPlane, createSurface } from "./plane.js";

const SECONDS = 8; // that all frames take, at speed 1
const SLOWEST = 4; // frames a second, where there are few
const ROOM = [280, 560]; // pixels across a drawing, at least and at most: wider ones are this one, larger
const [LOW, HIGH] = [440, 570]; // pixels: a picture of the model that is as high as one of the curves, or as two
const TWO_ROWS = { 1: 900, 2: 1500 }; // how many pictures of the model there are -> from which width on they are as high as two
const AROUND = 60; // pixels across, that are about a drawing on a small screen

/** A panel; of a model's pictures, which are tall, it is one of kind "rp-tall", and of what needs less height "rp-low". */
function panel(title, element, kind = "", control = null) {
  return h("section", { class: `rp-panel ${kind}`, "aria-label": title },
    h("div", { class: "rp-heading" }, h("h2", {}, title), control), element);
}

/** A panel in which one of several views is shown: views are {words, create}. */
function choice(title, kind, views) {
  const place = h("div", {});
  let now = null;
  let last = null;
  const control = h("select", { "aria-label": `${title}: which`, onchange: () => show(control.selectedIndex) },
    ...views.map(({ words }) => h("option", {}, words)));
  function show(i) {
    now = views[i].create();
    place.replaceChildren(now.element);
    if (last) now.update(...last);
  }
  show(0);
  return {
    element: panel(title, place, kind, control),
    update(...args) {
      last = args;
      now.update(...args);
    },
  };
}

/** In words, where a frame is. */
export function readout({ epochs, total, curves }, frame) {
  const epoch = epochs[frame];
  const numbers = curves.series.flatMap(({ words, numbers: each }) =>
    (Number.isFinite(each[epoch - 1]) ? [`${words} ${writeNumber(each[epoch - 1], 3)}`] : []));
  return [epoch === 0 ? "before training" : `epoch ${epoch} of ${total}`, ...numbers].join(" · ");
}

/** Put a replay into an element. */
export function createReplay(film, element) {
  const { epochs } = film;
  const width = Math.max(ROOM[0], Math.min(ROOM[1], (element.clientWidth || ROOM[1]) - AROUND));
  const last = epochs.length - 1;
  const byEpoch = [];
  const byFrame = [];
  const panels = [];
  const models = [
    ["What it says of the plane", createPlane, film.plane],
    ["What it says of the plane", createSurface, film.surface],
    ["What it has learnt", createCurve, film.curve],
    ["Network", createNet, film.net],
  ].filter(([, , what]) => what);
  const isHigh = film.layers.length && matchMedia(`(min-width: ${TWO_ROWS[models.length]}px)`).matches;
  for (const [title, create, what] of models) {
    const view = create(what, { width, height: isHigh ? HIGH : LOW });
    byFrame.push(view);
    panels.push(panel(title, view.element, "rp-tall"));
  }
  const curves = createCurves(film.curves, width);
  byEpoch.push(curves);
  panels.push(panel("Learning curves", curves.element));
  if (film.layers.length) {
    const layers = choice("Layers", "", film.layers.map((layer) => ({ words: layer.words, create: () => createCurves(layer, width) })));
    byEpoch.push(layers);
    panels.push(layers.element);
  }
  if (film.histograms.length) {
    const spread = choice("How numbers are spread", "rp-low", film.histograms.map((each) => ({ words: each.words, create: () => createHistograms(each) })));
    byFrame.push(spread);
    panels.push(spread.element);
  }

  let frame = last;
  let speed = 1;
  let playing = null; // when the frame that is shown came, in milliseconds
  const slider = h("input", { type: "range", min: 0, max: last, step: 1, "aria-label": "epoch", oninput: () => go(Number(slider.value)) });
  const words = h("span", { class: "rp-readout" });
  const live = h("p", { class: "rp-live", role: "status" });
  const play = h("button", { type: "button", class: "rp-play", onclick: () => (playing === null ? start() : stop()) });
  const button = (sign, name, to) => h("button", { type: "button", "aria-label": name, title: name, onclick: () => (stop(), go(to())) }, sign);
  const speeds = h("select", { "aria-label": "speed", onchange: () => (speed = Number(speeds.value)) },
    ...[0.25, 0.5, 1, 2].map((each) => h("option", { value: each, selected: each === 1 }, `${each}×`.replace("0.5", "½").replace("0.25", "¼"))));

  function go(to) {
    frame = Math.max(0, Math.min(last, to));
    for (const each of byFrame) each.update(frame);
    for (const each of byEpoch) each.update(epochs[frame]);
    slider.value = frame;
    words.textContent = readout(film, frame);
    slider.setAttribute("aria-valuetext", words.textContent);
  }

  function tick(time) {
    if (playing === null) return;
    const perSecond = speed * Math.max(SLOWEST, epochs.length / SECONDS);
    const steps = Math.floor(((time - playing) / 1000) * perSecond);
    if (steps > 0) {
      playing = time;
      go(frame + steps);
    }
    if (frame === last) stop();
    else requestAnimationFrame(tick);
  }

  function start() {
    if (frame === last) go(0);
    playing = performance.now();
    show();
    requestAnimationFrame(tick);
  }

  function stop() {
    if (playing !== null) live.textContent = readout(film, frame);
    playing = null;
    show();
  }

  function show() {
    play.textContent = playing === null ? "▶ Play" : "❚❚ Pause";
  }

  const root = h("div", { class: "replay", tabindex: -1 },
    h("header", {}, h("h1", {}, film.title), h("p", {}, film.summary)),
    h("div", { class: "rp-controls" }, button("«", "first", () => 0), button("‹", "back", () => frame - 1), play,
      button("›", "forward", () => frame + 1), button("»", "last", () => last), speeds, slider),
    h("p", { class: "rp-where" }, words), live,
    h("div", { class: `rp-panels rp-of-${models.length}${film.layers.length ? "" : " rp-without-layers"}` }, ...panels));
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("select, input, button") && event.key !== "Escape") return;
    const to = { ArrowRight: frame + 1, ArrowLeft: frame - 1, Home: 0, End: last }[event.key];
    if (to !== undefined) {
      stop();
      go(to);
    } else if (event.key === " ") (playing === null ? start : stop)();
    else return;
    event.preventDefault();
  });
  element.replaceChildren(root);
  element.replay = { go, frame: () => frame, isPlaying: () => playing !== null };
  show();
  go(last);
}

/** Open the replay of a page: the film lies in it as JSON. */
export function openReplay() {
  createReplay(JSON.parse(document.getElementById("chalkgrad-document").textContent), document.getElementById("chalkgrad"));
}
