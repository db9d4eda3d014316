/** What each operation computes, as Python wrote it down in the document (viz/explorer/rules.py), run on numbers. */

import { FLOATS } from "./ieee.js";
import { readNumber } from "./numbers.js";

function keyOf(operation, settings, count, byHand) {
  const texts = Object.entries(settings).map(([name, x]) => `${name}=${readNumber(x)}`);
  return `${operation}(${texts})/${count}${byHand ? " by hand" : ""}`;
}

/** A place on a tape as the index of where its number is kept: x0, x1, ... first, then z, then s0, s1, ... */
function indexOn(place, count) {
  if (place === "z") return count;
  return place[0] === "x" ? Number(place.slice(1)) : count + 1 + Number(place.slice(1));
}

function readRule(rule) {
  const count = rule.operands;
  const constants = [];
  const steps = rule.steps.map(([name, ...places]) => [FLOATS[name], places.map(place)]);

  // Constants are kept behind all that is computed.
  function place(json) {
    if (typeof json === "string" && /^(z|[xs]\d+)$/.test(json)) return indexOn(json, count);
    constants.push(readNumber(json));
    return count + rule.steps.length + constants.length;
  }

  const value = rule.value === null ? null : place(rule.value);
  return {
    ...rule,
    steps,
    value,
    partials: rule.partials && rule.partials.map((each) => (each === "flat" ? null : place(each))),
    isDirect: steps.length > 0 && value === count + 1 && steps[0][1].length === count && steps[0][1].every((each, i) => each === i),
    forward: value === null ? 0 : Math.min(steps.length, Math.max(0, value - count)), // how many steps its value takes
    constants,
  };
}

function run(rule, z, xs, count) {
  const kept = [...xs, z, ...Array(rule.steps.length).fill(0), ...rule.constants];
  for (let i = 0; i < count; i += 1) {
    const [compute, places] = rule.steps[i];
    kept[xs.length + 1 + i] = compute(...places.map((place) => kept[place]));
  }
  return kept;
}

/** The rules of a document, ready to be asked: find(node) gives that of a node of its trace. */
export function readRules(rules) {
  const known = new Map(
    rules.map((rule) => [keyOf(rule.operation, rule.static, rule.operands, rule.by_hand), readRule(rule)]),
  );
  return {
    find: (node) => known.get(keyOf(node.operation, node.static, node.operands.length, node.by_hand)) ?? null,
  };
}

/** What an operation gives for its operands' numbers. */
export function valueOf(rule, xs) {
  if (rule.isDirect) return rule.steps[0][0](...xs);
  return run(rule, NaN, xs, rule.forward)[rule.value];
}

/** Its local derivatives, given its result z: null for an operand from which nothing comes through (flat). */
export function partialsOf(rule, z, xs) {
  const kept = run(rule, z, xs, rule.steps.length);
  return rule.partials.map((place) => (place === null ? null : kept[place]));
}

/** Value and local derivatives of a rule as it is in a document: {value, partials}. */
export function evaluate(rule, xs, z = undefined) {
  const read = readRule(rule);
  const value = valueOf(read, xs);
  return { value, partials: partialsOf(read, z ?? value, xs) };
}

/** How it is written of numbers, which are texts: in brackets where they would not bind tightly enough. */
export function writtenOf(rule, texts) {
  const closed = texts.map((text, i) => {
    const binds = text.includes("e") ? 2 : text.startsWith("-") ? 3 : 5; // as engine/formula.py has it
    const fits = !rule.binds.length || (binds >= rule.binds[i] && !((i > 0 || texts.length === 1) && text.startsWith("-")));
    return fits ? text : `(${text})`;
  });
  return rule.text.replace(/\{(\d+)\}/g, (_, i) => closed[i]);
}
