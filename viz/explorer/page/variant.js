/** What is shown in the place of the document's trace: other numbers in its leaves, a bug in its backward pass, or both. */

import { BUGS } from "./bugs.js";
import { boardName, plainNumber, writeNumber } from "./numbers.js";
import { broken, Refusal } from "./rerun.js";
import { readTrace } from "./trace.js";

const PLAIN = { leaves: {}, bug: null, right: null, refusal: "" };

const queues = new WeakMap(); // app -> {wanted, isBusy}: while one answer is waited for, only the last wish counts

/** {leaves, bug, right, refusal}: numbers by id, the id of a bug or null, the trace without that bug, why not. */
export function variantOf(state) {
  return state.kept.variant ?? PLAIN;
}

/** Whether anything else than the document's own trace is shown. */
export function isVaried(state) {
  const { leaves, bug } = variantOf(state);
  return bug !== null || Object.keys(leaves).length > 0;
}

/** What is other, in a few words: "a = 2.5, zero_grad forgotten"; "" for nothing. */
export function variantInWords(state, trace) {
  const { leaves, bug } = variantOf(state);
  const ids = Object.keys(leaves);
  const numbers = ids.slice(0, 3).map((id) => `${boardName(trace.name(id))} = ${writeNumber(leaves[id], 4)}`);
  if (ids.length > 3) numbers.push(`${ids.length - 3} more`);
  if (bug) numbers.push(BUGS.find(({ id }) => id === bug).title);
  return numbers.join(", ");
}

/**
 * Show the trace with other leaves ({id: number}, {} for those of the document) or another bug (its id, or null).
 *
 * What is not named in `change` stays as it is. Where it cannot be done, the variant's refusal says why.
 */
export async function vary(app, change) {
  const queue = queues.get(app) ?? { wanted: null, isBusy: false };
  queues.set(app, queue);
  queue.wanted = { ...(queue.wanted ?? queue.doing ?? variantOf(app.state())), ...change };
  if (queue.isBusy) return;
  queue.isBusy = true;
  try {
    while (queue.wanted) {
      queue.doing = queue.wanted;
      queue.wanted = null;
      await carryOut(app, queue.doing);
    }
  } finally {
    queue.isBusy = false;
    queue.doing = null;
  }
}

/** Back to the document's own numbers. */
export function unvary(app) {
  return vary(app, { leaves: {}, bug: null });
}

async function carryOut(app, { leaves, bug }) {
  const sent = Object.fromEntries(Object.entries(leaves).map(([id, x]) => [id, Number.isFinite(x) ? x : plainNumber(x)]));
  const answer = Object.keys(leaves).length ? await app.request("nudge", { leaves: sent }) : {};
  try {
    if (answer.refusal) throw new Refusal(answer.refusal);
    const right = answer.trace ? readTrace(answer.trace) : app.trace;
    const trace = bug ? broken(app.document, right, bug) : right;
    const { index, predicting } = app.state();
    const isUnseen = !predicting && trace !== app.trace && index <= trace.seed;
    app.dispatch({
      type: "show", trace, beside: besideOf(app, trace, right, leaves, bug), variant: { leaves, bug, right, refusal: "" },
      ...(isUnseen ? { atEnd: true } : {}),
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    app.dispatch({ type: "keep", screen: "variant", value: { ...variantOf(app.state()), refusal: error.message } });
    app.announce(error.message);
  }
}

/** By the id of a node: what its gradient comes to after one contribution, after two, as long as more are to come. */
function growing(right, shown) {
  const [sums, more] = [sumsOf(right), sumsOf(shown)];
  return Object.fromEntries(Object.keys(sums).map((id) => [id, sums[id].slice(0, -1).slice(0, (more[id]?.length ?? 1) - 1)]));
}

function sumsOf(trace) {
  const sums = {};
  for (const event of trace.events) if (event.phase === "backward") (sums[event.operand] ??= []).push(event.after);
  return sums;
}

/** The numbers that stand beside those that are shown, where they differ. */
function besideOf(app, trace, right, leaves, bug) {
  if (bug) return { label: "right", gradient: Object.fromEntries(right.nodes.map(({ id, gradient }) => [id, gradient])), sums: growing(right, trace) };
  const ids = [...Object.keys(leaves), app.trace.output];
  return right === app.trace ? null : { label: "before", data: Object.fromEntries(ids.map((id) => [id, app.trace.node(id).data])) };
}
