import assert from "node:assert/strict";
import { test } from "node:test";

import { answering } from "../../../viz/explorer/page/answer.js";
import { readTrace } from "../../../viz/explorer/page/trace.js";
import { descent, expectedFall, learners, updateOf } from "../../../viz/explorer/page/update.js";
import { cases, close } from "./documents.js";

const nudging = (document) => async (leaves) => readTrace((await answering(document)("nudge", { leaves })).trace);

for (const [name, { document, descent: losses }] of Object.entries(cases)) {
  if (!losses) continue;
  test(`${name}: the losses of some steps are the engine's`, async () => {
    const found = await descent(nudging(document), readTrace(document.trace), { rate: 0.05, steps: 4 });
    found.forEach(({ loss }, i) => close(loss, losses[i], `${name}: step ${i}`, 1e-11));
    if (Number.isFinite(found.at(-1).loss)) assert.equal(found.length, 5);
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
