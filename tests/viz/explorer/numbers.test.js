import assert from "node:assert/strict";
import { test } from "node:test";

import { asFactor, clipped, columnNumber, onBoard, plainNumber, ratio, readNumber, shortened, tight, writeNumber } from "../../../viz/explorer/page/numbers.js";

test("numbers that JSON lacks are read back", () => {
  assert.equal(readNumber("-inf"), -Infinity);
  assert.ok(Number.isNaN(readNumber("nan")));
  assert.equal(readNumber(2.5), 2.5);
});

test("numbers are those of Python's format with .6g", () => {
  const written = { 0: "0", 1: "1", 100: "100", 123456: "123456", 1234567: "1.23457e+06", 0.5: "0.5", 0.0001: "0.0001",
    0.00001: "1e-05", 0.1234567: "0.123457", 12345.25: "12345.2", 12345.75: "12345.8", 999999.5: "1e+06", 1e300: "1e+300", "-2.5": "-2.5" };
  for (const [number, text] of Object.entries(written)) assert.equal(plainNumber(Number(number)), text);
  assert.equal(plainNumber(-0), "-0");
});

test("numbers are written as on the board", () => {
  assert.equal(writeNumber(-1.5e-7), "−1.5\u00a0×\u00a010⁻⁷");
  assert.equal(tight(writeNumber(-1.5e-7)), "−1.5×10⁻⁷");
  assert.equal(writeNumber(-Infinity), "−∞");
  assert.equal(writeNumber(NaN), "nan");
  assert.equal(writeNumber(undefined), "not yet");
  assert.equal(asFactor(-3), "(−3)");
});

test("numbers in a column are short", () => {
  const written = { "-0.03819406": "−0.0381941", "-0.000112171234": "−0.0001122", "-1.23456789e-8": "−1.23×10⁻⁸",
    "-5.789123e162": "−5.79×10¹⁶²", 1e12: "1×10¹²", 0.5: "0.5" };
  for (const [number, text] of Object.entries(written)) assert.equal(columnNumber(Number(number)), text);
  assert.equal(columnNumber(Infinity), "∞");
});

test("formulas are written as on the board", () => {
  assert.equal(onBoard("v3 = a * b = 2 * (-3) = -6"), "v3 = a × b = 2 × (−3) = −6");
  assert.equal(onBoard("x**2 - 1e-05"), "x² − 1\u00a0×\u00a010⁻⁵");
  assert.equal(onBoard("x**(-1) * x**0.5"), "x⁻¹ × x^0.5");
});

test("of very many operands the first and the last are written, however many there are", () => {
  const names = [...Array(13).keys()].map((i) => `W1[${i},0]`);
  assert.equal(onBoard(`y = dot(${names.slice(1).join(", ")})`), `y = dot(${names.slice(1).join(", ")})`);
  assert.equal(onBoard(`y = dot(${names.join(", ")}) = -1`), "y = dot(W1[0,0], W1[1,0], W1[2,0], …, W1[12,0]) = −1");
  assert.equal(shortened("f(a, b, c) + max(a, b)", 2, 1), "f(a, …, c) + max(a, b)");
  assert.equal(onBoard(`sum(${Array(100_000).fill("v1").join(", ")})`), "sum(v1, v1, v1, …, v1)");
});

test("a derivative by names that no variable has is put in brackets", () => {
  assert.equal(ratio("L", "W1[2,0]"), "dL/dW1[2,0]");
  assert.equal(ratio("df/dx", "x"), "d(df/dx)/dx");
  assert.equal(ratio("v₃", "the price of bread"), "dv₃/d(the price of bread)");
});

test("a text that is too long is cut", () => {
  assert.equal(clipped("a name", 6), "a name");
  assert.equal(clipped("a longer name", 6.9), "a lon…");
  assert.equal(clipped("word", 0), "w…");
});
