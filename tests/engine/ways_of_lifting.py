"""The ways in which programs are lifted: any of them, whatever the program is."""

from engine.compiler import kept
from engine.compiler.nests import lift

WAYS = "families", "levels", "turns"
NEVER = 10**9


def lift_by(monkeypatch, way):
    """Have every program lifted by families, by levels, or so that all its numbers are computed in turn.

    What was lifted otherwise and kept is not taken for it, and what is lifted so is not kept for others.
    """
    kept.forget()
    monkeypatch.setattr(kept, "MOST", 0)
    monkeypatch.setattr(lift, "MANY_STATEMENTS", NEVER if way == "families" else 0)
    monkeypatch.setattr(lift, "FEW_ROWS", NEVER)
    monkeypatch.setattr(lift, "LONG_CHAIN", 0 if way == "turns" else NEVER)
