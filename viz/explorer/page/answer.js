/**
 * What the page answers itself where no Python is behind it: viz/explorer/answer.py, again.
 *
 * "nudge" with {leaves: {id: number}} gives {trace}; "outputs" with {points: [leaves, ...]} gives {outputs}. Where the
 * document's rules do not reach, both give {refusal}: why, in words.
 */

import { outputsAt, recomputed, Refusal } from "./rerun.js";

/** The way in which requests are answered from a document alone: request(name, payload) gives a Promise. */
export function answering(document) {
  const answers = {
    nudge: ({ leaves }) => ({ trace: recomputed(document, leaves) }),
    outputs: ({ points }) => ({ outputs: outputsAt(document, points) }),
  };
  return async (name, payload) => {
    if (!answers[name]) throw new Error(`a page asks for ${Object.keys(answers).join(" or ")}, not for ${name}`);
    try {
      return answers[name](payload);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { refusal: error.message };
    }
  };
}
