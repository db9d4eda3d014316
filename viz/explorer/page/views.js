/** Levels of folding: which box of a view a node is drawn in. */

/** For each node of a trace the id of what it is drawn as in a view: its own, or that of the box that holds it. */
export function holders(trace, view) {
  const held = new Map();
  const drawn = view.nodes;
  const parts = Object.entries(view.boxes).filter(([, box]) => box.part);
  const bundles = new Map(
    Object.entries(view.boxes).flatMap(([id, box]) => (box.leaves ?? []).map((leaf) => [leaf, id])),
  );
  const rest = "rest" in view.boxes ? "rest" : null;
  for (const node of trace.nodes) {
    if (drawn.includes(node.id)) held.set(node.id, node.id);
    else {
      const part = parts.find(([, box]) => box.part.every((title, i) => node.parts[i] === title));
      held.set(node.id, part ? part[0] : (bundles.get(node.id) ?? rest));
    }
  }
  return held;
}
