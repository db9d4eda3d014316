"""What a procedure means, as directly as it can be said: every nest by itself on arrays (rows, columns, examples)."""

from functools import reduce

import numpy as np

from engine import arrays
from engine.compiler.nests.nest import in_order


class Folding:
    """The algebra of arrays, in which a total goes along the columns."""

    def __getattr__(self, name):
        return getattr(arrays, name)

    @staticmethod
    def total(xs):
        return sum(x.sum(axis=1, keepdims=True) for x in xs)

    @staticmethod
    def largest(xs):
        return reduce(np.maximum, [x.max(axis=1, keepdims=True) for x in xs])

    @staticmethod
    def smallest(xs):
        return reduce(np.minimum, [x.min(axis=1, keepdims=True) for x in xs])


def interpret(procedure, *arguments):
    """The results of a procedure, given an array (rows, examples) or (rows, 1) for each argument."""
    memory = {family: np.asarray(x, dtype=float) for family, x in zip(procedure.arguments, arguments, strict=True)}
    memory[procedure.constants] = np.array(procedure.constants.numbers, dtype=float).reshape(-1, 1)
    examples = max(x.shape[1] for x in memory.values())
    for family in procedure.computed:
        home = family.home
        if home not in memory:
            memory[home] = np.zeros((home.rows, 1 if home.shared else examples))

    def rows(access):
        return access.family.home, access.family.start + np.array(access.index.rows)

    def read(access):
        home, places = rows(access)
        shape = {"rc": (access.n_rows, -1), "r": (-1, 1), "c": (1, -1), "": (1, 1)}[access.axes]
        return memory[home][places.reshape(shape)]

    with np.errstate(all="ignore"):
        for nest, turn in in_order(procedure.nests):
            nest = nest.part(turn, range(nest.n_columns))
            term = nest.op.value(Folding() if nest.folds else arrays, *map(read, nest.reads))
            columns = 1 if nest.reduces else nest.n_columns
            j = examples if nest.is_per_example else 1
            term = np.broadcast_to(term, (nest.n_rows, columns, j))
            for number, axis in enumerate("rcj"):
                if axis in nest.summed:
                    term = term.sum(axis=number, keepdims=True)
            home, places = rows(nest.target)
            term = np.broadcast_to(term, (*term.shape[:2], memory[home].shape[1]))
            if term.shape[0] * term.shape[1] != len(places):
                print("BAD", nest.op.name, nest.target, nest.reads, nest.summed)
            np.add.at(memory[home], places, term.reshape(len(places), -1))
    return [read(result)[:, 0] for result in procedure.results]
