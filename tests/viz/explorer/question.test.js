import assert from "node:assert/strict";
import { test } from "node:test";

import { judge } from "../../../viz/explorer/page/judge.js";
import { questionAt } from "../../../viz/explorer/page/question.js";
import { initialState, nextStop, reduce } from "../../../viz/explorer/page/state.js";
import { readTrace } from "../../../viz/explorer/page/trace.js";
import { cases } from "./documents.js";

for (const [name, { document }] of Object.entries(cases)) {
  test(`${name}: whoever answers every question with the trace's number comes to the end, and sees nothing before`, () => {
    const trace = readTrace(document.trace);
    const scalars = { nodes: trace.nodes.map(({ id }) => id), boxes: {} };
    const locked = { ...document, options: { locked: true }, layouts: { start: "scalars", views: { scalars } } };
    let state = initialState(locked, trace);
    for (let asked = 0; nextStop(state); asked += 1) {
      assert.ok(asked < state.stops.length);
      const question = questionAt(state);
      const before = state;
      const { event, asked: what, known, asks } = question;
      assert.doesNotMatch(`${known} ${asks}`, /undefined|NaN|null/);
      if (what === "result") assert.equal(state.known.data.get(event.node), undefined);
      if (what === "local" || what === "contribution") assert.equal(state.known.edges.get(`${event.node}:${event.position}`), undefined);
      if (what === "after" && event.received === 1) assert.equal(state.known.gradient.get(event.operand), undefined);
      assert.equal(judge(String(event[what]), { ...question, trace }).kind, "right", `${what} of ${event.sentence}`);
      assert.equal(reduce(state, { type: "step" }, locked).index, state.index);
      state = reduce(state, { type: "goto", ...question.to, answered: true }, locked);
      assert.notDeepEqual([state.index, state.beat], [before.index, before.beat]);
      assert.deepEqual([state.index, state.beat], [nextStop(before).index, nextStop(before).beat]);
    }
  });
}
