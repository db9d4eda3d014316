"""Checkpoints: a training on disk, so that it goes on after whatever may have ended it.

A checkpoint is one JSON file with all that a training goes on from: its state, what happened so far, the best state,
and what it was that was trained. It is written whole or not at all, so that whoever is killed leaves the last one.
"""

import hashlib
import json
import os
import time
from collections.abc import Mapping
from typing import Any

from engine.arguments import check_flag, shown, whole_number
from engine.compiler.backends.trainer import TrainingState
from engine.files import as_path, write_atomically
from nn.optimizers import Optimizer
from nn.training.data import Data
from nn.training.history import History
from nn.training.stopping import Best
from nn.training.trainer import Objective

__all__ = ["Checkpoint", "checkpoint_at", "trained"]

FORMAT = "chalkgrad checkpoint"
VERSION = 1
EVERY = 1.0  # seconds between two of them, or ten times as long as it takes to write one
KEYS = {"format", "version", "trained", "begun", "state", "history", "layers", "recording", "stopped", "best"}


class Checkpoint:
    """The file in which a training is kept.

    Args:
        path: where; its folder must exist.

    Attributes:
        trained: what is trained, as `trained` gives it; what is in a file is refused if it is of something else.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = as_path(path)
        self.trained: Mapping[str, Any] = {}
        self._next = 0.0

    def read(self, history: History, best: Best) -> tuple[TrainingState, int] | None:
        """The state in the file, and the epoch in which the training began; the rest goes where it belongs.

        Args:
            history, best: to be filled.

        Returns:
            None if there is no such file.

        Raises:
            ValueError: it is no checkpoint, is damaged, or is of another training.
            OSError: it cannot be read.
        """
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return None
        found = self._checked(content)
        for what, mine in json.loads(json.dumps(self.trained, default=repr)).items():  # as it was written
            theirs = found["trained"].get(what)
            if theirs != mine:
                raise ValueError(
                    f"{self.path} is the checkpoint of another training, so it cannot go on here: {what} was "
                    f"{shown(theirs)} there, and is {shown(mine)} here; resume=False begins anew"
                )
        try:
            state, begun = TrainingState.from_dict(found["state"]), whole_number("begun", found["begun"], 0)
            number, epoch, best_state = found["best"]
            best_state = best_state and TrainingState.from_dict(best_state)
            columns = {name: [float(number) for number in column] for name, column in found["history"].items()}
            layers, stopped = dict(found["layers"]), str(found["stopped"])
            if history.recording:
                history.recording.read(found["recording"])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{self.path} is a damaged {FORMAT}: {error}") from None
        best.number, best.epoch, best.state = float(number), epoch, best_state
        history.update(columns)
        history.layers.update(layers)
        history.stopped = stopped
        return state, begun

    def _checked(self, content: bytes) -> dict[str, Any]:
        try:
            found = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{self.path} is not a {FORMAT}, or a damaged one: {str(error)[:200]}") from None
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            raise ValueError(f'{self.path} is not a {FORMAT}: it does not say "format": "{FORMAT}"')
        if found.get("version") != VERSION:
            raise ValueError(f"{self.path} is version {shown(found.get('version'))}; this program reads {VERSION}")
        text = json.dumps({key: found[key] for key in found if key != "digest"})
        if {*found} != {*KEYS, "digest"} or found["digest"] != _digest(text):
            raise ValueError(f"{self.path} is a damaged {FORMAT}: what is in it is not what was written")
        return found

    def write(self, state: TrainingState, begun: int, history: History, best: Best, *, now: bool = False) -> None:
        """Write the file, unless that was done a moment ago.

        Args:
            state, history, best: what is to be read again.
            begun: the epoch in which the training began.
            now: whether to write it in any case.

        Raises:
            OSError: it cannot be written; an older one is unharmed.
        """
        began = time.monotonic()
        if began < self._next and not now:
            return
        content = {
            "format": FORMAT,
            "version": VERSION,
            "trained": self.trained,
            "begun": begun,
            "state": state.as_dict(),
            "history": dict(history),
            "layers": history.layers,
            "recording": history.recording.as_list() if history.recording else [],
            "stopped": history.stopped,
            "best": [best.number, best.epoch, best.state and best.state.as_dict()],
        }
        text = json.dumps(content, default=repr)
        write_atomically(self.path, json.dumps(content | {"digest": _digest(text)}, default=repr).encode())
        self._next = time.monotonic() + max(EVERY, 10 * (time.monotonic() - began) * (EVERY > 0))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def fingerprint(*data: Any) -> str:
    """A few characters that differ where any number differs."""
    return hashlib.sha256(repr(data).encode()).hexdigest()[:16]


def checkpoint_at(path: Any, resume: Any) -> Checkpoint | None:
    """The checkpoint at a path; None where there is none.

    Raises:
        TypeError, ValueError: it is no path; or training is to go on from a checkpoint, but there is none.
    """
    check_flag("resume", resume)
    if path is None and resume:
        raise ValueError("resume=True goes on from a checkpoint: say where it is, with checkpoint=")
    return None if path is None else Checkpoint(path)


def trained(objective: Objective, optimizer: Optimizer, schedule: Any, data: Data, held_out: Any) -> dict[str, Any]:
    """What is trained, but for the numbers that change, by what to call each part of that in a message."""
    model = objective.model
    settings = {
        name: number
        for name, number in vars(optimizer).items()
        if isinstance(number, int | float) and name not in ("count", "learning_rate")
    }
    return {
        "the model": _described(model),
        "what the model has": [*model.state_dict()] if callable(getattr(model, "state_dict", None)) else [],
        "the data": hashlib.sha256(repr((data.rows, data.labels, held_out)).encode()).hexdigest(),
        "loss": objective.loss.name,
        "classes": objective.classes and [*objective.classes],
        "l1": objective.l1,
        "l2": objective.l2,
        "batch_size": data.batch_size,
        "the optimizer": type(optimizer).__name__,
        "what the optimizer is set to": settings,
        "learning_rate": optimizer.learning_rate if schedule is None else _described(schedule),
    }


def _described(thing: Any) -> str:
    """How it shows itself, or its kind if that would be another in every process."""
    text = repr(thing)
    return type(thing).__name__ if " at 0x" in text else text
