import assert from "node:assert/strict";
import { test } from "node:test";

import { answering } from "../../../viz/explorer/page/answer.js";
import { BUGS } from "../../../viz/explorer/page/bugs.js";
import {
  firstDifference, outputsAt, recomputed, Refusal, rerun, wrongGradients,
} from "../../../viz/explorer/page/rerun.js";
import { readTrace } from "../../../viz/explorer/page/trace.js";
import { cases, close, sameTrace } from "./documents.js";

for (const [name, { document, leaves, nudged, broken = {} }] of Object.entries(cases)) {
  test(`${name}: run again it is the engine's trace`, () => {
    sameTrace(recomputed(document), document.trace, name);
    assert.equal(firstDifference(readTrace(document.trace), recomputed(document)), -1);
  });

  test(`${name}: with other numbers in its leaves it is the engine's trace of these`, () => {
    sameTrace(recomputed(document, leaves), nudged, name);
    close(outputsAt(document, [leaves])[0], nudged.nodes.at(-1).data, name);
  });

  for (const [bug, gradients] of Object.entries(broken)) {
    test(`${name}: the bug ${bug} gives what such a backward pass gives`, () => {
      const trace = rerun(document, { bug });
      for (const node of trace.nodes) close(node.gradient, gradients[node.id], `${name}, ${bug}: ${node.name}`);
      for (const event of trace.events) if (event.phase === "forward") close(event.result, trace.node(event.node).data);
    });
  }
}

test("every bug is tried, and makes a difference somewhere", () => {
  for (const { id, idle } of BUGS) {
    const wrong = Object.values(cases).filter(({ document, broken = {} }) => {
      if (!(id in broken)) return false;
      const trace = readTrace(document.trace);
      const isOther = wrongGradients(trace, rerun(document, { bug: id })).length > 0;
      const edges = trace.events.filter((event) => event.phase === "backward");
      if (idle(edges, trace.nodes)) assert.equal(isOther, false, `${id} is said to make no difference`);
      return isOther;
    });
    assert.ok(wrong.length > 0, id);
  }
});

test("the counter-example to recursion", () => {
  const { document } = cases.shared;
  const wrong = rerun(document, { bug: "recursive" });
  assert.deepEqual([wrong.nodes[0].gradient, readTrace(document.trace).nodes[0].gradient], [6, 4]);
  assert.deepEqual(wrong.events.slice(3).map((event) => event.sentence), [
    "dv3/dv2 += dv3/dv3 * dv3/dv2 = 1 * 1 = 1, now 1",
    "dv3/da += dv3/dv2 * dv2/da = 1 * 1 = 1, now 1",
    "dv3/da += dv3/dv2 * dv2/da = 1 * 1 = 1, now 2",
    "dv3/dv2 += dv3/dv3 * dv3/dv2 = 1 * 1 = 1, now 2",
    "dv3/da += dv3/dv2 * dv2/da = 2 * 1 = 2, now 4",
    "dv3/da += dv3/dv2 * dv2/da = 2 * 1 = 2, now 6",
  ]);
});

test("sentences of bugs say what is done", () => {
  const told = (bug) => rerun(cases.product.document, { bug }).events.at(-2).sentence;
  assert.equal(told("overwrite"), "dv4/da = dv4/dv3 * dv3/da = 1 * b = 1 * (-3) = -3, now -3");
  assert.equal(told("upstream"), "dv4/da += dv3/da = b = -3, now -2");
  assert.equal(told("swapped"), "dv4/da += dv4/dv3 * dv3/da = 1 * a = 1 * 2 = 2, now 3");
  assert.equal(told("stale"), "dv4/da += dv4/dv3 * dv3/da = 1 * b = 1 * (-3) = -3, now -4");
});

test("the first difference is where it is", () => {
  const { document } = cases.product;
  const trace = readTrace(document.trace);
  const k = firstDifference(trace, rerun(document, { bug: "overwrite" }));
  assert.equal(trace.events[k].sentence, "dv4/da += dv4/dv3 * dv3/da = 1 * b = 1 * (-3) = -3, now -2");
});

test("nothing is nudged past what only Python can compute", async () => {
  for (const name of ["by hand", "floaty"]) {
    const { document } = cases[name];
    assert.throws(() => rerun(document, { leaves: { v1: 1 } }), Refusal);
    assert.match((await answering(document)("nudge", { leaves: { v1: 1 } })).refusal, /nothing can be nudged/);
  }
  assert.throws(() => rerun(cases.product.document, { leaves: { v4: 1 } }), Refusal);
});

test("a recursion along too many paths is stopped", () => {
  const nodes = [{ id: "v1", name: "a", kind: "input", data: 1, gradient: 0, uses: 2, parts: [] }];
  const events = [];
  for (let i = 2; i < 30; i += 1) {
    const operands = [`v${i - 1}`, `v${i - 1}`];
    nodes.push({ id: `v${i}`, name: `v${i}`, kind: "operation", data: 2 ** (i - 1), gradient: 0, uses: 2, parts: [],
      operation: "add", static: {}, operands, formula: "" });
    events.push({ phase: "forward", node: `v${i}`, operands, values: [], result: 2 ** (i - 1) });
  }
  events.push({ phase: "seed", node: "v29", gradient: 1 });
  for (let i = 29; i > 1; i -= 1) {
    for (const position of [0, 1]) {
      events.push({ phase: "backward", node: `v${i}`, operand: `v${i - 1}`, position, rule: "1", local: 1, sentence: "" });
    }
  }
  const document = { trace: { output: "v29", nodes, events }, rules: [] };
  assert.equal(rerun(document).nodes[0].gradient, 2 ** 28);
  assert.throws(() => rerun(document, { bug: "recursive" }), /along every path/);
});

test("requests that nobody knows are refused", async () => {
  await assert.rejects(answering(cases.product.document)("dance", {}), /not for dance/);
});
