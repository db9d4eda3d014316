"""What was compiled lately is kept: the same function, compiled again, is the same program.

Functions are the same if they do the same, number by number: the key is what was recorded of them, and no Value is in
it, so no model is kept alive, and whatever changes in a model changes the key.
"""

import hashlib
import marshal
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any

from engine.compiler.tape.tape import Tape

__all__ = ["forget", "kept", "key_of"]

MOST = 32  # programs, those that were wanted last

_programs: OrderedDict[Hashable, Any] = OrderedDict()
_lock = Lock()


def key_of(tape: Tape, *more: Hashable) -> Hashable:
    """What two functions have in common if and only if they do the same; in a few bytes, as tapes are long.

    Args:
        tape: what a function does.
        *more: what else its program depends on.
    """
    ops = {op: i for i, op in enumerate(dict.fromkeys(tape.ops))}  # there is only one of each
    entries = [ops[op] for op in tape.ops], tape.args, tape.outputs, repr(tape.leaves)  # repr: 0.0 == -0.0
    return tuple(ops), hashlib.sha256(marshal.dumps(entries, 2)).digest(), more


def kept(key: Hashable, make: Callable[[], Any]) -> Any:
    """The program of that key, made if there is none. Two threads that want it at the same time may both make it."""
    with _lock:
        if key in _programs:
            _programs.move_to_end(key)
            return _programs[key]
    made = make()
    with _lock:
        _programs[key] = made
        while len(_programs) > MOST:
            _programs.popitem(last=False)
    return made


def forget() -> None:
    """Keep none of them any longer."""
    with _lock:
        _programs.clear()
