/** Where the reader is, and what each action makes of it. Nothing else is remembered: undo goes by the index alone. */

import { stateAt } from "./trace.js";
import { stopsOf } from "./stops.js";

/** The state in which a document opens. */
export function initialState(document, trace) {
  const { options, layouts } = document;
  const view = layouts.start;
  const state = {
    trace, // the one that is shown: the document's, or another that a screen shows in its place
    beside: null, // {trace, label}: another, whose numbers stand beside those that differ
    index: 0, // how many events have happened
    beat: 0, // of the next one, if it goes backward: 0 none, 1 its local rule, 2 times upstream
    view, // which layout
    selected: null, // the id of a node
    screen: options.screen ?? "step",
    playing: false,
    predicting: Boolean(options.locked), // whether numbers are asked for before they are shown
    locked: Boolean(options.locked), // whether that cannot be switched off
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

function moved(state, stop) {
  return stop ? { ...state, index: stop.index, beat: stop.beat } : { ...state, playing: false };
}

const ACTIONS = {
  step: (state) => moved(state, nextStop(state)),
  undo: (state) => moved({ ...state, playing: false }, previousStop(state)),
  goto: (state, { index, beat = 0 }) => ({ ...state, index, beat, playing: false }),
  home: (state) => ({ ...state, index: 0, beat: 0, playing: false }),
  end: (state) => ({ ...state, index: state.trace.events.length, beat: 0, playing: false }),
  play: (state, { on = !state.playing }) => ({ ...state, playing: on && nextStop(state) !== null }),
  select: (state, { node }) => ({ ...state, selected: node }),
  view: (state, { view }) => ({ ...state, view }),
  screen: (state, { screen }) => ({ ...state, screen }),
  predict: (state, { on = !state.predicting }) => ({ ...state, predicting: on || state.locked }),
  show: (state, { trace, beside = null }) => ({ ...state, trace, beside, ...startOf(trace, state.index), beat: state.beat }),
  mark: (state, { nodes = null, edges = null }) => ({ ...state, marks: nodes || edges ? { nodes, edges } : null }),
  keep: (state, { screen, value }) => ({ ...state, kept: { ...state.kept, [screen]: value } }),
};

const LEAPS = new Set(["step", "goto", "end", "play"]);

/**
 * What an action makes of a state.
 *
 * Actions: {type: "step"}, "undo", "home", "end", "play" (on), "goto" (index, beat), "select" (node), "view" (view),
 * "screen" (screen), "predict" (on), "show" (trace, beside), "mark" (nodes, edges), "keep" (screen, value).
 * While numbers are asked for nobody goes forward without `answered: true`.
 */
export function reduce(state, action, document) {
  if (state.predicting && LEAPS.has(action.type) && !action.answered) {
    const isForward = action.type !== "goto" || isAfter({ index: action.index, beat: action.beat ?? 0 }, state);
    if (isForward) return { ...state, screen: "predict", playing: false };
  }
  return derived(ACTIONS[action.type](state, action), document, state);
}
