/** The chain rule as a sum over paths, and what it costs to follow every path, or none of them twice. */

import { isLeaf } from "./trace.js";

const MOST_COUNTED = 2e7; // edges that are looked at, to count the multiplications of forward mode exactly

function backwardEvents(trace) {
  return trace.events.filter((event) => event.phase === "backward");
}

/** Nodes that depend on one, and itself. */
function dependents(trace, id) {
  const found = new Set([id]);
  for (const node of trace.nodes) if (node.operands?.some((operand) => found.has(operand))) found.add(node.id);
  return found;
}

/** Along an arrow. A 0 through which nothing comes stays 0, also of an infinite rest. */
function along(rest, event) {
  return event.local === 0 && event.contribution === 0 ? 0 : rest * event.local;
}

function size(product) {
  return Number.isNaN(product) ? Infinity : Math.abs(product);
}

/** How many paths there are from each node to the output; beyond 2**53 nearly. */
export function pathCounts(trace) {
  const counts = new Map([[trace.output, 1]]);
  // Backward events come node by node from the output: when a node passes on, all that it has is known.
  for (const { node, operand } of backwardEvents(trace)) {
    counts.set(operand, (counts.get(operand) ?? 0) + counts.get(node));
  }
  return counts;
}

/**
 * The paths from a node to the output, those of the largest products first.
 *
 * Gives {count, paths, sum, gradient}: how many there are; of at most so many {steps, product}, where steps are the
 * backward events from the node up to the output; the sum of these products; the node's gradient.
 */
export function pathsFrom(trace, id, most = 12) {
  const between = dependents(trace, id);
  const known = new Map([[trace.output, [{ product: 1, event: null, rest: null }]]]);
  for (const event of backwardEvents(trace)) {
    if (!between.has(event.operand) || !between.has(event.node)) continue;
    const further = known.get(event.node).map((rest) => ({ product: along(rest.product, event), event, rest }));
    const all = [...(known.get(event.operand) ?? []), ...further].sort((a, b) => size(b.product) - size(a.product));
    known.set(event.operand, all.slice(0, most));
  }
  const paths = (known.get(id) ?? []).map((path) => {
    const steps = [];
    for (let at = path; at.event; at = at.rest) steps.push(at.event);
    return { steps, product: path.product };
  });
  return {
    count: pathCounts(trace).get(id) ?? 0,
    paths,
    sum: paths.reduce((sum, { product }) => sum + product, 0),
    gradient: trace.node(id).gradient,
  };
}

/**
 * How many multiplications of a local derivative each way takes to all gradients of the leaves of this graph.
 *
 * Gives {leaves, outputs, edges, reverse, forward, paths, isExact}: reverse mode goes once over every arrow, for each
 * output; forward mode once for each leaf over the arrows that depend on it; path by path a product for each path.
 * Where the graph is too large to count those of forward mode, it is leaves times edges, and not exact.
 */
export function costs(trace) {
  const kinds = new Map(trace.nodes.map((node) => [node.id, node.kind]));
  const edges = backwardEvents(trace).filter((event) => kinds.get(event.operand) !== "constant");
  const leaves = trace.nodes.filter(isLeaf);
  const isExact = leaves.length * edges.length <= MOST_COUNTED;
  const forward = isExact
    ? leaves.reduce((sum, leaf) => {
        const reached = dependents(trace, leaf.id);
        return sum + edges.filter((edge) => reached.has(edge.operand)).length;
      }, 0)
    : leaves.length * edges.length;
  const counts = pathCounts(trace);
  const lengths = new Map([[trace.output, 0]]);
  for (const { node, operand } of edges) {
    lengths.set(operand, (lengths.get(operand) ?? 0) + lengths.get(node) + counts.get(node));
  }
  const paths = leaves.reduce((sum, leaf) => sum + (lengths.get(leaf.id) ?? 0), 0);
  return { leaves: leaves.length, outputs: 1, edges: edges.length, reverse: edges.length, forward, paths, isExact };
}
