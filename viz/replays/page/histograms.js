/** How the numbers of each layer are spread: as they are in a frame, before them as they were in the first. */

import { h, s } from "../../explorer/page/dom.js";
import { writeNumber } from "../../explorer/page/numbers.js";
import { outline, quantile } from "./frames.js";

const BARS_WIDTH = 300;
const BARS_HEIGHT = 110;
const BARS_BELOW = 20;
const BARS_EDGE = 30;
const BARS_MOST = 0.9; // of the frames, whose numbers are within the picture

/** A panel {element, update(frame)} of a histogram for each layer: layers are {title, frames: [[low, high, counts]]}. */
export function createHistograms({ layers, color }) {
  const parts = layers.map(({ title, frames }) => {
    const low = Math.min(0, -quantile(frames.map((frame) => -frame[0]), BARS_MOST));
    const high = Math.max(0, quantile(frames.map((frame) => frame[1]), BARS_MOST));
    const room = high > low ? high - low : 1;
    const x = (number) => (BARS_WIDTH * (number - low)) / room;
    const caption = (mark) => {
      const at = x(mark);
      const side = at < BARS_EDGE ? -1 : at > BARS_WIDTH - BARS_EDGE ? 1 : 0; // towards which the words must not reach
      return s("text", { x: at + 22 * side, y: BARS_HEIGHT - 3, "text-anchor": ["start", "middle", "end"][side + 1] }, writeNumber(mark, 2));
    };
    const draw = (frame) => {
      const corners = outline(frame).map(([at, height]) => `${x(at).toFixed(1)},${((BARS_HEIGHT - BARS_BELOW) * (1 - height)).toFixed(1)}`);
      return `M${x(frame[0]).toFixed(1)},${BARS_HEIGHT - BARS_BELOW}L${corners.join("L")}L${x(frame[1]).toFixed(1)},${BARS_HEIGHT - BARS_BELOW}Z`;
    };
    const now = s("path", { fill: color, stroke: color, class: "rp-bars" });
    const words = s("title", {});
    const drawing = s("svg", { viewBox: `-24 0 ${BARS_WIDTH + 48} ${BARS_HEIGHT}`, class: "rp-histogram", "aria-hidden": "true" }, words,
      now, s("path", { d: draw(frames[0]), class: "rp-before" }),
      s("line", { x1: 0, x2: BARS_WIDTH, y1: BARS_HEIGHT - BARS_BELOW, y2: BARS_HEIGHT - BARS_BELOW, class: "rp-grid" }),
      s("line", { x1: x(0), x2: x(0), y1: 0, y2: BARS_HEIGHT - BARS_BELOW, class: "rp-grid" }),
      ...[...new Set([low, 0, high])].filter((mark) => mark === 0 || Math.abs(mark) > room / 4).map(caption));
    return { element: h("div", {}, h("span", { class: "rp-title" }, title), drawing), draw, now, words, frames };
  });
  return {
    element: h("div", { class: "rp-histograms" }, ...parts.map(({ element }) => element)),
    update(frame) {
      for (const { draw, now, words, frames } of parts) {
        now.setAttribute("d", draw(frames[frame]));
        words.textContent = `from ${writeNumber(frames[frame][0], 3)} to ${writeNumber(frames[frame][1], 3)}; the line is the first frame`;
      }
    },
  };
}
