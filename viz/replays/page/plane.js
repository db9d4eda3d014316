/** What the model says of the plane, or along a line, and the data. */

import { h, s } from "../../explorer/page/dom.js";
import { writeNumber } from "../../explorer/page/numbers.js";
import { channels, leads, refined, ticks, unpacked, zeroLine } from "./frames.js";

const SIZE = 440; // of the drawing, in its own units
const LEFT = 38;
const BELOW = 30;
const CURVE_HEIGHT = 330;
const FINE = 3; // pixels between the points that were tried

/** Shapes of the points, a class told by either shape or colour. */
const SHAPES = [
  (r) => `M${-r},0a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0Z`,
  (r) => `M${-r},${-r}H${r}V${r}H${-r}Z`,
  (r) => `M0,${-1.3 * r}L${1.3 * r},0L0,${1.3 * r}L${-1.3 * r},0Z`,
  (r) => `M0,${-1.2 * r}L${1.2 * r},${r}H${-1.2 * r}Z`,
  (r) => `M0,${1.2 * r}L${1.2 * r},${-r}H${-1.2 * r}Z`,
];

/** Axes so high, and as wide as there is room; gives {element, x, y}: the drawing, and where numbers are in it. */
function axesOf(names, [xLow, xHigh], [yLow, yHigh], height, ...children) {
  const x = (value) => LEFT + ((value - xLow) / (xHigh - xLow)) * (SIZE - LEFT);
  const y = (value) => height * (1 - (value - yLow) / (yHigh - yLow));
  const element = s("svg", { viewBox: `0 0 ${SIZE} ${height + BELOW}`, class: "rp-over", "aria-hidden": "true" },
    ...ticks(xLow, xHigh).map((tick) => s("text", { x: x(tick), y: height + 14, "text-anchor": "middle" }, writeNumber(tick, 3))),
    ...ticks(yLow, yHigh).map((tick) => s("text", { x: LEFT - 5, y: y(tick) + 4, "text-anchor": "end" }, writeNumber(tick, 3))),
    s("text", { x: (LEFT + SIZE) / 2, y: height + BELOW - 2, "text-anchor": "middle" }, names[0]),
    s("text", { x: 4, y: 12 }, names[1]),
    ...children);
  return { element, x, y };
}

/** A panel {element, update(frame)} of the plane. */
export function createPlane(plane) {
  const { n, k, x: xRange, y: yRange, names, colors, tint, threshold, limit, points } = plane;
  const fields = unpacked(plane.scores);
  const hues = colors.map(channels);
  const pixels = (n - 1) * FINE;
  const height = (SIZE - LEFT) * (plane.isToScale ? (yRange[1] - yRange[0]) / (xRange[1] - xRange[0]) : 1);
  const share = (part, whole) => `${(100 * part) / whole}%`;
  const canvas = h("canvas", {
    width: pixels,
    height: pixels,
    class: "rp-field",
    style: `left: ${share(LEFT, SIZE)}; width: ${share(SIZE - LEFT, SIZE)}; height: ${share(height, height + BELOW)}`,
  });
  const context = canvas.getContext("2d");
  const line = s("path", { class: "rp-boundary" });
  const { element: over, x, y } = axesOf(plane.axes, xRange, yRange, height, line);
  over.append(...points.map(([a, b, i]) =>
    s("path", { d: SHAPES[i % SHAPES.length](4.2), transform: `translate(${x(a)},${y(b)})`, fill: colors[i], class: "rp-point" })));

  /** [the number of the class of a point, how deep its shade is], of the k scores that begin at an index. */
  function shadeOf(scores, at) {
    if (k === 1) {
      const depth = (scores[at] - threshold) / limit;
      return [depth < 0 ? 0 : 1, Number.isNaN(depth) ? 0 : Math.min(1, Math.abs(depth)) * tint];
    }
    let winner = 0;
    for (let i = 1; i < k; i += 1) if (scores[at + i] > scores[at + winner]) winner = i;
    return [winner, Math.max(0, (scores[at + winner] - 1 / k) / (1 - 1 / k)) * tint];
  }

  function update(frame) {
    const field = fields.subarray(frame * n * n * k, (frame + 1) * n * n * k);
    const image = context.createImageData(pixels, pixels);
    const scores = refined(field, n, k, pixels);
    for (let row = 0; row < pixels; row += 1) {
      for (let column = 0; column < pixels; column += 1) {
        const [winner, depth] = shadeOf(scores, (row * pixels + column) * k);
        const pixel = 4 * ((pixels - 1 - row) * pixels + column);
        for (let channel = 0; channel < 3; channel += 1) image.data[pixel + channel] = 255 - depth * (255 - hues[winner][channel]);
        image.data[pixel + 3] = 255;
      }
    }
    context.putImageData(image, 0, 0);
    const heights = k === 1 ? [field.map((score) => score - threshold)] : leads(field, n, k);
    const place = (u, v) => `${(LEFT + u * (SIZE - LEFT)).toFixed(1)},${(height * (1 - v)).toFixed(1)}`;
    line.setAttribute("d", heights.flatMap((each) => zeroLine(each, n)).map(([x1, y1, x2, y2]) =>
      `M${place(x1, y1)}L${place(x2, y2)}`).join(""));
  }

  const legend = h("ul", { class: "rp-legend" }, h("li", {}, "class"), ...names.map((name, i) =>
    h("li", {}, s("svg", { viewBox: "-7 -7 14 14", width: 14, height: 14, "aria-hidden": "true" },
      s("path", { d: SHAPES[i % SHAPES.length](5), fill: colors[i] })), name)));
  return { element: h("div", {}, legend, h("div", { class: "rp-plane" }, canvas, over)), update };
}

/** A panel {element, update(frame)} of a function of one input. */
export function createCurve({ x: xs, outputs: packed, points, color, accent, axes }) {
  const outputs = unpacked(packed);
  const heights = points.map((point) => point[1]);
  const [least, most] = [Math.min(...heights), Math.max(...heights)];
  const room = 0.15 * (most - least) || 1;
  const line = s("path", { class: "rp-line", stroke: accent });
  const { element: over, x, y } = axesOf(axes, [xs[0], xs.at(-1)], [least - room, most + room], CURVE_HEIGHT,
    s("clipPath", { id: "rp-inside" }, s("rect", { x: LEFT, y: 0, width: SIZE - LEFT, height: CURVE_HEIGHT })),
    s("rect", { x: LEFT, y: 0, width: SIZE - LEFT, height: CURVE_HEIGHT, class: "rp-frame" }));
  over.append(...points.map(([a, b]) => s("circle", { cx: x(a), cy: y(b), r: 4, fill: color, class: "rp-point" })),
    s("g", { "clip-path": "url(#rp-inside)" }, line));
  over.classList.remove("rp-over");
  return {
    element: h("div", { class: "rp-plane" }, over),
    update(frame) {
      const now = outputs.subarray(frame * xs.length, (frame + 1) * xs.length);
      line.setAttribute("d", xs.map((each, i) => `${i ? "L" : "M"}${x(each).toFixed(1)},${y(Math.max(-1e6, Math.min(1e6, now[i]))).toFixed(1)}`).join(""));
    },
  };
}
