/** Levels of folding: in which box of a view a node is drawn, and what comes out of a box. */

/** For each node of a trace the id of what it is drawn as in a view: its own, or that of the box that holds it. */
export function holders(trace, view) {
  const drawn = new Set(view.nodes);
  const boxes = Object.entries(view.boxes);
  const parts = boxes.filter(([, box]) => box.part);
  const bundled = new Map(boxes.flatMap(([id, box]) => (box.leaves ?? []).map((leaf) => [leaf, id])));
  const holder = (node) => {
    if (drawn.has(node.id)) return node.id;
    const part = parts.find(([, box]) => box.part.every((title, i) => node.parts[i] === title));
    return part ? part[0] : (bundled.get(node.id) ?? "rest");
  };
  return new Map(trace.nodes.map((node) => [node.id, holder(node)]));
}

/** For each box of a view the nodes in it of which others outside make use, or nobody: what comes out of it. */
export function exits(trace, view, held) {
  const out = new Map(Object.keys(view.boxes).map((id) => [id, new Set()]));
  for (const node of trace.nodes) {
    for (const operand of node.operands ?? []) {
      const box = held.get(operand);
      if (box !== held.get(node.id)) out.get(box)?.add(operand);
    }
  }
  out.get(held.get(trace.output))?.add(trace.output);
  return out;
}
