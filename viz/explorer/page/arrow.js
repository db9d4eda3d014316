/** An arrow of the picture. */

import { dresser, s } from "./dom.js";
import { pointsAlong } from "./placing.js";

/** The arrow of an edge of a layout: {element, points, name, isSingle, dress(...classes)}. */
export function createArrow(edge) {
  const points = pointsAlong(edge.path);
  const [before, tip] = points.slice(-2);
  const angle = (Math.atan2(tip.y - before.y, tip.x - before.x) * 180) / Math.PI;
  const line = s("path", { class: "cg-edge", d: edge.path });
  const head = s("path", { class: "cg-tip", d: "M0,0L-9,-4.2L-7,0L-9,4.2Z", transform: `translate(${tip.x},${tip.y}) rotate(${angle})` });
  return {
    element: s("g", {}, line, head),
    dress: dresser(line, head),
    points,
    name: `${edge.head}:${edge.position}`,
    isSingle: edge.position !== null,
  };
}
