/** An arrow of the picture. */

import { s } from "./dom.js";
import { pointsAlong } from "./placing.js";

const ROLES_OF_ARROWS = ["forward", "backward", "passed"];

/** The arrow of an edge of a layout: {element, points, name, isSingle, update(role, isMarked)}. */
export function createArrow(edge) {
  const points = pointsAlong(edge.path);
  const [before, tip] = points.slice(-2);
  const angle = (Math.atan2(tip.y - before.y, tip.x - before.x) * 180) / Math.PI;
  const line = s("path", { class: "cg-edge", d: edge.path });
  const head = s("path", { class: "cg-tip", d: "M0,0L-9,-4.2L-7,0L-9,4.2Z", transform: `translate(${tip.x},${tip.y}) rotate(${angle})` });
  return {
    element: s("g", {}, line, head),
    points,
    name: `${edge.head}:${edge.position}`,
    isSingle: edge.position !== null,
    update(role, isMarked) {
      for (const { classList } of [line, head]) {
        for (const each of ROLES_OF_ARROWS) classList.toggle(`is-${each}`, role === each);
        classList.toggle("is-marked", isMarked);
      }
    },
  };
}
