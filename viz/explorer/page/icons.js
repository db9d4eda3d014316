/** The signs on the buttons. */

import { s } from "./dom.js";

const PATHS = {
  home: "M4 3v12M14 3.5 7 9l7 5.5z",
  undo: "M12.5 3.5 5.5 9l7 5.5z",
  step: "M5.5 3.5 12.5 9l-7 5.5z",
  play: "M4 3l6 6-6 6zM10 3l6 6-6 6z",
  pause: "M5 3.5h2.5v11H5zM10.5 3.5H13v11h-2.5z",
  end: "M14 3v12M4 3.5 11 9l-7 5.5z",
  plus: "M9 4v10M4 9h10",
  minus: "M4 9h10",
  fit: "M3 7V3h4M11 3h4v4M15 11v4h-4M7 15H3v-4",
  picture: "M3 3.5h12v11H3zM3.5 12.5l3.5-4 3 3 2-2 3 3",
  print: "M5 7V3h8v4M5 12H3V7h12v5h-2M5 10.5h8V15H5z",
  theme: "M9 3a6 6 0 1 0 0 12zM9 3a6 6 0 0 1 0 12",
  help: "M6.7 7.2a2.3 2.3 0 1 1 3.4 2c-.8.5-1.1.9-1.1 1.9M9 13.6v.2",
};
const FILLED = new Set(["home", "undo", "step", "play", "pause", "end"]);

/** A sign by its name. */
export function icon(name) {
  const stroke = FILLED.has(name) ? 1.2 : 1.6;
  const path = s("path", { d: PATHS[name], "stroke-width": stroke, "stroke-linecap": "round", "stroke-linejoin": "round" });
  if (!FILLED.has(name)) path.setAttribute("fill", name === "theme" ? "currentColor" : "none");
  if (name === "theme") path.setAttribute("fill-opacity", "0.55");
  return s("svg", { viewBox: "0 0 18 18", "aria-hidden": "true" }, path);
}
