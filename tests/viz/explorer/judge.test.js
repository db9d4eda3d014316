import assert from "node:assert/strict";
import { test } from "node:test";

import { judge, readAnswer } from "../../../viz/explorer/page/judge.js";
import { readTrace } from "../../../viz/explorer/page/trace.js";

// --- small random graphs, and their backward pass ---

function randomSource(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const OPERATIONS = {
  add: { n: 2, value: (a, b) => a + b, locals: () => [1, 1], formula: (a, b) => `${a} + ${b}`, rules: () => ["1", "1"] },
  sub: { n: 2, value: (a, b) => a - b, locals: () => [1, -1], formula: (a, b) => `${a} - ${b}`, rules: () => ["1", "-1"] },
  mul: { n: 2, value: (a, b) => a * b, locals: (a, b) => [b, a], formula: (a, b) => `${a} * ${b}`, rules: (a, b) => [b, a] },
  tanh: { n: 1, value: Math.tanh, locals: (a) => [1 - Math.tanh(a) ** 2], formula: (a) => `tanh(${a})`, rules: () => ["1 - z**2"] },
  relu: { n: 1, value: (a) => Math.max(a, 0), locals: (a) => [a > 0 ? 1 : 0], formula: (a) => `relu(${a})`, rules: () => ["step"] },
  dot: { n: 5, value: (v, w, x, y, b) => v * x + w * y + b, locals: (v, w, x, y) => [x, y, v, w, 1],
    formula: (...xs) => `dot(${xs.join(", ")})`, rules: (v, w, x, y) => [x, y, v, w, "1"] },
};

/** The trace of a graph of so many random operations on three leaves, whole numbers or not. */
function randomTrace(random, size, isWhole) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const nodes = ["a", "b", "c"].map((name, i) => {
    const data = isWhole ? Math.floor(random() * 11) - 5 : 6 * random() - 3;
    return { id: `v${i + 1}`, name, kind: "input", data };
  });
  const forward = [];
  for (let i = 0; i < size; i += 1) {
    const operation = pick(Object.keys(OPERATIONS));
    const { n, value, formula } = OPERATIONS[operation];
    const operands = Array.from({ length: n }, (_, k) => (k ? pick(nodes) : nodes.at(-1)));
    const values = operands.map((node) => node.data);
    const ids = operands.map((node) => node.id);
    const id = `v${nodes.length + 1}`;
    const node = { id, name: id, kind: "operation", operation, operands: ids, data: value(...values),
      formula: formula(...operands.map((operand) => operand.name)) };
    nodes.push(node);
    forward.push({ phase: "forward", node: id, operation, operands: ids, values, result: node.data });
  }
  const uses = new Map(nodes.map((node) => [node.id, 0]));
  for (const event of forward) for (const id of event.operands) uses.set(id, uses.get(id) + 1);
  const gradient = new Map([[nodes.at(-1).id, 1]]);
  const received = new Map();
  const backward = forward.toReversed().flatMap((event) =>
    event.operands.map((operand, position) => {
      const { locals, rules } = OPERATIONS[event.operation];
      const upstream = gradient.get(event.node) ?? 0;
      const local = locals(...event.values)[position];
      const before = gradient.get(operand) ?? 0;
      const contribution = upstream * local;
      gradient.set(operand, before + contribution);
      received.set(operand, (received.get(operand) ?? 0) + 1);
      return { phase: "backward", node: event.node, operation: event.operation, operand, position, local, upstream,
        contribution, before, after: before + contribution, rule: rules(...event.operands)[position],
        received: received.get(operand), expected: uses.get(operand) };
    }),
  );
  const seed = { phase: "seed", node: nodes.at(-1).id, gradient: 1 };
  return readTrace({ output: nodes.at(-1).id, nodes, events: [...forward, seed, ...backward] });
}

// --- people who follow a mistaken rule ---

const others = (trace, event) => {
  const { operands, operation } = trace.node(event.node);
  const locals = OPERATIONS[operation].locals(...operands.map((id) => trace.node(id).data));
  return locals.filter((_, i) => operands[i] !== event.operand);
};

// From the step and what there was before, with a mistake, to the gradient.
const PEOPLE = {
  overwrote: ({ upstream, local }) => [upstream * local],
  "added twice": ({ upstream, local, before }) => [before + upstream * local + upstream * local],
  "forgot to add": ({ before }) => [before],
  sign: ({ upstream, local, before }) => [before - upstream * local, -(before + upstream * local)],
  "forgot upstream": ({ local, before }) => [before + local, local],
  "swapped operand": (event, trace) =>
    others(trace, event).flatMap((x) => [event.before + event.upstream * x, event.upstream * x]),
  "upstream only": ({ upstream, before }) => [before + upstream, upstream],
  "plus for times": ({ upstream, local, before }) => [before + (upstream + local), upstream + local],
};
// The same where the contribution alone is asked, and where the local derivative is.
const OF_CONTRIBUTION = {
  "added too soon": ({ after }) => [after],
  sign: ({ upstream, local }) => [-upstream * local],
  "forgot upstream": ({ local }) => [local],
  "swapped operand": (event, trace) => others(trace, event).map((x) => event.upstream * x),
  "upstream only": ({ upstream }) => [upstream],
  "plus for times": ({ upstream, local }) => [upstream + local],
};
const OF_LOCAL = {
  "too far": ({ upstream, local }) => [upstream * local],
  sign: ({ local }) => [-local],
  "swapped operand": (event, trace) => others(trace, event),
  "upstream only": ({ upstream }) => [upstream],
};
const FORWARD = {
  "swapped operand": ({ operation, values: [a, b] }) => (operation === "sub" ? [b - a] : []),
  sign: ({ result }) => [-result],
  "forgot to add": ({ operation, values }) => {
    if (operation === "add") return values;
    if (operation !== "dot") return [];
    const [v, w, x, y, b] = values;
    return [v * x + w * y, v * x + b, w * y + b];
  },
  "wrong operation": ({ operation, values: [a, b] }) => ({ add: [a * b], mul: [a + b] })[operation] ?? [],
};
const ASKED = { after: PEOPLE, contribution: OF_CONTRIBUTION, local: OF_LOCAL, result: FORWARD };

const isSame = (x, y, size = 0) => Math.abs(x - y) <= 1e-9 * Math.abs(y) || (x === 0 && Math.abs(y) <= 1e-9 * size);

for (const isWhole of [false, true]) {
  test(`every mistaken rule is named on random graphs of ${isWhole ? "whole" : "real"} numbers`, () => {
    const random = randomSource(7);
    const named = {};
    for (let i = 0; i < 80; i += 1) {
      const trace = randomTrace(random, 1 + (i % 6), isWhole);
      for (const [asked, people] of Object.entries(ASKED)) {
        for (const event of trace.events.filter((each) => asked in each)) {
          for (const [kind, answersOf] of Object.entries(people)) {
            for (const answer of answersOf(event, trace)) {
              const verdict = judge(String(answer), { event, trace, asked });
              const check = (is, what) => {
                const told = () => `${asked}, ${kind}: ${answer} where ${JSON.stringify(event)} was called ${verdict.kind}`;
                if (!is) assert.fail(`${what}: ${told()}`);
              };
              const size = asked === "after" ? Math.max(Math.abs(event.before), Math.abs(event.contribution)) : 0;
              const coincides = isSame(answer, event[asked], size);
              check(verdict.right === coincides, "right or wrong");
              check(verdict.right === (verdict.kind === "right"), "right by name");
              if (coincides) continue;
              if (verdict.kind !== kind) {
                const kinds = Object.keys(people);
                check(kinds.includes(verdict.kind), "no mistake of these");
                check(kinds.indexOf(verdict.kind) < kinds.indexOf(kind), "the less instructive of two");
                check(people[verdict.kind](event, trace).some((x) => isSame(answer, x)), "does not come to this number");
              } else named[`${asked}, ${kind}`] = (named[`${asked}, ${kind}`] ?? 0) + 1;
              check(/^[^{}]{15,}[.?]$/.test(verdict.sentence), verdict.sentence);
              check(!/undefined|NaN/.test(verdict.sentence), verdict.sentence);
            }
          }
        }
      }
    }
    for (const [asked, people] of Object.entries(ASKED)) {
      for (const kind of Object.keys(people)) assert.ok(named[`${asked}, ${kind}`] > 5, `${asked}, ${kind} was never named`);
    }
  });
}

test("the right number is right, however it is written", () => {
  const random = randomSource(3);
  for (let i = 0; i < 100; i += 1) {
    const trace = randomTrace(random, 1 + (i % 6), i % 2);
    for (const event of trace.events) {
      for (const asked of { forward: ["result"], seed: ["gradient"], backward: ["local", "contribution", "after"] }[event.phase]) {
        const expected = event[asked];
        const written = [String(expected), expected.toPrecision(6), expected.toExponential(8), ` = ${expected}`];
        written.push(String(expected).replace("-", "−").replace(".", ","));
        for (const answer of written) {
          assert.equal(judge(answer, { event, trace, asked }).kind, "right", `${answer} for ${expected}`);
        }
      }
    }
  }
});

// --- numbers as people type them ---

const numbersIn = (text) => readAnswer(text).map(({ number }) => number);

test("numbers are read as people type them", () => {
  const meant = { "3": [3], "-3": [-3], "−3": [-3], "–0,5": [-0.5], "+.5": [0.5], "5.": [5], "1/3": [1 / 3], "-1 / 4": [-0.25],
    "½": [0.5], "−½": [-0.5], "2e-3": [0.002], "1.5E2": [150], "1.5 × 10⁻⁵": [1.5e-5], "2·10^3": [2000], "2*10^-3": [0.002],
    "(-3)": [-3], "dL/da = -3": [-3], "1,000": [1, 1000], "1,234.5": [1234.5], "1.234,5": [1234.5], "12 345": [12345],
    "- 2": [-2], "∞": [Infinity], "-inf": [-Infinity], "3 / 4": [0.75] };
  for (const [text, numbers] of Object.entries(meant)) assert.deepEqual(numbersIn(text), numbers, text);
  assert.ok(Number.isNaN(numbersIn("nan")[0]));
  for (const text of ["", " ", "maybe", "1.2.3", "1 2", "--3", "3-", "1/0", "1/2/3", "0x10", ".", "e5", "a", "1e9999", "3 apples"]) {
    assert.deepEqual(numbersIn(text), [], text);
  }
});

function judged(answer, expected) {
  const trace = readTrace({ output: "v1", nodes: [{ id: "v1", name: "y", data: 1e9, kind: "operation", operands: [], formula: "f" }], events: [] });
  return judge(answer, { event: { phase: "seed", node: "v1", gradient: expected }, trace }).kind;
}

test("digits are judged as many as were given", () => {
  const third = 1 / 3;
  for (const answer of ["1/3", "0.33", "0.333", ".3333", "0,33333"]) assert.equal(judged(answer, third), "right", answer);
  assert.equal(judged("0.3", third), "rough");
  assert.equal(judged("0.34", third), "slip");
  assert.equal(judged("0.41", 0.4199743), "right"); // cut off
  assert.equal(judged("0.42", 0.4199743), "right"); // rounded
  assert.equal(judged("0.43", 0.4199743), "slip");
  assert.equal(judged("12", 12.5), "rough"); // a short number is asked for exactly
  assert.equal(judged("12.5", 12.5), "right");
  assert.equal(judged("0", 0.3), "wrong");
  assert.equal(judged("0", 1e-9), "wrong");
  assert.equal(judged("-0", 0), "right");
  assert.equal(judged("0.1", 0.01), "decimal point");
  assert.equal(judged("7", 8), "slip");
  assert.equal(judged("77", 8), "wrong");
  assert.equal(judged("1,000", 1000), "right");
  assert.equal(judged("1,000", 1), "right");
  assert.equal(judged("inf", Infinity), "right");
  assert.equal(judged("-inf", Infinity), "wrong");
  assert.equal(judged("nan", NaN), "right");
  assert.equal(judged("3", NaN), "wrong");
  assert.equal(judged("three", 3), "not a number");
});
