import assert from "node:assert/strict";
import { test } from "node:test";

import { initialState, reduce } from "../../../viz/explorer/page/state.js";
import { readTrace, stateAt } from "../../../viz/explorer/page/trace.js";

const leaf = (id, data, uses) => ({ id, name: id, kind: "input", data, gradient: 0, uses, parts: [] });
const json = {
  output: "v3",
  nodes: [
    leaf("v1", 2, 2),
    { id: "v2", name: "v2", kind: "constant", data: 5, gradient: 0, uses: 1, parts: [] },
    { id: "v3", name: "v3", kind: "operation", data: 14, gradient: 1, uses: 0, parts: [], operation: "dot",
      operands: ["v1", "v1", "v2"], static: {} },
  ],
  events: [
    { phase: "forward", node: "v3", operands: ["v1", "v1", "v2"], values: [2, 2, 5], result: 9 },
    { phase: "seed", node: "v3", gradient: 1 },
    { phase: "backward", node: "v3", operand: "v2", position: 2, local: 1, upstream: 1, contribution: 1, before: 0, after: 1, received: 1, expected: 1 },
    { phase: "backward", node: "v3", operand: "v1", position: 0, local: 2, upstream: 1, contribution: 2, before: 0, after: 2, received: 1, expected: 2 },
    { phase: "backward", node: "v3", operand: "v1", position: 1, local: 2, upstream: 1, contribution: 2, before: 2, after: 4, received: 2, expected: 2 },
  ],
};
const view = { nodes: ["v1", "v2", "v3"], boxes: {} };
const made = (options = {}) => ({ trace: json, options, layouts: { start: "scalars", views: { scalars: view } } });

function walk(document, types) {
  let state = initialState(document, readTrace(document.trace));
  for (const type of types) state = reduce(state, { type }, document);
  return state;
}

test("what is known follows from the index", () => {
  const trace = readTrace(json);
  assert.equal(stateAt(trace, 0).data.get("v3"), undefined);
  assert.equal(stateAt(trace, 1).data.get("v3"), 9);
  assert.equal(stateAt(trace, 1).gradient.has("v3"), false);
  assert.equal(stateAt(trace, 4).gradient.get("v1"), 2);
  assert.equal(stateAt(trace, 5).gradient.get("v1"), 4);
});

test("an arrow has three beats, and constants none", () => {
  const state = walk(made(), []);
  assert.deepEqual(state.stops.map(({ index, beat }) => [index, beat]),
    [[0, 0], [1, 0], [3, 0], [3, 1], [3, 2], [4, 0], [4, 1], [4, 2], [5, 0]]);
  assert.equal(state.stops[2].event, 1);
});

test("undo is exact", () => {
  const states = [initialState(made(), readTrace(json))];
  while (states.at(-1).index < json.events.length) states.push(walk(made(), Array(states.length).fill("step")));
  let state = states.at(-1);
  for (const before of states.slice(0, -1).reverse()) {
    state = reduce(state, { type: "undo" }, made());
    assert.deepEqual({ ...state, trace: null }, { ...before, trace: null });
  }
});

test("while numbers are asked for nobody goes on without an answer, but may stop being asked", () => {
  const document = made();
  let state = reduce(initialState(document, readTrace(json)), { type: "predict" }, document);
  state = reduce(state, { type: "step" }, document);
  assert.equal(state.index, 0);
  assert.equal(state.screen, "predict");
  assert.equal(reduce(reduce(state, { type: "predict" }, document), { type: "step" }, document).index, 1);
});

test("where prediction is locked nobody goes on without an answer", () => {
  const document = made({ locked: true });
  let state = walk(document, ["step", "end", "play"]);
  assert.equal(state.index, 0);
  assert.equal(state.screen, "predict");
  state = reduce(state, { type: "step", answered: true }, document);
  assert.equal(state.index, 1);
  assert.equal(reduce(state, { type: "home" }, document).index, 0);
});
