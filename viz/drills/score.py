"""How well somebody does, and at which level to go on."""

from typing import NamedTuple

from viz.drills.levels import LEVELS

__all__ = ["LOWER_AFTER", "RAISE_AFTER", "Score"]

RAISE_AFTER = 5  # right answers in a row
LOWER_AFTER = 3  # wrong ones in a row


class Score(NamedTuple):
    """How well somebody does; the first answer to each question counts.

    Attributes:
        asked: how many questions were answered.
        right: how many of them right.
        streak: how many right ones there were since the last wrong one.
        best: the longest streak.
        misses: how many wrong ones there were since the last right one.
    """

    asked: int = 0
    right: int = 0
    streak: int = 0
    best: int = 0
    misses: int = 0

    def after(self, is_right: bool) -> "Score":
        """The score after one more answer.

        Example:
            >>> Score().after(True).after(True).after(False)
            Score(asked=3, right=2, streak=0, best=2, misses=1)
        """
        streak = self.streak + 1 if is_right else 0
        misses = 0 if is_right else self.misses + 1
        return Score(self.asked + 1, self.right + is_right, streak, max(self.best, streak), misses)

    def level_after(self, level: int) -> int:
        """The level to go on at, after the answer that was the last.

        Example:
            >>> Score(streak=5).level_after(1), Score(streak=6).level_after(2), Score(misses=3).level_after(2)
            (2, 2, 1)
        """
        if self.streak and self.streak % RAISE_AFTER == 0:
            return min(level + 1, len(LEVELS))
        if self.misses and self.misses % LOWER_AFTER == 0:
            return max(level - 1, 1)
        return level
