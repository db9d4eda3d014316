import assert from "node:assert/strict";
import { test } from "node:test";

import { findings, firstBad, gradientProfile, lineOf } from "../../../viz/explorer/page/health.js";
import { rerun } from "../../../viz/explorer/page/rerun.js";
import { readTrace } from "../../../viz/explorer/page/trace.js";
import { cases } from "./documents.js";

const kinds = (name) => findings(readTrace(cases[name].document.trace)).map(({ kind }) => kind);

test("the first number that is none is found, with its line of code", () => {
  const trace = readTrace(cases.nan.document.trace);
  const { node, event, sentence } = firstBad(trace);
  assert.equal(trace.node(node).operation, "log");
  assert.equal(trace.events[event].result, NaN);
  assert.match(sentence, /is the first number that is not finite: log of −1 gives it/);
  assert.match(lineOf(trace.node(node)), /^line \d+: .*log\(a\)/);
  for (const earlier of trace.events.slice(0, event)) assert.ok(Number.isFinite(earlier.result));
});

test("a number that came in so is told from one that was made so", () => {
  const found = firstBad(rerun(cases.product.document, { leaves: { v1: "inf" } }));
  assert.deepEqual([found.node, found.event], ["v1", -1]);
});

test("what is finite forward may not be so backward", () => {
  const trace = rerun(cases.infinite.document, { leaves: { v1: 1e-200 } });
  const { node, event, sentence } = firstBad(trace);
  assert.equal(node, "v1");
  assert.equal(trace.events[event].phase, "backward");
  assert.match(sentence, /^Forward all is finite/);
});

test("units that are off, saturated, and gradients that fade are found", () => {
  assert.deepEqual(kinds("dead"), ["dead", "nothing"]);
  assert.deepEqual(kinds("saturated"), ["saturated", "saturated"]);
  assert.deepEqual(kinds("chain"), ["vanishing"]);
  assert.deepEqual(kinds("nan")[0], "not finite");
});

test("a graph in good health has nothing to be said of", () => {
  for (const name of ["tangle", "network", "product", "square"]) assert.deepEqual(kinds(name), [], name);
});

test("gradients are profiled by layer, or by distance from the output", () => {
  const layers = gradientProfile(readTrace(cases.network.document.trace));
  assert.deepEqual(layers.map(({ title }) => title), ["layer 1", "layer 2", "layer 3"]);
  const chain = gradientProfile(readTrace(cases.chain.document.trace));
  assert.equal(chain.length, 13);
  assert.deepEqual([chain.at(-1).title, chain.at(-1).size, chain[0].title], ["output", 1, "12 back"]);
});
