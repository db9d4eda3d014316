/** Gradient descent: w <- w - rate * gradient, and what it does to the loss. */

import { isLeaf } from "./bugs.js";

/** The leaves that learn: the parameters, or where there are none the inputs. */
export function learners(trace) {
  const parameters = trace.nodes.filter((node) => node.kind === "parameter");
  return parameters.length ? parameters : trace.nodes.filter(isLeaf);
}

/** One step from a trace: [{id, name, before, gradient, after}, ...]. */
export function updateOf(trace, rate) {
  return learners(trace).map(({ id, name, data, gradient }) => ({
    id, name, before: data, gradient, after: data - rate * gradient,
  }));
}

/** By how much a step lowers the loss if the function were straight: rate * the sum of the squares of the gradients. */
export function expectedFall(trace, rate) {
  return learners(trace).reduce((sum, { gradient }) => sum + rate * gradient * gradient, 0);
}

/**
 * Some steps from a trace: [{trace, leaves, loss}, ...], of which the first is where it starts.
 *
 * `nudge(leaves)` gives a Promise of the trace with these numbers in the leaves. It ends early where a number is no
 * longer finite.
 */
export async function descent(nudge, trace, { rate, steps, leaves = {} }) {
  const found = [{ trace, leaves, loss: trace.node(trace.output).data }];
  for (let i = 0; i < steps; i += 1) {
    const last = found.at(-1);
    const moved = Object.fromEntries(updateOf(last.trace, rate).map(({ id, after }) => [id, after]));
    const next = { ...last.leaves, ...moved };
    const at = await nudge(next);
    found.push({ trace: at, leaves: next, loss: at.node(at.output).data });
    if (!Number.isFinite(found.at(-1).loss)) break;
  }
  return found;
}
