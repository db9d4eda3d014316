/** What the model says of the plane, or along a line, and the data. */

import { h, s } from "../../explorer/page/dom.js";
import { writeNumber } from "../../explorer/page/numbers.js";
import { channels, leads, mixed, refined, ticks, unpacked, wide, zeroLine } from "./frames.js";

const ABOVE_AXES = 18;
const BELOW_AXES = 40;
const BAR = 58; // what says what colours mean: its height, with its numbers and words
const FINE = 3; // pixels between the points that were tried
const INK = channels("#30343b");

/** How high axes are, to their width, where they are not to one scale. */
const ratioOf = ({ width, height }) => Math.min(1, height / width);

/** Shapes of the points, a class told by either shape or colour. */
const SHAPES = [
  (r) => `M${-r},0a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0Z`,
  (r) => `M${-r},${-r}H${r}V${r}H${-r}Z`,
  (r) => `M0,${-1.3 * r}L${1.3 * r},0L0,${1.3 * r}L${-1.3 * r},0Z`,
  (r) => `M0,${-1.2 * r}L${1.2 * r},${r}H${-1.2 * r}Z`,
  (r) => `M0,${1.2 * r}L${1.2 * r},${-r}H${-1.2 * r}Z`,
];

/**
 * Axes with room for what is drawn in them, as large as there is room for: {element, x, y, box}: the drawing, where numbers are
 * in it, and {left, top, width, height} of the inside. A ratio is that of the height to the width.
 */
function axesOf(names, [xLow, xHigh], [yLow, yHigh], { room, ratio, below = 0 }) {
  const marks = ticks(yLow, yHigh).map((tick) => [tick, writeNumber(tick, 3)]);
  const left = 12 + Math.max(wide(names[1]), ...marks.map(([, words]) => wide(words)));
  const width = Math.min(room.width - left - 12, (room.height - ABOVE_AXES - BELOW_AXES - below) / ratio);
  const box = { left, top: ABOVE_AXES, width, height: width * ratio };
  const [right, bottom] = [left + width, box.top + box.height];
  const x = (value) => left + ((value - xLow) / (xHigh - xLow)) * width;
  const y = (value) => bottom - ((value - yLow) / (yHigh - yLow)) * box.height;
  const size = [right + 12, bottom + BELOW_AXES + below];
  const element = s("svg", { viewBox: `0 0 ${size.join(" ")}`, class: "rp-over", "aria-hidden": "true" },
    ...ticks(xLow, xHigh).map((tick) => s("text", { x: x(tick), y: bottom + 17, "text-anchor": "middle" }, writeNumber(tick, 3))),
    ...marks.map(([tick, words]) => s("text", { x: left - 6, y: y(tick) + 5, "text-anchor": "end" }, words)),
    s("text", { x: left + width / 2, y: bottom + 35, "text-anchor": "middle" }, names[0]),
    s("text", { x: left - 6, y: 11, "text-anchor": "end" }, names[1]));
  return { element, x, y, box, size };
}

/** A strip of colours from a low number to a high one, under the axes, with what they are the numbers of. */
function barOf({ words, low, high, colors }, { left, width }, top) {
  const x = (value) => left + ((value - low) / (high - low)) * width;
  return s("g", {},
    s("linearGradient", { id: "rp-shades" }, ...colors.map((color, i) =>
      s("stop", { offset: i / (colors.length - 1), "stop-color": color }))),
    s("rect", { x: left, y: top, width, height: 12, rx: 3, fill: "url(#rp-shades)", class: "rp-bar" }),
    ...ticks(low, high).map((tick) => s("text", { x: x(tick), y: top + 28, "text-anchor": "middle" }, writeNumber(tick, 3))),
    s("text", { x: left + width / 2, y: top + 46, "text-anchor": "middle" }, words));
}

/**
 * A panel {element, update(frame)} of the plane, painted point by point.
 *
 * There are k numbers for each of n by n points in every frame. colorOf(numbers, at) is the colour of the point whose
 * numbers begin at an index, as [red, green, blue], or null; linesOf(numbers) are grids that are 0 where a line is to be.
 */
function painted({ n, k = 1, x: xRange, y: yRange, axes, isToScale, bar }, { room, numbers, colorOf, linesOf, marks, legend }) {
  const ratio = isToScale ? (yRange[1] - yRange[0]) / (xRange[1] - xRange[0]) : ratioOf(room);
  const { element: over, x, y, box, size } = axesOf(axes, xRange, yRange, { room, ratio, below: BAR });
  const pixels = (n - 1) * FINE;
  const share = (part, whole) => `${(100 * part) / whole}%`;
  const canvas = h("canvas", {
    width: pixels,
    height: pixels,
    class: "rp-field",
    style: `left: ${share(box.left, size[0])}; top: ${share(box.top, size[1])}; width: ${share(box.width, size[0])}; height: ${share(box.height, size[1])}`,
  });
  const context = canvas.getContext("2d");
  const line = s("path", { class: "rp-boundary" });
  over.append(barOf(bar, box, box.top + box.height + BELOW_AXES + 8), line, ...marks(x, y));

  function update(frame) {
    const field = numbers.subarray(frame * n * n * k, (frame + 1) * n * n * k);
    const image = context.createImageData(pixels, pixels);
    const fine = refined(field, n, k, pixels);
    for (let row = 0; row < pixels; row += 1) {
      for (let column = 0; column < pixels; column += 1) {
        const color = colorOf(fine, (row * pixels + column) * k);
        const pixel = 4 * ((pixels - 1 - row) * pixels + column);
        for (let channel = 0; channel < 3 && color; channel += 1) image.data[pixel + channel] = color[channel];
        image.data[pixel + 3] = color ? 255 : 0;
      }
    }
    context.putImageData(image, 0, 0);
    const place = (u, v) => `${(box.left + u * box.width).toFixed(1)},${(box.top + box.height * (1 - v)).toFixed(1)}`;
    line.setAttribute("d", linesOf(field).flatMap((each) => zeroLine(each, n)).map(([x1, y1, x2, y2]) =>
      `M${place(x1, y1)}L${place(x2, y2)}`).join(""));
  }

  return { element: h("div", { class: "rp-view" }, legend, h("div", { class: "rp-plane", style: `max-width: ${1.1 * size[0]}px` }, canvas, over)), line, update };
}

/** The mark of a point of a class, by its number. */
const markOf = (i, radius, attributes) => s("path", { d: SHAPES[i % SHAPES.length](radius), ...attributes });

/** What the marks in a legend stand for. */
function namedMarks(names, colors) {
  return names.map((name, i) =>
    h("li", {}, s("svg", { viewBox: "-7 -7 14 14", width: 14, height: 14, "aria-hidden": "true" }, markOf(i, 5, { fill: colors[i] })), name));
}

function legendOf(words, ...items) {
  return h("ul", { class: "rp-legend" }, words && h("li", {}, words), ...items);
}

/** A panel {element, update(frame)} of the plane, divided among classes. */
export function createPlane(plane, room) {
  const { n, k, names, colors, tint, threshold, limit, points } = plane;
  const hues = colors.map(channels);
  const white = [255, 255, 255];

  function colorOf(scores, at) {
    if (k === 1) {
      const depth = (scores[at] - threshold) / limit;
      return Number.isNaN(depth) ? white : mixed(white, hues[depth < 0 ? 0 : 1], Math.min(1, Math.abs(depth)) * tint);
    }
    let winner = 0;
    for (let i = 1; i < k; i += 1) if (scores[at + i] > scores[at + winner]) winner = i;
    return mixed(white, hues[winner], Math.max(0, (scores[at + winner] - 1 / k) / (1 - 1 / k)) * tint);
  }

  return painted(plane, {
    room,
    numbers: unpacked(plane.scores),
    colorOf,
    linesOf: (field) => (k === 1 ? [field.map((score) => score - threshold)] : leads(field, n, k)),
    marks: (x, y) => points.map(([a, b, i]) =>
      markOf(i, 4.6, { transform: `translate(${x(a)},${y(b)})`, fill: colors[i], class: "rp-point" })),
    legend: legendOf("class", ...namedMarks(names, colors)),
  });
}

/** A panel {element, update(frame)} of a number over the plane, with lines of equal height; numbers are from -1 to 1. */
export function createSurface(surface, room) {
  const { points, bar: { low, high, colors } } = surface;
  const hues = colors.map(channels);

  function colorOf(numbers, at) {
    if (Number.isNaN(numbers[at])) return null;
    const place = ((Math.max(-1, Math.min(1, numbers[at])) + 1) / 2) * (hues.length - 1);
    const i = Math.min(Math.floor(place), hues.length - 2);
    return mixed(hues[i], hues[i + 1], place - i);
  }

  const heights = ticks(low, high).map((tick) => (2 * (tick - low)) / (high - low) - 1);
  const ring = `rgb(${INK.join(" ")})`;
  const panel = painted(surface, {
    room,
    numbers: unpacked(surface.outputs),
    colorOf,
    linesOf: (field) => heights.map((height) => field.map((number) => number - height)),
    marks: (x, y) => points.map(([a, b, number]) =>
      s("circle", { cx: x(a), cy: y(b), r: 4.6, fill: `rgb(${colorOf([number], 0).map(Math.round).join(" ")})`, stroke: ring, class: "rp-target" })),
    legend: legendOf("each point has the colour of its target"),
  });
  panel.line.classList.add("rp-heights");
  return panel;
}

/** A panel {element, update(frame)} of what a model of one input gives: a line for its output, or for each class. */
export function createCurve({ x: xs, outputs: packed, lines, points, classes, names, colors, limits, threshold, axes, words }, room) {
  const outputs = unpacked(packed);
  const paths = lines.map((color) => s("path", { class: "rp-line", stroke: color }));
  const { element: over, x, y, box, size } = axesOf(axes, [xs[0], xs.at(-1)], limits, { room, ratio: ratioOf(room) });
  const inside = { x: box.left, y: box.top, width: box.width, height: box.height };
  const half = threshold !== null && s("path", { class: "rp-half", d: `M${box.left},${y(threshold)}h${box.width}` });
  over.append(s("clipPath", { id: "rp-inside" }, s("rect", inside)), s("rect", { ...inside, class: "rp-frame" }), ...[half].filter(Boolean),
    ...points.map(([a, b], i) => markOf(classes[i], 4, { transform: `translate(${x(a)},${y(b)})`, fill: colors[classes[i]], class: "rp-point rp-datum" })),
    s("g", { "clip-path": "url(#rp-inside)" }, paths));
  const line = (color) => h("li", {}, s("svg", { viewBox: "0 0 26 10", width: 26, height: 10, "aria-hidden": "true" },
    s("line", { x1: 1, x2: 25, y1: 5, y2: 5, stroke: color, "stroke-width": 2.5 })), words);
  const legend = legendOf(names.length > 1 ? "class" : "", ...namedMarks(names, colors), ...(lines.length > 1 ? [] : lines.map(line)));
  return {
    element: h("div", { class: "rp-view" }, legend, h("div", { class: "rp-plane", style: `max-width: ${1.1 * size[0]}px` }, over)),
    update(frame) {
      paths.forEach((path, k) => {
        const start = (frame * paths.length + k) * xs.length;
        const now = outputs.subarray(start, start + xs.length);
        const point = (i) => `${x(xs[i]).toFixed(1)},${y(Math.max(-1e6, Math.min(1e6, now[i]))).toFixed(1)}`;
        path.setAttribute("d", xs.map((_, i) => (Number.isNaN(now[i]) ? "" : `${now[i - 1] === undefined || Number.isNaN(now[i - 1]) ? "M" : "L"}${point(i)}`)).join(""));
      });
    },
  };
}
