/** Small charts: two axes, and what is drawn between them. */

import { s } from "./dom.js";
import { raised, writeNumber } from "./numbers.js";

const FRAME = { width: 340, height: 210, left: 52, right: 12, top: 24, bottom: 36 };
const FAR = 1e6; // beyond which nothing is drawn

function linearTicks([low, high]) {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough) * power;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

function decades([low, high]) {
  const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const step = Math.max(1, Math.ceil((last - first) / 5));
  const ticks = [];
  for (let power = last; power >= first; power -= step) ticks.push(10 ** power);
  return ticks.reverse();
}

function powerOfTen(x) {
  const power = Math.round(Math.log10(x));
  return Math.abs(power) <= 1 ? writeNumber(x) : `10${raised(power)}`;
}

/** An axis that shows all of some numbers, with a little room. */
export function spanOf(values, least = 0) {
  const finite = values.filter(Number.isFinite);
  const [low, high] = finite.length ? [Math.min(...finite), Math.max(...finite)] : [0, 1];
  const room = Math.max(0.06 * (high - low), least, 1e-9 * Math.max(Math.abs(low), Math.abs(high)), Number.MIN_VALUE);
  return [low - room, high + room];
}

/**
 * An empty chart.
 *
 * x, y: {span: [from, to], title, isLog}; label: what it shows, for those who cannot see it.
 * Gives {svg, frame: {left, right, width}, line(points, class), dot(x, y, class), text(x, y, words, class), legend(names)}.
 */
export function createChart({ x, y, label }) {
  const { width, height, left, right, top, bottom } = FRAME;
  const scale = ({ span: [low, high], isLog }, from, to) => {
    const place = isLog ? Math.log10 : (value) => value;
    const [start, end] = [place(low), place(high)];
    return (value) => from + ((place(value) - start) / (end - start)) * (to - from);
  };
  const toX = scale(x, left, width - right);
  const toY = scale(y, height - bottom, top);
  const svg = s("svg", { class: "cg-chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  const write = (axis) => (axis.isLog ? powerOfTen : (value) => writeNumber(value, 4));
  for (const value of (x.isLog ? decades : linearTicks)(x.span)) {
    svg.append(s("line", { class: "cg-grid", x1: toX(value), x2: toX(value), y1: top, y2: height - bottom }),
      s("text", { class: "cg-tick", x: toX(value), y: height - bottom + 14, "text-anchor": "middle" }, write(x)(value)));
  }
  for (const value of (y.isLog ? decades : linearTicks)(y.span)) {
    svg.append(s("line", { class: "cg-grid", x1: left, x2: width - right, y1: toY(value), y2: toY(value) }),
      s("text", { class: "cg-tick", x: left - 6, y: toY(value) + 4, "text-anchor": "end" }, write(y)(value)));
  }
  svg.append(
    s("text", { class: "cg-axis", x: width - right, y: height - 5, "text-anchor": "end" }, x.title),
    s("text", { class: "cg-axis", x: left - 6, y: 13 }, y.title),
  );
  const isIn = ([px, py]) => px >= left - 1 && px <= width - right + 1 && py >= top - 1 && py <= height - bottom + 1;
  const at = (vx, vy) => [toX(vx), toY(vy)];
  const room = { x: left, y: top, width: width - left - right, height: height - top - bottom };
  const inside = s("svg", { ...room, viewBox: Object.values(room).join(" ") }); // which cuts off what is outside
  svg.append(inside);
  return {
    svg,
    frame: { left, right: width - right, width },
    line(points, kind) {
      const runs = [[]];
      for (const point of points.map(([vx, vy]) => at(vx, vy))) {
        if (point.every((c) => Math.abs(c) < FAR)) runs.at(-1).push(point);
        else if (runs.at(-1).length) runs.push([]);
      }
      const d = runs.filter((run) => run.length).map((run) => `M${run.map((point) => point.map((c) => c.toFixed(1)).join(",")).join("L")}`).join("");
      inside.append(s("path", { class: `cg-curve ${kind}`, d }));
    },
    dot(vx, vy, kind) {
      const [cx, cy] = at(vx, vy);
      if (isIn([cx, cy])) svg.append(s("circle", { class: `cg-dot ${kind}`, cx, cy, r: 5 }));
    },
    /** What the curves are called, above them: [[words, class], ...]. */
    legend(names) {
      let end = width - right;
      for (const [words, kind] of [...names].reverse()) {
        svg.append(s("text", { class: "cg-note", x: end, y: 14, "text-anchor": "end" }, words));
        end -= 6.2 * words.length + 8;
        svg.append(s("line", { class: `cg-curve ${kind}`, x1: end - 22, x2: end, y1: 10, y2: 10 }));
        end -= 38;
      }
    },
    text(vx, vy, words, kind) {
      const [px, py] = at(vx, vy);
      svg.append(s("text", { class: `cg-note ${kind ?? ""}`, x: px, y: py }, words));
    },
  };
}
