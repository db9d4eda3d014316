/** Judges an answer: is it the number that was asked, and if not, which mistake leads to it? */

import { MISTAKES, OTHERWISE } from "./mistakes.js";
import { onBoard, writeNumber } from "./numbers.js";

const ASKED = { forward: "result", seed: "gradient", backward: "after" }; // by the phase of a step
const SHORT = 3; // significant digits: a number of no more is asked for exactly
const FEWEST = 2; // significant digits of any other
const TINY = 1e-9; // relative: what rounding may do
const NEAR = 0.2; // relative: this far off is a slip

/**
 * Judge what somebody typed.
 *
 * @param {string} answer as people type numbers: "-3", "0,5", "1/3", "2e-3", "−½"
 * @param {object} question
 *   event: the step of the trace that is asked about;
 *   trace: the whole of it, as trace.js reads it;
 *   asked: which number of the step; unless given, the one that the step leads to;
 *   expected: that number; unless given, the step's own
 * @returns {{right: boolean, kind: string, sentence: string}}
 */
export function judge(answer, { event, trace, asked = ASKED[event.phase], expected = event[asked] }) {
  const facts = factsOf(event, trace);
  const readings = readAnswer(answer);
  const say = (entry, more) => ({
    right: entry.kind === "right",
    kind: entry.kind,
    sentence: fillIn(entry.sentence, { ...facts, typed: String(answer).trim(), ...more }),
  });
  const otherwise = (kind) =>
    say(OTHERWISE.find((entry) => entry.kind === kind && (!entry.asked || entry.asked.includes(asked))));

  if (!readings.length) return otherwise("not a number");
  const size = asked === "after" ? Math.max(Math.abs(facts.before), Math.abs(facts.contribution)) : 0;
  if (readings.some((reading) => isAnswer(reading, expected, size))) return otherwise("right");
  for (const mistake of MISTAKES.filter((entry) => entry.asked.includes(asked))) {
    for (const choice of mistake.each ? facts[mistake.each] : [{}]) {
      for (const formula of mistake.number) {
        const number = sumOfProducts(formula, { ...facts, ...choice });
        const reading = Number.isNaN(number) ? null : readings.find((each) => isAnswer(each, number));
        if (reading) return say(mistake, { ...choice, answer: reading.number });
      }
    }
  }
  const is = (relation) => readings.some((reading) => relation(reading, expected));
  return otherwise(is(isRough) ? "rough" : is(isShifted) ? "decimal point" : is(isNear) ? "slip" : "wrong");
}

/** Everything that mistakes are made of, and sentences: the numbers and the names of a step. */
function factsOf(event, trace) {
  const node = trace.node(event.node);
  const output = trace.node(trace.output);
  const facts = { ...event, node: node.name, formula: node.formula, output: output.name, output_data: output.data };
  if (event.phase === "forward") {
    const { values, operation } = event;
    facts.values = values.map((value, i) => ({ value, value_name: trace.name(event.operands[i]) }));
    facts.terms = termsOf(operation, values).map((term) => ({ term }));
    facts.reversed = values.length === 2 ? REVERSED[operation]?.(...values) : undefined;
    facts.confused = values.length === 2 ? CONFUSED[operation]?.(...values) : undefined;
  }
  if (event.phase === "backward") {
    const operand = trace.node(event.operand);
    facts.operand = operand.name;
    facts.values = [operand, node, output].map(({ data, name }) => ({ value: data, value_name: name }));
    facts.others = trace.events
      .filter((other) => other.phase === "backward" && other.node === event.node && other.operand !== event.operand)
      .map((other) => ({ other: other.local, other_name: trace.name(other.operand) }));
  }
  return facts;
}

const REVERSED = {
  sub: (a, b) => b - a,
  div: (a, b) => (a ? b / a : NaN),
  pow: (a, b) => (b > 0 ? b ** a : NaN),
};
const CONFUSED = { add: (a, b) => a * b, mul: (a, b) => a + b, sub: (a, b) => a + b, div: (a, b) => a * b };

/** What is added up in a sum. */
function termsOf(operation, values) {
  if (operation === "add" || operation === "total") return values;
  if (operation !== "dot") return [];
  const n = Math.floor(values.length / 2);
  return [...values.slice(0, n).map((w, i) => w * values[n + i]), ...values.slice(2 * n)];
}

/** "before + upstream * other" with numbers; NaN where one of them is missing. */
function sumOfProducts(formula, numbers) {
  const factor = (text) => Number(text in numbers ? numbers[text] : text);
  const product = (text) => text.split(" * ").reduce((z, each) => z * factor(each), 1);
  return formula.split(" + ").reduce((z, each) => z + product(each), 0);
}

function fillIn(sentence, facts) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => {
    const fact = facts[name];
    if (typeof fact === "number") return writeNumber(fact);
    return name === "formula" || name === "rule" ? onBoard(fact) : fact;
  });
}

// --- is it the number? ---

/** Whether a reading of an answer is a number: to the digits that were given, rounded or cut off, but not too few. */
function isAnswer({ number, unit, digits }, expected, size = 0) {
  if (!Number.isFinite(expected) || !Number.isFinite(number)) return Object.is(number, expected);
  const error = Math.abs(number - expected);
  if (error <= TINY * Math.abs(expected)) return true;
  if (number === 0) return Math.abs(expected) <= TINY * size; // a difference of rounded numbers
  if (isShort(expected) || digits < FEWEST) return false;
  return roundsTo(number, unit, expected);
}

function roundsTo(number, unit, expected) {
  const error = Math.abs(number - expected);
  const isCutOff = Math.abs(number) < Math.abs(expected) && number * expected > 0 && error < unit;
  return isCutOff || error <= (unit / 2) * (1 + TINY);
}

function isShort(x) {
  return Math.abs(Number(x.toPrecision(SHORT)) - x) <= TINY * Math.abs(x);
}

function isRough({ number, unit }, expected) {
  return isNear({ number }, expected) && number !== 0 && roundsTo(number, unit, expected);
}

function isShifted({ number, unit, digits }, expected) {
  return [-3, -2, -1, 1, 2, 3].some((power) => {
    const scale = 10 ** power;
    return isAnswer({ number: number * scale, unit: unit * scale, digits }, expected);
  });
}

function isNear({ number }, expected) {
  if (!Number.isFinite(expected)) return false;
  const error = Math.abs(number - expected);
  return error <= NEAR * Math.abs(expected) || (error === 1 && Number.isInteger(number) && Math.abs(expected) > 1);
}

// --- numbers as people type them ---

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/**
 * What an answer may mean: the number, the unit of its last digit (0 where it is exact) and how many digits were given.
 * "1,000" may mean two numbers, and "maybe" none.
 */
export function readAnswer(answer) {
  const text = plainText(String(answer));
  const special = /^([+-]?)(inf|infinity|∞|oo)$/.exec(text);
  if (special) return [{ number: special[1] === "-" ? -Infinity : Infinity, unit: 0, digits: 1 }];
  if (text === "nan") return [{ number: NaN, unit: 0, digits: 1 }];
  const parts = text.split("/");
  if (parts.length > 2) return [];
  const [above, below] = parts.map(readDecimal);
  if (!below) return above;
  return above.flatMap((a) =>
    below.filter((b) => b.number).map((b) => ({ number: a.number / b.number, unit: 0, digits: 1 })),
  );
}

/** The same in plain signs, without spaces, and from after the last "=". */
function plainText(answer) {
  return answer
    .split("=")
    .pop()
    .replace(/⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+/g, (run) => "^" + run.replace("⁻", "-").replace(/[^-]/g, (c) => SUPERSCRIPTS.indexOf(c)))
    .normalize("NFKC")
    .replace(/[−‐‑‒–—]/g, "-")
    .replace(/[⁄∕÷]/g, "/")
    .toLowerCase()
    .trim()
    .replace(/(?<=^|[^\d.,])\s+|\s+(?=[^\d.,]|$)/g, "")
    .replace(/(?<=\d)\s(?=\d{3}(\D|$))/g, "")
    .replace(/^\((.*)\)$/, "$1");
}

function readDecimal(text) {
  const power = text.replace(/[×·⋅*x]10\^?(?=[+-]?\d+$)/, "e");
  const match = /^([+-]?)([\d.,]+)(?:e([+-]?\d{1,3}))?$/.exec(power);
  if (!match) return [];
  const [, sign, body, exponent = "0"] = match;
  return spellings(body).map((plain) => {
    const decimals = (plain.split(".")[1] ?? "").length;
    const digits = plain.replace(".", "").replace(/^0+/, "").length;
    return { number: Number(`${sign}${plain}e${exponent}`), unit: 10 ** (Number(exponent) - decimals), digits };
  });
}

/** Digits with a decimal point: of "0,5" one spelling, of "1,000" two, of "1.2.3" none. */
function spellings(body) {
  const grouped = /^\d{1,3}(,\d{3})+(\.\d*)?$/.test(body) ? [body.replaceAll(",", "")] : [];
  const german = /^\d{1,3}(\.\d{3})+,\d*$/.test(body) ? [body.replaceAll(".", "").replace(",", ".")] : [];
  const decimal = /^(\d+[.,]?\d*|[.,]\d+)$/.test(body) ? [body.replace(",", ".")] : [];
  return [...decimal, ...grouped, ...german];
}
