/** The account of a forward and a backward pass, as engine.trace tells it: look-ups, and what is known when. */

import { readNumber } from "./numbers.js";

const NUMBERS = ["data", "gradient", "result", "local", "upstream", "contribution", "before", "after"];

function withNumbers(entry) {
  const read = { ...entry };
  for (const key of NUMBERS) if (key in read) read[key] = readNumber(read[key]);
  if (read.values) read.values = read.values.map(readNumber);
  if (read.static) read.static = Object.fromEntries(Object.entries(read.static).map(([k, x]) => [k, readNumber(x)]));
  return read;
}

/**
 * The trace in a document, ready to be asked: numbers are numbers, nodes are found by their id.
 *
 * Gives {output, nodes, events, node(id), name(id), names: a Set, seed: the index of the event that seeds}.
 */
export function readTrace(json) {
  const nodes = json.nodes.map(withNumbers);
  const events = json.events.map(withNumbers);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return {
    ...json,
    nodes,
    events,
    node: (id) => byId.get(id),
    name: (id) => byId.get(id)?.name ?? id,
    names: new Set(nodes.map((node) => node.name)),
    seed: events.findIndex((event) => event.phase === "seed"),
  };
}

/** What an event's arrow is called: the node that it leads to, and which of its operands it comes from. */
export function edgeOf(event) {
  return `${event.node}:${event.position}`;
}

/**
 * Every number that is known after so many events. It is derived from the index alone, so that undoing is exact.
 *
 * Gives {index, data, gradient, received, edges}: Maps from a node's id to its number, to its gradient so far and to
 * how many contributions are in; from an arrow ("v3:0") to the event that went back along it. What is not yet known
 * is not in them.
 */
export function stateAt(trace, index) {
  const data = new Map();
  const gradient = new Map();
  const received = new Map();
  const edges = new Map();
  for (const node of trace.nodes) if (node.kind !== "operation") data.set(node.id, node.data);
  for (const event of trace.events.slice(0, index)) {
    if (event.phase === "forward") data.set(event.node, event.result);
    else if (event.phase === "seed") gradient.set(event.node, event.gradient);
    else {
      gradient.set(event.operand, event.after);
      received.set(event.operand, event.received);
      edges.set(edgeOf(event), event);
    }
  }
  return { index, data, gradient, received, edges };
}

/** Whether it is a leaf that people change: an input or a parameter. */
export function isLeaf(node) {
  return node.kind === "input" || node.kind === "parameter";
}
