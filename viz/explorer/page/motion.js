/** A number on its way along an arrow. Nobody is shown it who asked for less motion. */

import { s } from "./dom.js";
import { pointAt } from "./placing.js";

const SAMPLES = 16;

/** Send a number along the points of an arrow, backward from its end to its start. */
export function travel(world, points, text, isBackward) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches || !world.animate) return;
  const width = 14 + 7.6 * text.length;
  const chip = s("g", { class: `cg-traveller${isBackward ? " is-backward" : ""}` },
    s("rect", { x: -width / 2, y: -11, width, height: 22, rx: 11 }), s("text", { y: 4.5 }, text));
  world.append(chip);
  const frames = Array.from({ length: SAMPLES + 1 }, (_, i) => {
    const share = i / SAMPLES;
    const { x, y } = pointAt(points, isBackward ? 1 - share : share);
    const opacity = share > 0.85 ? (1 - share) / 0.15 : 1;
    return { transform: `translate(${x}px, ${y}px)`, opacity };
  });
  const motion = chip.animate(frames, { duration: isBackward ? 800 : 520, easing: "cubic-bezier(0.4, 0, 0.4, 1)", fill: "both" });
  motion.finished.catch(() => {}).finally(() => chip.remove());
}

/** End all motion, so that the next step starts from rest. */
export function settle(world) {
  for (const chip of world.querySelectorAll(".cg-traveller")) chip.remove();
}
