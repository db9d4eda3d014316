/**
 * The mistakes that people make when they write a backward pass, to be switched on.
 *
 * Each is {id, title, right, wrong, why, idle(edges, nodes), ...what it changes in the sweep of rerun.js}:
 *   right, wrong    the line of code as it should be, and as it is
 *   why             what to take from it
 *   idle            why it makes no difference in this graph, "" if it does
 *   local           (edge, at) -> the local derivative and its rule, where at(position) has those of the same node
 *   ignores         true where the upstream gradient is left out
 *   overwrites      true where a contribution takes the place of what was there
 *   recursive       true where each node passes on all that it has whenever it receives something
 *   passes          how many backward passes are made without setting the leaves' gradients to 0 between them
 */

import { isLeaf } from "./trace.js";

function isReused(nodes) {
  return nodes.some((node) => node.uses > 1 && node.kind !== "constant");
}

function isReusedInside(nodes) {
  return nodes.some((node) => node.uses > 1 && node.kind === "operation");
}

/** Where the other factor stands: of a product the other one, of a dot product the weight's input. */
function otherFactor(edge, count) {
  const half = Math.floor(count / 2);
  if (edge.position >= 2 * half) return edge.position; // the bias
  return (edge.position + half) % (2 * half);
}

function isProduct(operation) {
  return operation === "mul" || operation === "dot";
}

export const BUGS = [
  {
    id: "overwrite",
    title: "= in place of +=",
    right: "a.grad += out.grad * local",
    wrong: "a.grad = out.grad * local",
    why: "A number that is used twice changes the output in two ways. The last contribution wipes out the others.",
    idle: (edges, nodes) => (isReused(nodes) ? "" : "No number is used twice here, so there is nothing to overwrite."),
    overwrites: true,
  },
  {
    id: "recursive",
    title: "Recursion, not topological order",
    right: "for node in reversed(topological_order): node.pass_on()",
    wrong: "def backward(node): node.pass_on(); for a in node.operands: backward(a)",
    why: "A node that passes on before it has received everything passes the first part on again with the second.",
    idle: (edges, nodes) =>
      isReusedInside(nodes) ? "" : "No result is used twice here, so no node has to wait for a second contribution.",
    recursive: true,
  },
  {
    id: "stale",
    title: "zero_grad forgotten",
    right: "zero_grad(); loss.backward()",
    wrong: "loss.backward(); loss.backward()",
    why: "Gradients at the leaves add up over passes, until they are set to 0. The second step goes twice as far.",
    idle: (edges, nodes) =>
      nodes.some(isLeaf) ? "" : "There is no input and no parameter whose gradient could stay.",
    passes: 2,
  },
  {
    id: "upstream",
    title: "Upstream forgotten",
    right: "a.grad += out.grad * local",
    wrong: "a.grad += local",
    why: "The local derivative says how a node changes. Times the upstream gradient it says how the output does.",
    idle: (edges) =>
      edges.some((edge) => edge.upstream !== 1) ? "" : "Every upstream gradient is 1 here: the chain rule multiplies by 1.",
    ignores: true,
  },
  {
    id: "sign",
    title: "The sign of a subtraction",
    right: "b.grad += -out.grad  # of a - b",
    wrong: "b.grad += out.grad   # of a - b",
    why: "What is subtracted pulls the other way: as b grows by 1, a - b falls by 1.",
    idle: (edges) => (edges.some((edge) => edge.operation === "sub") ? "" : "Nothing is subtracted here."),
    local: (edge, at) =>
      edge.operation === "sub" && edge.position === 1 ? { local: 1, rule: "1" } : at(edge.position),
  },
  {
    id: "swapped",
    title: "The wrong factor",
    right: "a.grad += out.grad * b.data",
    wrong: "a.grad += out.grad * a.data",
    why: "A product swaps: how far a * b moves with a is decided by b.",
    idle: (edges) => (edges.some((edge) => isProduct(edge.operation)) ? "" : "Nothing is multiplied here."),
    local: (edge, at) =>
      at(isProduct(edge.operation) ? otherFactor(edge, edge.count) : edge.position),
  },
];

/** The bug of that name. */
export function bugNamed(id) {
  const bug = BUGS.find((each) => each.id === id);
  if (!bug) throw new Error(`there is no bug ${id}: ${BUGS.map((each) => each.id).join(", ")}`);
  return bug;
}
