/** What ails a graph: numbers that are none, units that are off or saturated, gradients that fade or blow up. */

import { writeNumber } from "./numbers.js";
import { isLeaf } from "./trace.js";

const PEAKS = { tanh: 1, sigmoid: 0.25, erf: 2 / Math.sqrt(Math.PI) }; // their largest slopes
const LEAST_SHARE = 0.05; // of that, below which a unit counts as saturated
const FADED = 1e-3; // of gradients from one end to the other
const MOST_FINDINGS = 40;

function isBad(x) {
  return !Number.isFinite(x);
}

/** Where a node is in the user's code: "line 3: y = log(x)", or "". */
export function lineOf(node) {
  return node?.source ? `line ${node.source.line}${node.source.text ? `: ${node.source.text}` : ""}` : "";
}

/**
 * The first number that is inf or nan: {node, event, sentence}, or null.
 *
 * A leaf has no event: it came so. Forward goes before backward.
 */
export function firstBad(trace) {
  const leaf = trace.nodes.find((node) => node.kind !== "operation" && isBad(node.data));
  if (leaf) return { node: leaf.id, event: -1, sentence: `${leaf.name} = ${writeNumber(leaf.data)} came in as it is.` };
  const forward = trace.events.findIndex((event) => event.phase === "forward" && isBad(event.result));
  if (forward >= 0) {
    const { node, operation, values, result } = trace.events[forward];
    const of = values.length <= 4 ? ` of ${values.map((x) => writeNumber(x)).join(", ")}` : "";
    const sentence = `${trace.name(node)} = ${writeNumber(result)} is the first number that is not finite: ${operation}${of} gives it.`;
    return { node, event: forward, sentence };
  }
  const backward = trace.events.findIndex((event) => event.phase === "backward" && isBad(event.after));
  if (backward < 0) return null;
  const { node, operand, upstream, local, after } = trace.events[backward];
  const sentence =
    `Forward all is finite, but the gradient of ${trace.name(operand)} becomes ${writeNumber(after)} at ${trace.name(node)}: ` +
    `${writeNumber(upstream)} from above times the local ${writeNumber(local)}.`;
  return { node: operand, event: backward, sentence };
}

/** The units of an operation: the nodes of one neuron, of which there is one for each example, or a node by itself. */
function unitsOf(trace, operation) {
  const units = new Map();
  for (const node of trace.nodes) {
    if (node.operation !== operation) continue;
    const where = node.parts.join(", ") || node.id;
    units.set(where, [...(units.get(where) ?? []), node]);
  }
  return units;
}

function localAt(trace) {
  const locals = new Map();
  for (const event of trace.events) if (event.phase === "backward") locals.set(`${event.node}:${event.position}`, event.local);
  return (node) => locals.get(`${node.id}:0`);
}

function unitTitle(nodes) {
  return nodes[0].parts.join(", ") || nodes[0].name;
}

function deadUnits(trace) {
  const found = [];
  for (const nodes of unitsOf(trace, "relu").values()) {
    const off = nodes.filter((node) => node.data === 0);
    if (!off.length) continue;
    const isDead = off.length === nodes.length;
    const times = nodes.length === 1 ? "here" : isDead ? `in all ${nodes.length} places` : `in ${off.length} of ${nodes.length} places`;
    const after = isDead
      ? "No gradient comes back through it: if that is so for every example, it never learns again."
      : "There no gradient comes back through it; elsewhere it learns.";
    found.push({
      kind: isDead ? "dead" : "off", title: `relu off: ${unitTitle(nodes)}`, node: off[0].id, nodes: off.map(({ id }) => id),
      sentence: `Its input is not above 0 ${times}. ${after}`,
    });
  }
  return found;
}

function saturatedUnits(trace) {
  const local = localAt(trace);
  return Object.entries(PEAKS).flatMap(([operation, peak]) =>
    trace.nodes
      .filter((node) => node.operation === operation && Math.abs(local(node)) < LEAST_SHARE * peak)
      .map((node) => ({
        kind: "saturated", title: `${operation} saturated: ${unitTitle([node])}`, node: node.id, nodes: [node.id],
        sentence: `${node.name} = ${writeNumber(node.data, 4)} is on the flat part: its slope is ${writeNumber(local(node), 3)}, of ${writeNumber(peak, 3)} at most. Hardly any gradient comes through.`,
      })),
  );
}

function meanSize(nodes) {
  return nodes.reduce((sum, node) => sum + Math.abs(node.gradient), 0) / nodes.length;
}

/**
 * How large gradients are, from the input side to the output side: [{title, size, nodes}, ...].
 *
 * Of the parameters of each layer where there are two layers or more; else of the results at each distance from the
 * output, counted in operations.
 */
export function gradientProfile(trace) {
  const layers = new Map();
  for (const node of trace.nodes) {
    if (node.kind === "parameter" && node.parts.length) {
      const title = node.parts[0];
      layers.set(title, [...(layers.get(title) ?? []), node]);
    }
  }
  if (layers.size > 1) {
    const titles = [...layers.keys()].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    return titles.map((title) => ({ title, size: meanSize(layers.get(title)), nodes: layers.get(title).map(({ id }) => id) }));
  }
  const distances = new Map([[trace.output, 0]]);
  for (const { phase, node, operand } of trace.events) {
    if (phase === "backward") distances.set(operand, Math.max(distances.get(operand) ?? 0, distances.get(node) + 1));
  }
  const ranks = new Map();
  for (const node of trace.nodes) {
    if (node.kind === "constant") continue;
    const rank = distances.get(node.id);
    ranks.set(rank, [...(ranks.get(rank) ?? []), node]);
  }
  return [...ranks.keys()].sort((a, b) => b - a).map((rank) => ({
    title: rank === 0 ? "output" : `${rank} back`, size: meanSize(ranks.get(rank)), nodes: ranks.get(rank).map(({ id }) => id),
  }));
}

function fading(trace) {
  const sizes = gradientProfile(trace).filter(({ size }) => Number.isFinite(size) && size > 0);
  if (sizes.length < 3 && !sizes.some(({ title }) => title.startsWith("layer"))) return [];
  const [first, last] = [sizes[0], sizes.at(-1)];
  if (!first || first === last) return [];
  const ratio = first.size / last.size;
  if (ratio > FADED && ratio < 1 / FADED) return [];
  const fades = ratio <= FADED;
  return [{
    kind: fades ? "vanishing" : "exploding", title: fades ? "The gradient vanishes" : "The gradient explodes",
    node: first.nodes[0], nodes: first.nodes,
    sentence: `From ${last.title} to ${first.title} the gradients' mean size goes from ${writeNumber(last.size, 3)} to ${writeNumber(first.size, 3)}: ` +
      (fades ? "what comes first hardly learns." : "steps that suit what comes last throw what comes first far off."),
  }];
}

function untouched(trace) {
  const found = trace.nodes.filter((node) => isLeaf(node) && node.gradient === 0);
  if (!found.length) return [];
  const names = found.slice(0, 4).map((node) => node.name).join(", ") + (found.length > 4 ? ", …" : "");
  return [{
    kind: "nothing", title: found.length === 1 ? `Nothing arrives at ${names}` : `Nothing arrives at ${found.length} leaves`,
    node: found[0].id, nodes: found.map(({ id }) => id),
    sentence: `The gradient of ${names} is 0: as things stand, small changes of ${found.length === 1 ? "it" : "them"} do not change the output.`,
  }];
}

/**
 * All that is found, the worst first: [{kind, title, sentence, node, nodes, event?}, ...].
 *
 * kind: "not finite", "exploding", "vanishing", "dead", "saturated", "off", "nothing".
 */
export function findings(trace) {
  const bad = firstBad(trace);
  const found = bad ? [{ kind: "not finite", title: "inf or nan", nodes: [bad.node], ...bad }] : [];
  const units = deadUnits(trace);
  found.push(...fading(trace), ...units.filter(({ kind }) => kind === "dead"), ...saturatedUnits(trace));
  found.push(...units.filter(({ kind }) => kind === "off"), ...untouched(trace));
  return found.slice(0, MOST_FINDINGS);
}
