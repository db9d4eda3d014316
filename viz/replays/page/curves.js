/** Lines over the epochs, with a mark at the one that is shown. */

import { h, s } from "../../explorer/page/dom.js";
import { writeNumber } from "../../explorer/page/numbers.js";
import { decades, evenMarks, ticks, wide } from "./frames.js";

const CHART_HEIGHT = 250;
const EDGES = { top: 12, bottom: 40 };
const NARROW = 420; // pixels: where there are no more, there are fewer numbers below

/** Where the numbers of some lines are: {place(number), marks, words}. */
function scaleOf(series, { isLog, range }) {
  const finite = series.flatMap(({ numbers }) => numbers.filter((x) => Number.isFinite(x) && (!isLog || x > 0)));
  const inner = CHART_HEIGHT - EDGES.top - EDGES.bottom;
  if (isLog && finite.length) {
    const marks = decades(Math.min(...finite), Math.max(...finite));
    const [low, high] = [Math.log10(Math.min(marks[0], ...finite)), Math.log10(Math.max(marks.at(-1), ...finite))];
    return { marks, place: (x) => (x > 0 ? EDGES.top + inner * (1 - (Math.log10(x) - low) / (high - low || 1)) : NaN) };
  }
  let [low, high] = range ?? [Math.min(...finite), Math.max(...finite)];
  if (!finite.length) [low, high] = [0, 1];
  if (!range && low >= 0 && low <= high / 2) low = 0;
  if (low === high) [low, high] = [low - 1, high + 1];
  const step = ticks(low, high);
  if (!range && step.length > 1) high = Math.max(high, Math.ceil(high / (step[1] - step[0]) - 1e-9) * (step[1] - step[0]));
  const marks = ticks(low, high);
  return { marks, place: (x) => EDGES.top + inner * (1 - (x - low) / (high - low)) };
}

/** Where the numbers of the first side are so that its marks are as high as those of the second: one grid for both. */
function align([first, second]) {
  const finite = first.mine.flatMap(({ numbers }) => numbers.filter(Number.isFinite));
  const n = second.scale.marks.length - 1;
  if (!finite.length || n < 1) return;
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const marks = evenMarks(low >= 0 && low <= high / 2 ? 0 : low, high, n);
  const [bottom, top] = [second.scale.marks[0], second.scale.marks.at(-1)];
  first.scale = { marks, place: (number) => second.scale.place(bottom + ((number - marks[0]) / (marks[n] - marks[0])) * (top - bottom)) };
}

function path(numbers, x, place) {
  let isOpen = false;
  return numbers.map((number, i) => {
    const y = place(number);
    if (!Number.isFinite(number) || !Number.isFinite(y)) {
      isOpen = false;
      return "";
    }
    const move = isOpen ? "L" : "M";
    isOpen = true;
    return `${move}${x(i + 1).toFixed(1)},${y.toFixed(1)}`;
  }).join("");
}

/**
 * A panel {element, update(epoch)} of lines by epoch.
 *
 * Each of series is {words, color, dash, side: "left" | "right", numbers}; left and right are {words, isLog, range}.
 */
export function createCurves({ series, left, right, epochs, best }, room) {
  const sides = Object.entries({ left, right }).flatMap(([side, axis]) => {
    const mine = series.filter((each) => each.side === side);
    return axis && mine.length ? [{ side, axis, mine, scale: scaleOf(mine, axis) }] : [];
  });
  if (sides.length === 2 && sides[1].axis.range) align(sides);
  const beside = (which) => {
    const found = sides.find(({ side }) => side === which);
    return found ? 10 + Math.max(...found.scale.marks.map((mark) => wide(writeNumber(mark, 3)))) + (found.axis.words ? 20 : 0) : 16;
  };
  const [start, end] = [beside("left"), room - beside("right")];
  const x = (epoch) => start + ((epoch - 0.5) / Math.max(1, epochs)) * (end - start);
  const marks = sides.flatMap(({ side, axis, scale }, i) => [
    ...scale.marks.flatMap((mark) => [
      i === 0 && s("line", { x1: start, x2: end, y1: scale.place(mark), y2: scale.place(mark), class: "rp-grid" }),
      s("text", {
        x: side === "left" ? start - 6 : end + 6,
        y: scale.place(mark) + 5,
        "text-anchor": side === "left" ? "end" : "start",
      }, writeNumber(mark, 3)),
    ]),
    s("text", { transform: `translate(${side === "left" ? 13 : room - 5},${(CHART_HEIGHT - EDGES.bottom) / 2}) rotate(-90)`, "text-anchor": "middle" }, axis.words),
  ]);
  const lines = sides.flatMap(({ mine, scale }) => mine.map(({ numbers, color, dash, words }) =>
    s("path", { d: path(numbers, x, scale.place), stroke: color, "stroke-dasharray": dash, class: "rp-line" }, s("title", {}, words))));
  const cursor = s("line", { y1: EDGES.top, y2: CHART_HEIGHT - EDGES.bottom, class: "rp-cursor" });
  const dots = sides.flatMap(({ mine, scale }) => mine.map((each) => ({ each, scale, dot: s("circle", { r: 4, fill: each.color, class: "rp-point" }) })));
  const epochMarks = ticks(1, Math.max(1, epochs), room < NARROW ? 4 : 8).filter(Number.isInteger);
  const drawing = s("svg", { viewBox: `0 0 ${room} ${CHART_HEIGHT}`, "aria-hidden": "true" }, ...marks,
    ...epochMarks.map((mark) => s("text", { x: x(mark), y: CHART_HEIGHT - EDGES.bottom + 17, "text-anchor": "middle" }, String(mark))),
    s("text", { x: (start + end) / 2, y: CHART_HEIGHT - 4, "text-anchor": "middle" }, "epoch"),
    best && s("path", { d: `M${x(best)},${EDGES.top}l-5,-7h10Z`, class: "rp-best" }, s("title", {}, `epoch ${best}, whose weights were kept`)),
    cursor, ...lines, ...dots.map(({ dot }) => dot));
  const legend = h("ul", { class: "rp-legend" }, ...series.map(({ words, color, dash }) => h("li", {},
    s("svg", { viewBox: "0 0 26 10", width: 26, height: 10, "aria-hidden": "true" },
      s("line", { x1: 1, x2: 25, y1: 5, y2: 5, stroke: color, "stroke-width": 2.5, "stroke-dasharray": dash })), words)));
  return {
    element: h("div", {}, legend, drawing),
    update(epoch) {
      const at = Math.max(start, x(epoch));
      cursor.setAttribute("x1", at);
      cursor.setAttribute("x2", at);
      for (const { each, scale, dot } of dots) {
        const number = each.numbers[epoch - 1];
        const y = Number.isFinite(number) ? scale.place(number) : NaN;
        dot.setAttribute("visibility", Number.isFinite(y) ? "visible" : "hidden");
        if (Number.isFinite(y)) {
          dot.setAttribute("cx", at);
          dot.setAttribute("cy", y);
        }
      }
    },
  };
}
