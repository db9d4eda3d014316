/** Answers all drills of a page in a file, and tells what was asked; a test compares that with Python's questions. */

import { readFileSync } from "node:fs";

import { judge } from "../../../viz/explorer/page/judge.js";
import { questionAt } from "../../../viz/explorer/page/question.js";
import { levelAfter, NO_SCORE, scored } from "../../../viz/explorer/page/score.js";
import { initialState, reduce } from "../../../viz/explorer/page/state.js";
import { readTrace } from "../../../viz/explorer/page/trace.js";

const { document, answers } = JSON.parse(readFileSync(process.argv[2], "utf-8"));

function walk(drill) {
  const asked = [];
  const { questions } = drill.options;
  let state = initialState(drill, readTrace(drill.trace));
  for (let question = questionAt(state, questions); question; question = questionAt(state, questions)) {
    const { event, to, index } = question;
    asked.push([index, question.asked, judge(String(event[question.asked]), { ...question, trace: state.trace }).kind]);
    state = reduce(state, { type: "goto", ...to, answered: true }, drill);
    if (asked.length > questions.length) break;
  }
  return asked;
}

function climb() {
  const { levels, raise_after: raiseAfter, lower_after: lowerAfter } = document.practice;
  let score = NO_SCORE;
  let level = 1;
  return answers.map((isRight) => {
    score = scored(score, isRight);
    level = levelAfter(level, score, { highest: levels.length, raiseAfter, lowerAfter });
    return [level, Object.values(score)];
  });
}

const walks = document.practice.levels.map(({ drills }) => drills.map(walk));
console.log(JSON.stringify({ walks, climb: climb() }));
