/** Where a walk through a trace stops: after each event, and at each of the three beats of those that go backward. */

import { holders } from "./views.js";

const BEATS = 3; // of an arrow: its local rule, times upstream, accumulate

/**
 * The places at which to stop in a view, in order: {index, beat, event, first, box, opens}.
 *
 * Index counts the events that have happened, event is the one that is told of there (-1 for none). What happens
 * inside of a folded box is one stop, whose events start at first, and opens says whether it can be opened; what goes back to constants, whose gradients nobody
 * needs, is none.
 */
export function stopsOf(trace, view) {
  const held = holders(trace, view);
  const stops = [{ index: 0, beat: 0, event: -1, first: 0, box: null }];
  let inside = null;
  trace.events.forEach((event, i) => {
    const last = stops.at(-1);
    const isBackward = event.phase === "backward";
    if (isBackward && trace.node(event.operand)?.kind === "constant") {
      if (last.index === i) last.index = i + 1;
      return;
    }
    const holder = held.get(event.node);
    const box = holder === event.node ? null : holder;
    const step = box && `${event.phase} ${box}`;
    if (step && step === inside) Object.assign(last, { index: i + 1, event: i });
    else {
      if (isBackward && !box) {
        for (let beat = 1; beat < BEATS; beat += 1) stops.push({ index: i, beat, event: i, first: i, box });
      }
      stops.push({ index: i + 1, beat: 0, event: i, first: i, box, opens: Boolean(view.boxes[box]?.view) });
    }
    inside = step;
  });
  return stops;
}
