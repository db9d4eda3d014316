/** A leaf in the picture is dragged to nudge it, while the screen of that is open. */

import { variantOf, vary } from "./variant.js";

const LENGTH = 160; // pixels that a leaf is dragged for its own size, or for 1 if it is smaller

/** Have the card of a leaf react to being dragged. To be called before what reacts to a click is added. */
export function makeDraggable(app, card, leaf) {
  let grip = null; // {x, y, from, isMoved}
  const isOn = () => app.state().screen === "nudge" && !app.state().predicting;
  card.addEventListener("pointerenter", () => {
    card.style.cursor = isOn() ? "ew-resize" : "";
  });
  card.addEventListener("pointerdown", (event) => {
    if (!isOn()) return;
    event.stopPropagation(); // or the picture would be dragged
    card.setPointerCapture(event.pointerId);
    grip = { x: event.clientX, y: event.clientY, from: variantOf(app.state()).leaves[leaf.id] ?? leaf.data, isMoved: false };
  });
  card.addEventListener("pointermove", (event) => {
    if (!grip) return;
    const by = event.clientX - grip.x - (event.clientY - grip.y);
    if (!grip.isMoved && Math.abs(by) < 4) return;
    if (!grip.isMoved && app.state().selected !== leaf.id) app.dispatch({ type: "select", node: leaf.id });
    grip.isMoved = true;
    const x = grip.from + (by / LENGTH) * Math.max(1, Math.abs(leaf.data));
    vary(app, { leaves: { ...variantOf(app.state()).leaves, [leaf.id]: Number(x.toPrecision(4)) } });
  });
  const release = () => {
    if (grip && !grip.isMoved) grip = null;
  };
  card.addEventListener("pointerup", release);
  card.addEventListener("pointercancel", () => {
    grip = null;
  });
  card.addEventListener("click", (event) => {
    if (grip?.isMoved) event.stopImmediatePropagation(); // what ends a drag is no click
    grip = null;
  });
}
