/** How well somebody does: what is right at the first try counts. */

export const NO_SCORE = { asked: 0, right: 0, streak: 0, best: 0, misses: 0 };

/** The score after one more first answer; misses are those in a row. */
export function scored({ asked, right, streak, best, misses }, isRight) {
  const now = isRight ? streak + 1 : 0;
  return {
    asked: asked + 1,
    right: right + (isRight ? 1 : 0),
    streak: now,
    best: Math.max(best, now),
    misses: isRight ? 0 : misses + 1,
  };
}

/** In words. */
export function scoreInWords({ asked, right, streak, best }) {
  if (!asked) return "No answer yet";
  const row = streak > 1 ? `, ${streak} in a row` : best > 1 ? `, at best ${best} in a row` : "";
  return `${right} of ${asked} right at the first try${row}`;
}

/** The level to go on at, after the answer that was the last. */
export function levelAfter(level, { streak, misses }, { highest, raiseAfter, lowerAfter }) {
  if (streak && streak % raiseAfter === 0) return Math.min(level + 1, highest);
  if (misses && misses % lowerAfter === 0) return Math.max(level - 1, 1);
  return level;
}
