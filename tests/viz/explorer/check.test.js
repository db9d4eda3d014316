import assert from "node:assert/strict";
import { test } from "node:test";

import { answering } from "../../../viz/explorer/page/answer.js";
import { errorCurve, judged, quotients } from "../../../viz/explorer/page/check.js";
import { outputsAt, rerun, wrongGradients } from "../../../viz/explorer/page/rerun.js";
import { isLeaf, readTrace } from "../../../viz/explorer/page/trace.js";
import { cases, close } from "./documents.js";

const STEPS = [0.1, 1e-3, 1e-6];
const ROUNDING = [1e-13, 1e-11, 1e-8]; // of what is divided by such a step

// infinite: what stop_gradient hides, differences see.
const OTHERWISE = {
  "lie: a": "wrong", "infinite: a": "wrong", "nan: a": "unknown", "nan: b": "unknown",
  "corner: a": "corner", "maximum: a": "corner", "maximum: b": "corner",
};

const asking = (document) => async (points) => (await answering(document)("outputs", { points })).outputs;
const leavesOf = (document) => readTrace(document.trace).nodes.filter((node) => isLeaf(node) && canBeNudged(document, node));

function canBeNudged(document, { id, data }) {
  try {
    return outputsAt(document, [{ [id]: data }]).length === 1;
  } catch {
    return false;
  }
}

for (const [name, { document, quotients: expected = {} }] of Object.entries(cases)) {
  test(`${name}: difference quotients are those of the function itself`, async () => {
    for (const node of leavesOf(document).filter(({ id }) => id in expected)) {
      for (const [i, h] of STEPS.entries()) {
        const { central, ahead } = await quotients(asking(document), node, h);
        close(central, expected[node.id][i][0], `${name}: ${node.name}, h = ${h}`, ROUNDING[i]);
        close(ahead, expected[node.id][i][1], `${name}: ${node.name}, h = ${h}`, ROUNDING[i]);
      }
    }
  });

  test(`${name}: the engine's gradients agree with them`, async () => {
    for (const node of leavesOf(document)) {
      const { kind } = await judged(asking(document), node, node.gradient);
      assert.equal(kind, OTHERWISE[`${name}: ${node.name}`] ?? "agrees", `${name}: ${node.name}`);
    }
  });
}

test("wrong derivatives are told apart from right ones", async () => {
  let count = 0;
  for (const [name, { document, broken = {} }] of Object.entries(cases)) {
    if (["nan", "corner", "maximum", "lie", "infinite"].includes(name)) continue;
    for (const bug of Object.keys(broken)) {
      const wrong = rerun(document, { bug });
      const ids = new Set(wrongGradients(readTrace(document.trace), wrong));
      for (const node of leavesOf(document)) {
        const { gradient } = wrong.node(node.id);
        const isOther = ids.has(node.id);
        if (isOther && Math.abs(gradient - node.gradient) < 1e-4 * Math.abs(node.gradient)) continue; // nearly right
        const { kind } = await judged(asking(document), node, gradient);
        assert.equal(kind, isOther ? "wrong" : "agrees", `${name}, ${bug}: ${node.name}`);
        count += isOther;
      }
    }
  }
  assert.ok(count > 50, String(count));
});

test("at a corner any slope between those of both sides is right, and no other", async () => {
  const { document } = cases.corner;
  const node = readTrace(document.trace).node("v1");
  const kinds = [-1.5, -1, -0.5, 0, 0.5].map(async (slope) => (await judged(asking(document), node, slope)).kind);
  assert.deepEqual(await Promise.all(kinds), ["wrong", "corner", "corner", "corner", "wrong"]);
});

test("the error of a difference quotient falls with h, and rises again", async () => {
  const { document } = cases.tangle;
  const node = readTrace(document.trace).node("v1");
  const curve = await errorCurve(asking(document), node, node.gradient);
  const at = (h) => curve.find((point) => Math.abs(point.h / h - 1) < 1e-9);
  assert.ok(at(1e-2).central > 1e3 * at(1e-4).central); // as the square of h
  assert.ok(at(1e-2).ahead > 50 * at(1e-4).ahead && at(1e-2).ahead < 200 * at(1e-4).ahead); // as h
  assert.ok(at(1e-12).central > 100 * at(1e-6).central);
  assert.ok(at(1e-4).central < at(1e-4).ahead);
  assert.equal(curve.length, 65);
});
