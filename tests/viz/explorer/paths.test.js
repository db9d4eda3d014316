import assert from "node:assert/strict";
import { test } from "node:test";

import { costs, pathCounts, pathsFrom } from "../../../viz/explorer/page/paths.js";
import { readTrace } from "../../../viz/explorer/page/trace.js";
import { cases, close } from "./documents.js";

for (const [name, { document, paths, multiplications }] of Object.entries(cases)) {
  if (!paths) continue;
  const trace = readTrace(document.trace);

  test(`${name}: all paths are found, and their sum is the gradient`, () => {
    for (const [id, products] of Object.entries(paths)) {
      const found = pathsFrom(trace, id, 10000);
      assert.equal(found.count, products.length);
      assert.equal(found.paths.length, products.length);
      found.paths.forEach(({ product, steps }, i) => {
        if (!["infinite", "nan"].includes(name)) close(product, products[i], name); // there a 0 is flat, and nan has no order
        assert.equal(steps[0].operand, id);
        assert.equal(steps.at(-1).node, trace.output);
        steps.slice(1).forEach((step, k) => assert.equal(step.operand, steps[k].node));
      });
      close(found.sum, trace.node(id).gradient, `${name}: ${id}`);
    }
  });

  test(`${name}: multiplications are counted`, () => {
    const { reverse, forward, paths: all, leaves } = costs(trace);
    assert.deepEqual({ reverse, forward, paths: all }, multiplications);
    assert.equal(leaves, Object.keys(paths).length);
  });
}

test("of many paths those of the largest products are shown", () => {
  const trace = readTrace(cases.network.document.trace);
  const [id, products] = Object.entries(cases.network.paths).find(([, each]) => each.length > 4);
  const { paths, count } = pathsFrom(trace, id, 3);
  assert.equal(count, products.length);
  assert.deepEqual(paths.map(({ product }) => product.toPrecision(9)), products.slice(0, 3).map((x) => x.toPrecision(9)));
});

test("paths are counted where nobody could go along them all", () => {
  const nodes = [{ id: "v1", name: "a", kind: "input", data: 1, gradient: 2 ** 60, uses: 2, parts: [] }];
  const events = [];
  for (let i = 2; i <= 61; i += 1) {
    const operands = [`v${i - 1}`, `v${i - 1}`];
    nodes.push({ id: `v${i}`, name: `v${i}`, kind: "operation", operands, parts: [] });
    for (const position of [1, 0]) {
      events.unshift({ phase: "backward", node: `v${i}`, operand: `v${i - 1}`, position, local: 1, contribution: 1 });
    }
  }
  const trace = readTrace({ output: "v61", nodes, events });
  assert.equal(pathCounts(trace).get("v1"), 2 ** 60);
  const { paths, count } = pathsFrom(trace, "v1", 5);
  assert.deepEqual([count, paths.length], [2 ** 60, 5]);
  assert.equal(costs(trace).reverse, 120);
  assert.equal(costs(trace).paths, 60 * 2 ** 60);
});
