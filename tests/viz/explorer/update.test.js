import assert from "node:assert/strict";
import { test } from "node:test";

import { answering } from "../../../viz/explorer/page/answer.js";
import { readTrace } from "../../../viz/explorer/page/trace.js";
import { expectedFall, learners, updateOf } from "../../../viz/explorer/page/update.js";
import { cases, close } from "./documents.js";

const nudging = (document) => async (leaves) => readTrace((await answering(document)("nudge", { leaves })).trace);

for (const [name, { document, descent: losses }] of Object.entries(cases)) {
  if (!losses) continue;
  test(`${name}: the losses of some steps are the engine's`, async () => {
    const nudge = nudging(document);
    let trace = readTrace(document.trace);
    for (const [i, loss] of losses.entries()) {
      close(trace.node(trace.output).data, loss, `${name}: step ${i}`, 1e-11);
      trace = await nudge(Object.fromEntries(updateOf(trace, 0.05).map(({ id, after }) => [id, after])));
    }
  });
}

test("parameters learn, and where there are none inputs", () => {
  assert.ok(learners(readTrace(cases.network.document.trace)).every((node) => node.kind === "parameter"));
  assert.deepEqual(learners(readTrace(cases.product.document.trace)).map((node) => node.name), ["a", "b"]);
});

test("a step goes against the gradient, by the rate", () => {
  const trace = readTrace(cases.product.document.trace);
  assert.deepEqual(updateOf(trace, 0.5).map(({ before, gradient, after }) => [before, gradient, after]),
    [[2, -2, 3], [-3, 2, -4]]);
  assert.equal(expectedFall(trace, 0.5), 4);
});
