import assert from "node:assert/strict";
import { test } from "node:test";

import { channels, decades, evenMarks, leads, mixed, outline, quantile, refined, ticks, unpacked, zeroLine } from "../../../viz/replays/page/frames.js";

const packed = (array) => Buffer.from(array.buffer).toString("base64");

test("packed numbers are read back, nan among them", () => {
  assert.deepEqual([...unpacked({ kind: "float32", data: packed(new Float32Array([1.5, -2])) })], [1.5, -2]);
  const [half, none] = unpacked({ kind: "int16", scale: 0.25, data: packed(new Int16Array([2, -32768])) });
  assert.equal(half, 0.5);
  assert.ok(Number.isNaN(none));
});

test("colours are read and mixed", () => {
  assert.deepEqual(channels("#3f90da"), [63, 144, 218]);
  assert.deepEqual(mixed([0, 100, 255], [100, 0, 255], 0.25), [25, 75, 255]);
});

test("a grid is read between its points, which a plane in it shows to be exact", () => {
  const n = 5;
  const grid = Float32Array.from({ length: 2 * n * n }, (_, i) => {
    const [row, column] = [Math.floor(i / 2 / n), Math.floor(i / 2) % n];
    return i % 2 ? 2 * row - column : column;
  });
  const fine = refined(grid, n, 2, 16);
  for (const [row, column] of [[0, 0], [3, 11], [15, 15]]) {
    const [y, x] = [((row + 0.5) / 16) * (n - 1), ((column + 0.5) / 16) * (n - 1)];
    assert.ok(Math.abs(fine[2 * (16 * row + column)] - x) < 1e-5);
    assert.ok(Math.abs(fine[2 * (16 * row + column) + 1] - (2 * y - x)) < 1e-5);
  }
});

test("the line of height 0 lies where a plane is 0, and nowhere where it is not or where nothing is known", () => {
  const n = 9;
  const plane = Float32Array.from({ length: n * n }, (_, i) => Math.floor(i / n) / (n - 1) + (i % n) / (n - 1) - 0.8);
  const pieces = zeroLine(plane, n);
  assert.ok(pieces.length >= 6);
  for (const [x1, y1, x2, y2] of pieces) {
    assert.ok(Math.abs(x1 + y1 - 0.8) < 1e-6);
    assert.ok(Math.abs(x2 + y2 - 0.8) < 1e-6);
  }
  assert.deepEqual(zeroLine(new Float32Array(n * n).fill(1), n), []);
  assert.deepEqual(zeroLine(new Float32Array(n * n).fill(NaN), n), []);
});

test("the lead of each score is over the best of the others", () => {
  const [first, second, third] = leads(Float32Array.from([1, 3, 2, 5, 0, 0, 1, 1, 1, 0, 0, 9]), 2, 3);
  assert.deepEqual([first[0], second[0], third[0]], [-2, 1, -1]);
  assert.deepEqual([first[1], third[3]], [5, 9]);
});

test("marks are round and within", () => {
  assert.deepEqual(ticks(0, 1), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(ticks(-3, 7), [-2, 0, 2, 4, 6]);
  assert.deepEqual(ticks(2, 2), [2]);
  assert.deepEqual(decades(0.002, 0.5), [0.001, 0.01, 0.1, 1]);
});

test("as many marks as another axis has are round, equally apart, and hold all", () => {
  assert.deepEqual(evenMarks(0, 10, 5), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(evenMarks(0.688, 1.085, 5), [0.6, 0.7, 0.8, 0.9, 1, 1.1]);
  assert.deepEqual(evenMarks(3, 3, 2), [3, 4, 5]);
  for (const [low, high] of [[-1e-7, 3e-7], [12345, 12346], [-5, 1e9]]) {
    const marks = evenMarks(low, high, 5);
    assert.equal(marks.length, 6);
    assert.ok(marks[0] <= low && high <= marks[5]);
  }
});

test("quantiles and outlines", () => {
  assert.equal(quantile([5, 1, NaN, 3], 0.5), 3);
  assert.deepEqual(outline([0, 2, [1, 2]]), [[0, 0.5], [1, 0.5], [1, 1], [2, 1]]);
  assert.deepEqual(outline([1, 1, [0, 2]]), [[1, 0], [1, 0], [1, 1], [1, 1]]);
});
