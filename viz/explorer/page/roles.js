/** What each node and arrow of a picture is doing where the reader is. */

/**
 * The part that each plays in a stop: {nodes: Map from the id of what is drawn to "forward", "operand", "backward" or
 * "from"; edges: Map from "tail>head:position" to "forward" or "backward"}.
 */
export function rolesOf(state, held) {
  const { trace, stop } = state;
  const event = trace.events[stop.event];
  const nodes = new Map();
  const edges = new Map();
  if (!event) return { nodes, edges };
  const at = held.get(event.node);
  const isForward = event.phase === "forward";
  const operands = event.phase === "backward" ? [[event.operand, event.position]] : (event.operands ?? []).map((id, i) => [id, i]);
  for (const [operand, position] of operands) {
    const tail = held.get(operand);
    if (tail === at) continue;
    edges.set(drawnEdge(tail, at, position, trace), isForward ? "forward" : "backward");
    nodes.set(tail, isForward ? "operand" : stop.beat === 0 ? "backward" : "target");
  }
  nodes.set(at, isForward ? "forward" : event.phase === "seed" || stop.box ? "backward" : "from");
  return { nodes, edges };
}

/** What the arrow from a tail to a head is called in a picture; between boxes all operands share one. */
export function drawnEdge(tail, head, position, trace) {
  return trace.node(tail) && trace.node(head) ? `${tail}>${head}:${position}` : `${tail}>${head}`;
}

/** The arrows along which gradients have gone back, and with which event; those to constants are left out. */
export function passedEdges(state, held) {
  return edgesGoneBack(state.known.edges.values(), state.trace, held);
}

/** The arrows along which gradients go back in some events, and the last event of each. */
export function edgesGoneBack(events, trace, held) {
  const passed = new Map();
  for (const event of events) {
    if (event.phase !== "backward" || trace.node(event.operand)?.kind === "constant") continue;
    const [tail, head] = [held.get(event.operand), held.get(event.node)];
    if (tail !== head) passed.set(drawnEdge(tail, head, event.position, trace), event);
  }
  return passed;
}
