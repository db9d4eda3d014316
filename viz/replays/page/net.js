/** The network: a line for each weight, thick where it is large, and in each unit what it says of the plane. */

import { h, s } from "../../explorer/page/dom.js";
import { writeNumber } from "../../explorer/page/numbers.js";
import { channels, unpacked } from "./frames.js";

const ACROSS = [70, 190]; // between two columns, at least and at most
const DOWN = 46; // about what is drawn
const APART = 0.25; // between two units, at most, in the height that there is
const ABOVE = 44;
const BESIDE = 50;
const THIN = 0.4;
const THICK = [1.6, 5]; // the largest weight of a layer: of one with many weights and of one with few
const FEW = 24;
const FAINT = 0.35; // how much of its colour the smallest has

/** A panel {element, update(frame)} of the network. */
export function createNet({ columns, edges, labels, weights: packed, maps, mapSize, colors }, room) {
  const weights = unpacked(packed);
  const [plus, minus] = [channels(colors.plus), channels(colors.minus)];
  const across = Math.max(ACROSS[0], Math.min(ACROSS[1], (room.width - 2 * BESIDE) / (columns.length - 1)));
  const width = across * (columns.length - 1) + 2 * BESIDE;
  const tallest = Math.max(...columns.map(({ units }) => units.length)) - 1;
  const height = Math.min(room.height - ABOVE, APART * room.height * tallest + DOWN);
  const places = columns.map(({ units }, column) => {
    const gap = Math.min(APART * room.height, (height - DOWN) / Math.max(1, units.length - 1));
    return units.map((_, row) => [BESIDE + across * column, ABOVE + height / 2 + gap * (row - (units.length - 1) / 2), gap]);
  });
  const placeOf = (column, unit) => places[column][columns[column].units.indexOf(unit)];
  const largest = columns.map(() => 1e-300);
  for (let i = 0; i < weights.length; i += 1) {
    const column = edges[i % edges.length][0];
    if (Number.isFinite(weights[i])) largest[column] = Math.max(largest[column], Math.abs(weights[i]));
  }
  const thick = columns.map((_, column) => {
    const n = edges.filter(([from]) => from === column).length;
    return Math.max(THICK[0], THICK[1] * Math.min(1, Math.sqrt(FEW / n)));
  });
  const lines = edges.map(([column, tail, head]) => {
    const [[x1, y1], [x2, y2]] = [placeOf(column, tail), placeOf(column + 1, head)];
    const words = s("title", {});
    const line = s("line", { x1, y1, x2, y2 }, words);
    return { line, words, column };
  });
  const size = (gap) => Math.max(8, Math.min(40, gap - 4, 14 + 0.3 * gap));
  const units = columns.flatMap(({ units: drawn, title }, column) => drawn.map((unit, row) => {
    const [x, y, gap] = places[column][row];
    const half = size(gap) / 2;
    if (unit === null) return s("text", { x, y: y + 5, "text-anchor": "middle" }, "⋮", s("title", {}, columns[column].folded));
    return s("rect", { x: x - half, y: y - half, width: 2 * half, height: 2 * half, rx: half / 2.5, class: "rp-unit" },
      s("title", {}, `${title}, unit ${unit}`));
  }));
  const captions = columns.map(({ title, activation }, column) => s("text", { x: BESIDE + across * column, y: 14, "text-anchor": "middle" },
    s("tspan", {}, title), s("tspan", { x: BESIDE + across * column, dy: 15 }, activation)));
  const box = [width, height + ABOVE];
  const drawing = s("svg", { viewBox: `0 0 ${box.join(" ")}`, "aria-hidden": "true" }, ...captions, ...lines.map(({ line }) => line), ...units);
  const canvas = h("canvas", { class: "rp-maps", width: 2 * box[0], height: 2 * box[1] });
  const context = canvas.getContext("2d");
  const small = h("canvas", { width: mapSize, height: mapSize });
  const fields = maps.map(({ column, unit, numbers }) => ({ place: placeOf(column, unit), numbers: unpacked(numbers) })).filter(({ place }) => place);

  function drawMaps(frame) {
    context.clearRect(0, 0, canvas.width, canvas.height);
    const inner = small.getContext("2d");
    for (const { place: [x, y, gap], numbers } of fields) {
      const image = inner.createImageData(mapSize, mapSize);
      const now = numbers.subarray(frame * mapSize ** 2, (frame + 1) * mapSize ** 2);
      now.forEach((number, i) => {
        const hue = number < 0 ? minus : plus;
        const depth = Math.min(1, Math.abs(number));
        const row = mapSize - 1 - Math.floor(i / mapSize);
        image.data.set([...hue.map((channel) => Math.round(255 - depth * (255 - channel))), 255], 4 * (row * mapSize + (i % mapSize)));
      });
      inner.putImageData(image, 0, 0);
      const half = size(gap) / 2 - 0.7;
      context.save();
      context.beginPath();
      context.roundRect(2 * (x - half), 2 * (y - half), 4 * half, 4 * half, half / 1.25);
      context.clip();
      context.drawImage(small, 2 * (x - half), 2 * (y - half), 4 * half, 4 * half);
      context.restore();
    }
  }

  return {
    element: h("div", { class: "rp-net", style: `aspect-ratio: ${box[0]} / ${box[1]}; max-width: ${box[0] * 1.1}px` }, drawing, canvas),
    update(frame) {
      lines.forEach(({ line, words, column }, i) => {
        const weight = weights[frame * edges.length + i];
        line.setAttribute("class", weight < 0 ? "rp-minus" : "rp-plus");
        const part = Math.abs(weight) / largest[column];
        line.setAttribute("stroke-width", (THIN + (thick[column] - THIN) * part).toFixed(2));
        line.setAttribute("stroke-opacity", (FAINT + (1 - FAINT) * part).toFixed(2));
        words.textContent = `${labels[i]} = ${writeNumber(weight, 3)}`;
      });
      if (fields.length) drawMaps(frame);
    },
  };
}
