/** Drills one after the other: each is an explorer that asks, and the level rises and falls with the answers. */

import { createApp } from "./app.js";
import { h } from "./dom.js";
import { streakDots } from "./predict.js";
import { levelAfter, NO_SCORE, scored, scoreInWords } from "./score.js";

/**
 * Put a series of drills into an element; its document has them in "practice": {"levels": [{"title", "drills"}],
 * "level", "raise_after", "lower_after"}, each drill a document of its own. Gives {destroy}.
 */
export function createPractice(json, element, host = {}) {
  const { levels, level: start, raise_after: raiseAfter, lower_after: lowerAfter } = json.practice;
  const rules = { highest: levels.length, raiseAfter, lowerAfter };
  const taken = levels.map(() => 0);
  let score = NO_SCORE;
  let level = start; // of the next drill
  let shown = start; // of this one
  let open = null;

  const select = h("select", { "aria-label": "Level", onchange: () => choose(Number(select.value)) },
    levels.map(({ title }, i) => h("option", { value: i + 1 }, `Level ${i + 1}: ${title}`)));
  const dots = h("span", { class: "cg-streak", "aria-hidden": "true" });
  const words = h("output", { "aria-live": "off" });
  const head = h("div", { class: "cg-series" }, select, dots, words);

  function choose(chosen) {
    level = chosen;
    score = { ...score, streak: 0, misses: 0 };
    next();
  }

  function show() {
    select.value = shown;
    dots.replaceChildren(...streakDots(score.streak % raiseAfter, raiseAfter));
    words.textContent = level === shown ? scoreInWords(score) : `The next graph is of level ${level}: ${levels[level - 1].title}`;
  }

  function next() {
    open?.destroy();
    const { drills } = levels[level - 1];
    const drill = drills[taken[level - 1] % drills.length];
    taken[level - 1] += 1;
    const isFirst = !open;
    open = createApp(drill, element, { ...host, head, request });
    shown = level;
    show();
    if (!isFirst) element.querySelector("input.cg-answer").focus();
  }

  async function request(name, { right }) {
    if (name === "next") next();
    if (name === "answered") {
      score = scored(score, right);
      level = levelAfter(level, score, rules);
      show();
    }
    return null;
  }

  next();
  return { destroy: () => open.destroy() };
}
