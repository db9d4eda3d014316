"""A contestant in a process of its own, where nobody else's imports and garbage slow it down."""

import multiprocessing
import traceback
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.measure import Unit
from benchmarks.workload import Contestant, MissingError

__all__ = ["Runner"]


class Runner:
    """Starts a contestant, which sends its answer first, and then a figure whenever it is its turn.

    Args:
        contestant: who runs.
        unit: what is measured.
        turn_seconds: how long a turn lasts at least.
    """

    def __init__(self, contestant: Contestant, unit: Unit, turn_seconds: float) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_run, args=(theirs, contestant, unit, turn_seconds), daemon=True)
        self._process.start()
        theirs.close()

    def turn(self) -> float:
        """One measurement; RuntimeError if it fails."""
        self._pipe.send("turn")
        return self.receive()

    def receive(self) -> Any:
        """What the process sends next; RuntimeError with its traceback if it fails, MissingError if it has to."""
        try:
            reply = self._pipe.recv()
        except EOFError:
            self._process.join()
            raise RuntimeError(f"failed: its process ended with exit code {self._process.exitcode}") from None
        if isinstance(reply, MissingError):
            raise reply
        if isinstance(reply, Failure):
            raise RuntimeError(f"failed: {reply}")
        return reply

    def stop(self) -> None:
        """End the process."""
        self._pipe.close()
        self._process.terminate()
        self._process.join()


class Failure(str):
    """A traceback, on its way from a contestant's process."""


def _run(pipe: Connection, contestant: Contestant, unit: Unit, turn_seconds: float) -> None:
    try:
        trial = contestant.prepare()
        pipe.send(trial.answer(trial.step()))
        pipe.recv()
        turn = unit.start(trial, turn_seconds)  # not before the first turn, for until then others prepare
        while True:
            pipe.send(turn())
            pipe.recv()
    except (EOFError, BrokenPipeError):
        pass  # nobody waits for it any more
    except MissingError as what:
        pipe.send(what)
    except Exception:
        pipe.send(Failure(traceback.format_exc()))
