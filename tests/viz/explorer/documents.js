// The documents that tests/documents.py makes, with what the engine says of each: test_modules.py hands them on.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

import { readNumber } from "../../../viz/explorer/page/numbers.js";
import { readTrace } from "../../../viz/explorer/page/trace.js";

const file = process.env.CHALKGRAD_DOCUMENTS;
const made = () => execFileSync(".venv/bin/python", ["tests/documents.py"], { encoding: "utf8" }); // for npm test

export const cases = JSON.parse(file ? readFileSync(file, "utf8") : made());

/** Numbers as close as the browser's exponential is to Python's. */
export function close(actual, json, what, tolerance = 1e-13) {
  const expected = readNumber(json);
  const isSame = actual === expected || (Number.isNaN(actual) && Number.isNaN(expected));
  assert.ok(isSame || Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected)),
    `${what}: ${actual} is not ${expected}`);
}

/** Two traces, all of both: texts as they are, numbers closely. */
export function sameTrace(actual, json, what) {
  const expected = readTrace(json);
  assert.equal(actual.output, expected.output);
  for (const key of ["nodes", "events"]) {
    assert.equal(actual[key].length, expected[key].length, `${what}: ${key}`);
    expected[key].forEach((entry, i) => same(actual[key][i], entry, `${what}: ${key}[${i}]`));
  }
}

function same(actual, expected, what) {
  if (typeof expected === "number") close(actual, expected, what);
  else if (expected !== null && typeof expected === "object") {
    assert.deepEqual(Object.keys(actual).sort(), Object.keys(expected).sort(), what);
    for (const key of Object.keys(expected)) same(actual[key], expected[key], `${what}.${key}`);
  } else assert.equal(actual, expected, what);
}
