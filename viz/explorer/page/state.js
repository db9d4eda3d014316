/** Where the reader is, and what each action makes of it. Nothing else is remembered: undo goes by the index alone. */

import { stateAt } from "./trace.js";
import { stopsOf } from "./stops.js";

/** The state in which a document opens. */
export function initialState(document, trace) {
  const { options, layouts } = document;
  const view = layouts.start;
  const state = {
    trace, // the one that is shown: the document's, or another that a screen shows in its place
    beside: null, // {label, data, gradient, sums}: by id, other numbers, that stand beside those that differ
    index: 0, // how many events have happened
    beat: 0, // of the next one, if it goes backward: 0 none, 1 its local rule, 2 times upstream
    view, // which layout
    selected: null, // the id of a node
    pointed: [], // the ids of those that the pointer is on, in the picture or in the code
    screen: options.screen ?? "step",
    playing: false,
    predicting: Boolean(options.locked), // whether numbers are asked for before they are shown
    locked: Boolean(options.locked), // whether that cannot be switched off
    insisted: 0, // how often somebody wanted to be asked, or to go on without an answer
    marks: null, // {nodes: {id: word}, edges: {"v3:0": word}}: what a screen points at
    kept: {}, // screen -> what that screen keeps
  };
  return derived({ ...state, ...startOf(trace, options.start ?? 0) }, document);
}

function startOf(trace, start) {
  const named = { end: trace.events.length, backward: trace.seed };
  const index = named[start] ?? start;
  return { index: Math.max(0, Math.min(index, trace.events.length)), beat: 0 };
}

function derived(state, document, before = null) {
  const isNew = !before || before.trace !== state.trace || before.view !== state.view;
  const stops = isNew ? stopsOf(state.trace, document.layouts.views[state.view]) : before.stops;
  const stop = stops.findLast((each) => !isAfter(each, state)) ?? stops[0];
  const isMoved = !before || before.trace !== state.trace || before.index !== stop.index;
  const known = isMoved ? stateAt(state.trace, stop.index) : before.known;
  return { ...state, index: stop.index, beat: stop.beat, stop, stops, known };
}

function isAfter(a, b) {
  return a.index > b.index || (a.index === b.index && a.beat > b.beat);
}

/** The stop after a place, or the last. */
export function nextStop(state) {
  return state.stops.find((stop) => isAfter(stop, state)) ?? null;
}

/** The stop before a place, or the first. */
export function previousStop(state) {
  return state.stops.findLast((stop) => isAfter(state, stop)) ?? null;
}

/** The last stop before another node's turn comes, forward or backward. */
function endOfTurn(state, step) {
  const { stops, trace } = state;
  const turn = (i) => `${trace.events[stops[i].event]?.phase} ${trace.events[stops[i].event]?.node}`;
  let i = stops.indexOf(state.stop) + step;
  while (stops[i + step] && i >= 0 && turn(i + (step > 0 ? 1 : 0)) === turn(i + (step > 0 ? 0 : 1))) i += step;
  return stops[i] ?? null;
}

function moved(state, stop) {
  return stop ? { ...state, index: stop.index, beat: stop.beat } : { ...state, playing: false };
}

const ACTIONS = {
  step: (state, { whole }) => moved(state, whole ? endOfTurn(state, 1) : nextStop(state)),
  undo: (state, { whole }) => moved({ ...state, playing: false }, whole ? endOfTurn(state, -1) : previousStop(state)),
  goto: (state, { index, beat = 0 }) => ({ ...state, index, beat, playing: false }),
  home: (state) => ({ ...state, index: 0, beat: 0, playing: false }),
  end: (state) => ({ ...state, index: state.trace.events.length, beat: 0, playing: false }),
  play: (state, { on = !state.playing }) => ({ ...state, playing: on && nextStop(state) !== null }),
  select: (state, { node }) => ({ ...state, selected: node }),
  point: (state, { nodes }) => ({ ...state, pointed: nodes }),
  view: (state, { view }) => ({ ...state, view }),
  screen: (state, { screen }) => ({ ...state, screen, marks: null }),
  predict: (state, { on = !state.predicting }) =>
    ({ ...state, predicting: on || state.locked, screen: "predict", insisted: state.insisted + (on ? 1 : 0) }),
  show: (state, { trace, beside = null, variant, atEnd = state.index >= state.trace.events.length }) => ({
    ...state, trace, beside, kept: { ...state.kept, variant },
    ...startOf(trace, atEnd ? "end" : state.index), beat: atEnd ? 0 : state.beat,
  }),
  mark: (state, { nodes = null, edges = null }) => ({ ...state, marks: nodes || edges ? { nodes, edges } : null }),
  keep: (state, { screen, value }) => ({ ...state, kept: { ...state.kept, [screen]: value } }),
};

const LEAPS = new Set(["step", "goto", "end", "play"]);

/**
 * What an action makes of a state.
 *
 * Actions: {type: "step"} (whole: to the end of a node's turn), "undo" (whole), "home", "end", "play" (on),
 * "goto" (index, beat), "select" (node), "point" (nodes), "view" (view), "screen" (screen), "predict" (on),
 * "show" (trace, beside, variant, atEnd), "mark" (nodes, edges), "keep" (screen, value).
 * While numbers are asked for nobody goes forward without `answered: true`.
 */
export function reduce(state, action, document) {
  if (state.predicting && LEAPS.has(action.type) && !action.answered) {
    const isForward = action.type !== "goto" || isAfter({ index: action.index, beat: action.beat ?? 0 }, state);
    if (isForward) return { ...state, screen: "predict", playing: false, insisted: state.insisted + 1 };
  }
  return derived(ACTIONS[action.type](state, action), document, state);
}
