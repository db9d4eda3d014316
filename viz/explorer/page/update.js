/** Gradient descent: w <- w - rate * gradient, and what it does to the loss. */

import { isLeaf } from "./trace.js";

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
