/**
 * A trace again, with other numbers in its leaves or with a mistake in its backward pass.
 *
 * What does not depend on a changed leaf stays as Python computed it; the rest is computed by the document's rules, in
 * the same order, so that the numbers are the engine's.
 */

import { bugNamed } from "./bugs.js";
import { plainNumber, ratio, readNumber } from "./numbers.js";
import { partialsOf, readRules, valueOf, writtenOf } from "./rules.js";
import { isLeaf, readTrace } from "./trace.js";

const MOST_STEPS = 20000; // of a recursion, which takes as many as there are paths

/** That something cannot be computed here, and why, in words. */
export class Refusal extends Error {}

const graphs = new WeakMap();

/** A document's trace as arrays of numbers: what is recomputed goes by these. */
function graphOf(document) {
  if (!graphs.has(document)) graphs.set(document, madeGraph(document));
  return graphs.get(document);
}

function madeGraph(document) {
  const trace = readTrace(document.trace);
  const rules = readRules(document.rules);
  const index = new Map(trace.nodes.map((node, i) => [node.id, i]));
  const operands = trace.nodes.map((node) => (node.operands ?? []).map((id) => index.get(id)));
  const found = trace.nodes.map((node) => (node.operands ? rules.find(node) : null));
  const values = trace.nodes.map(() => []);
  const written = trace.nodes.map(() => []); // of each operand the rule of its derivative: {rule, isClosed}
  const locals = trace.nodes.map(() => []);
  const edges = [];
  for (const event of trace.events) {
    const i = index.get(event.node);
    if (event.phase === "forward") values[i] = event.values;
    if (event.phase !== "backward") continue;
    const { position, rule, sentence } = event;
    written[i][position] = { rule, isClosed: sentence.includes(` * (${rule}) = `) };
    locals[i][position] = found[i]?.partials?.[position] === null ? null : event.local;
    edges.push({ i, j: index.get(event.operand), position });
  }
  const data = Float64Array.from(trace.nodes, (node) => node.data);
  return { trace, index, data, operands, rules: found, values, written, locals, edges, last: null };
}

/** Why a node cannot be computed anew, in words; "" if it can. */
function refusal(node, rule) {
  if (node.by_hand) {
    return `${node.name} was made by hand: what it computes is known to its own code alone, so that nothing can be nudged past it.`;
  }
  if (!rule || rule.value === null || rule.partials === null) {
    const reason = rule?.reason ? ` (${rule.reason})` : "";
    return `${node.name} = ${node.formula} needs Python${reason}, so that nothing can be nudged past it in this page.`;
  }
  return "";
}

/** Forward: {data, values, isTouched}. */
function goForward(graph, leaves) {
  const { index, operands, rules } = graph;
  const { order, isTouched } = touchedBy(graph, Object.keys(leaves));
  const data = graph.data.slice();
  const values = graph.values.slice();
  for (const [id, x] of Object.entries(leaves)) data[index.get(id)] = readNumber(x);
  for (const i of order) {
    values[i] = operands[i].map((j, position) => (isTouched[j] ? data[j] : values[i][position]));
    data[i] = valueOf(rules[i], values[i]);
  }
  return { data, values, isTouched };
}

/** Which nodes depend on some leaves, in order: {order, isTouched}. The last answer is kept, as it is asked for often. */
function touchedBy(graph, leaves) {
  const key = leaves.join();
  if (graph.last?.key === key) return graph.last;
  const { trace, index, operands, rules } = graph;
  const isTouched = new Uint8Array(operands.length);
  for (const id of leaves) {
    const i = index.get(id);
    if (i === undefined || !isLeaf(trace.nodes[i])) throw new Refusal(`${id} is no input and no parameter of this graph`);
    isTouched[i] = 1;
  }
  const order = [];
  for (let i = 0; i < operands.length; i += 1) {
    if (!operands[i].some((j) => isTouched[j])) continue;
    const sentence = refusal(trace.nodes[i], rules[i]);
    if (sentence) throw new Refusal(sentence);
    isTouched[i] = 1;
    order.push(i);
  }
  graph.last = { key, order, isTouched };
  return graph.last;
}

function localsAt(graph, { data, values, isTouched }) {
  return graph.locals.map((known, i) =>
    known.length && isTouched[i] ? partialsOf(graph.rules[i], data[i], values[i]) : known);
}

/**
 * Backward, an edge at a time, with the mistakes of a bug: {gradient, steps}.
 *
 * A local derivative null is flat: nothing comes through, not even of an infinite upstream gradient.
 */
function goBack(graph, locals, bug = {}) {
  const { trace, operands, written, edges } = graph;
  const output = trace.nodes.length - 1;
  const gradient = trace.nodes.map(() => 0);
  const isFlat = trace.nodes.map(() => null); // null: nothing received yet
  const received = trace.nodes.map(() => 0);
  let steps = [];

  function passOn({ i, j, position }) {
    const at = (p) => ({ local: locals[i][p], ...written[i][p] });
    const { operation } = trace.nodes[i];
    const edge = { operation, position, count: operands[i].length };
    const { local, rule, isClosed } = bug.local ? bug.local(edge, at) : at(position);
    const isThrough = local !== null && !(isFlat[i] && !bug.ignores);
    const upstream = gradient[i];
    const contribution = !isThrough ? 0 : bug.ignores ? local : upstream * local;
    const before = gradient[j];
    const after = bug.overwrites ? contribution : !isThrough ? before : isFlat[j] ? contribution : before + contribution;
    gradient[j] = after;
    isFlat[j] = bug.overwrites ? !isThrough : isFlat[j] !== false && !isThrough;
    received[j] += 1;
    steps.push({ i, j, position, rule, isClosed, local: local ?? 0, upstream, contribution, before, after, received: received[j] });
  }

  for (let pass = 0; pass < (bug.passes ?? 1); pass += 1) {
    steps = [];
    received.fill(0);
    trace.nodes.forEach((node, i) => {
      if (node.kind === "operation") [gradient[i], isFlat[i]] = [0, null];
    });
    gradient[output] = 1;
    isFlat[output] = false;
    if (bug.recursive) recurse(output);
    else edges.forEach(passOn);
  }
  return { gradient, steps };

  function recurse(start) {
    const waiting = operands[start].map((j, position) => ({ i: start, j, position })).reverse();
    while (waiting.length) {
      const edge = waiting.pop();
      passOn(edge);
      if (steps.length > MOST_STEPS) {
        throw new Refusal(`The recursion goes along every path: after ${MOST_STEPS.toLocaleString("en")} steps it is not at its end, and it was stopped here.`);
      }
      for (let position = operands[edge.j].length - 1; position >= 0; position -= 1) {
        waiting.push({ i: edge.j, j: operands[edge.j][position], position });
      }
    }
  }
}

function backwardSentence(names, step, uses, bug) {
  const [y, z, x] = names;
  const right = plainNumber(step.local);
  const factor = bug.ignores ? "" : `${plainNumber(step.upstream)} * `;
  const rule = step.isClosed && !bug.ignores ? `(${step.rule})` : step.rule;
  const byRule = step.rule === right ? "" : `${factor}${rule} = `;
  const numbers = `${byRule}${factor}${right.startsWith("-") && !bug.ignores ? `(${right})` : right}`;
  const chain = bug.ignores ? ratio(z, x) : `${ratio(y, z)} * ${ratio(z, x)}`;
  const result = bug.ignores ? "" : ` = ${plainNumber(step.contribution)}`;
  const now = uses > 1 || (bug.passes ?? 1) > 1 ? `, now ${plainNumber(step.after)}` : "";
  return `${ratio(y, x)} ${bug.overwrites ? "=" : "+="} ${chain} = ${numbers}${result}${now}`;
}

/** The account of both passes, in the form of engine.trace. */
function told(graph, { data, values }, { gradient, steps }, bug = {}) {
  const { trace, rules, index } = graph;
  const name = (i) => trace.nodes[i].name;
  const forward = trace.events.filter((event) => event.phase === "forward").map((event) => {
    const i = index.get(event.node);
    const numbers = rules[i] ? writtenOf(rules[i], values[i].map((x) => plainNumber(x))) : trace.nodes[i].formula;
    const { formula } = trace.nodes[i];
    const texts = [name(i), formula, ...(numbers === formula ? [] : [numbers]), plainNumber(data[i])];
    return { ...event, values: values[i], result: data[i], sentence: texts.join(" = ") };
  });
  const backward = steps.map((step) => {
    const { i, j, position, rule, local, upstream, contribution, before, after, received } = step;
    const node = trace.nodes[i];
    const { uses } = trace.nodes[j];
    return {
      phase: "backward", node: node.id, operation: node.operation, operand: trace.nodes[j].id, position,
      rule, local, upstream, contribution, before, after, received, expected: uses, source: node.source,
      sentence: backwardSentence([name(trace.nodes.length - 1), name(i), name(j)], step, uses, bug),
    };
  });
  const nodes = trace.nodes.map((node, i) => ({ ...node, data: data[i], gradient: gradient[i] }));
  return readTrace({ ...trace, nodes, events: [...forward, trace.events[forward.length], ...backward] });
}

/**
 * The trace of a document with other numbers in some leaves.
 *
 * document: {trace, rules}; leaves: {id: number}. Throws a Refusal where a rule needs Python.
 */
export function recomputed(document, leaves = {}) {
  const graph = graphOf(document);
  const numbers = goForward(graph, leaves);
  return told(graph, numbers, goBack(graph, localsAt(graph, numbers)));
}

/** The trace again as a bug would make it. Its forward pass is the same. */
export function broken(document, trace, id) {
  const graph = graphOf({ trace, rules: document.rules });
  const bug = bugNamed(id);
  const numbers = { data: graph.data, values: graph.values };
  return told(graph, numbers, goBack(graph, graph.locals, bug), bug);
}

/** A trace of the same form as the engine's: with other numbers in some leaves, or with a bug, or both. */
export function rerun(document, { leaves = {}, bug = null } = {}) {
  const trace = recomputed(document, leaves);
  return bug ? broken(document, trace, bug) : trace;
}

/** The output's number for each of some settings of the leaves. */
export function outputsAt(document, points) {
  const graph = graphOf(document);
  return points.map((leaves) => goForward(graph, leaves).data.at(-1));
}

/** The first event in which two traces of one graph differ: its index in both; -1 where they are the same. */
export function firstDifference(right, wrong) {
  const longest = Math.max(right.events.length, wrong.events.length);
  for (let k = 0; k < longest; k += 1) {
    const [a, b] = [right.events[k], wrong.events[k]];
    if (!a || !b || a.node !== b.node || a.operand !== b.operand || a.position !== b.position) return k;
    if (["result", "local", "contribution", "before", "after"].some((key) => differ(a[key], b[key]))) return k;
  }
  return -1;
}

/** The ids of the nodes whose gradients differ between two traces of one graph. Those of constants do not count. */
export function wrongGradients(right, wrong) {
  return right.nodes
    .filter((node) => node.kind !== "constant" && differ(node.gradient, wrong.node(node.id).gradient))
    .map((node) => node.id);
}

/** Whether two numbers are not the same; nan is the same as nan. */
export function differ(a, b) {
  return a !== b && !(a !== a && b !== b);
}
