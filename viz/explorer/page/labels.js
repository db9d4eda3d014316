/** The numbers at the arrows: those that stay beside them, and those of the moment, which stand out. */

import { s } from "./dom.js";
import { placeLabel, pointCounter } from "./placing.js";

const STAYING = { font: "12px", size: 12, height: 15, around: 0, reach: 40 };
const NOW = { font: "650 14px", size: 14, height: 24, around: 18, reach: 450 };
const MARGIN = 14; // points around the picture in which labels may stand

/**
 * The labels of arrows, a Map from a name to {points, isLast} (of two that run side by side, whether it is the lower).
 *
 * Gives {element, arrange(texts, taken), show(passed, now)}: `arrange` finds the places of those that stay, a Map from
 * names to texts, off the boxes that are taken; `show` puts up those of them that are named in a list, and those of the
 * moment, a Map from names to {text, widest, isMarked}, in which `widest` is the widest text that stands there in turn.
 */
export function createLabels(arrows, { width, height }) {
  const bounds = [width / 2, height / 2, width + 2 * MARGIN, height + 2 * MARGIN];
  const countPoints = pointCounter([...arrows.values()].map(({ points }) => points));
  const order = [...arrows.keys()];
  const labels = new Map(); // those that are up
  const element = s("g", {});
  let boxes = [];
  let staying = new Map(); // the name of an arrow -> {text, place}

  function place(name, wide, kind, taken) {
    const { points, isLast } = arrows.get(name);
    const label = { points, width: wide, height: kind.height, isOn: kind === NOW, side: isLast ? -1 : 1, reach: kind.reach };
    return placeLabel(label, taken, countPoints, bounds);
  }

  function labelOf(name) {
    if (!labels.has(name)) {
      const next = order.slice(order.indexOf(name)).find((each) => labels.has(each));
      labels.set(name, createLabel());
      element.insertBefore(labels.get(name).element, labels.get(next)?.element ?? null);
    }
    return labels.get(name);
  }

  return {
    element,
    arrange(texts, taken) {
      boxes = taken;
      staying = new Map();
      const reserved = [...taken];
      for (const [name, text] of texts) {
        const wide = widthOf(text, STAYING, element);
        const found = place(name, wide, STAYING, reserved);
        if (!found.isFree) continue; // the tables tell it, and the arrow itself when its turn comes
        staying.set(name, { text, place: found, width: wide });
        reserved.push([found.x, found.y, wide, STAYING.height]);
      }
    },
    show(passed, now) {
      const reserved = [...boxes];
      const seen = new Set(passed.filter((name) => staying.has(name) && !now.has(name)));
      for (const [name, label] of labels) {
        if (seen.has(name) || now.has(name)) continue;
        label.element.remove();
        labels.delete(name);
      }
      for (const name of seen) {
        const { text, place: found, width: wide } = staying.get(name);
        labelOf(name).show(text, found, wide, STAYING);
        reserved.push([found.x, found.y, wide, STAYING.height]);
      }
      for (const [name, { text, widest, isMarked }] of now) {
        const wide = widthOf(text, NOW, element);
        const most = Math.max(wide, widthOf(widest ?? text, NOW, element));
        const found = place(name, most, NOW, reserved);
        labelOf(name).show(text, found, wide, NOW, isMarked);
        reserved.push([found.x, found.y, most, NOW.height]);
      }
    },
  };
}

function createLabel() {
  const leader = s("path", { class: "cg-leader" });
  const ground = s("rect", { rx: NOW.height / 2 });
  const words = s("text", {});
  const element = s("g", { class: "cg-local" }, leader, ground, words);
  let shown = "";
  return {
    element,
    show(text, { x, y, from }, width, kind, isMarked = false) {
      const key = [text, x, y, kind.font, isMarked].join();
      if (key === shown) return;
      shown = key;
      element.classList.toggle("is-now", kind === NOW);
      element.classList.toggle("is-marked", isMarked);
      words.textContent = text;
      set(words, { x, y: y + 0.36 * kind.size });
      set(ground, { x: x - width / 2, y: y - kind.height / 2, width, height: kind.height });
      if (from) leader.setAttribute("d", `M${from.x},${from.y}L${x},${y}`);
      else leader.removeAttribute("d");
    },
  };
}

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}

let canvas = null;
let family = null; // asked for once, as to ask for a style makes the page find all of them

/** The width of a label in the letters of the page that an element is on. */
function widthOf(text, { font, around }, element) {
  canvas ??= document.createElement("canvas").getContext("2d");
  if (element.isConnected) family ??= getComputedStyle(element).getPropertyValue("--cg-sans");
  canvas.font = `${font} ${family ?? "sans-serif"}`;
  return canvas.measureText(text).width * 1.02 + around;
}
