"""Random programs of scalar operations, to be run in everybody's numbers."""

import math
from collections import deque
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, NamedTuple

__all__ = ["Instruction", "differentiate_by_hand", "evaluate", "inputs", "random_dag"]

N_INPUTS = 100


class Instruction(NamedTuple):
    """One operation: its name, and which of the numbers so far are its operands (tanh reads the first)."""

    operation: str
    first: int
    second: int


def inputs() -> list[float]:
    """What every random program starts from: numbers between -1 and 1."""
    random = Random(2)
    return [random.uniform(-1, 1) for _ in range(N_INPUTS)]


def random_dag(n_nodes: int) -> list[Instruction]:
    """So many adds, muls and tanhs in random order, of which the last one depends on all others.

    The first operand is the number that has waited longest to be used, the second any number that is
    between -1 and 1 whatever comes: so nothing is left over, and nothing overflows.

    Args:
        n_nodes: how many operations, at least as many as there are inputs.
    """
    random = Random(1)
    unused = deque(range(N_INPUTS))
    bounded = list(range(N_INPUTS))
    program = []
    for node in range(N_INPUTS, N_INPUTS + n_nodes):
        first = unused.popleft()
        if len(unused) == N_INPUTS + n_nodes - node:  # from here on what is left over is gathered
            program.append(Instruction("add", first, unused.popleft()))
        else:
            program.append(Instruction(random.choice(("add", "mul", "tanh")), first, random.choice(bounded)))
        if program[-1].operation == "tanh":
            bounded.append(node)
        unused.append(node)
    return program


def evaluate(program: Sequence[Instruction], start: Sequence[Any], tanh: Callable[[Any], Any]) -> Any:
    """Run a program on numbers of any kind; its last result."""
    numbers = list(start)
    for operation, first, second in program:
        if operation == "add":
            numbers.append(numbers[first] + numbers[second])
        elif operation == "mul":
            numbers.append(numbers[first] * numbers[second])
        else:
            numbers.append(tanh(numbers[first]))
    return numbers[-1]


def differentiate_by_hand(program: Sequence[Instruction], start: Sequence[float]) -> list[float]:
    """The value of a program and its gradient, by the chain rule on lists of floats: what there is to do at least."""
    numbers = list(start)
    for operation, first, second in program:
        if operation == "add":
            numbers.append(numbers[first] + numbers[second])
        elif operation == "mul":
            numbers.append(numbers[first] * numbers[second])
        else:
            numbers.append(math.tanh(numbers[first]))
    adjoints = [0.0] * len(numbers)
    adjoints[-1] = 1.0
    for node in range(len(numbers) - 1, len(start) - 1, -1):
        operation, first, second = program[node - len(start)]
        upstream = adjoints[node]
        if operation == "add":
            adjoints[first] += upstream
            adjoints[second] += upstream
        elif operation == "mul":
            adjoints[first] += upstream * numbers[second]
            adjoints[second] += upstream * numbers[first]
        else:
            adjoints[first] += upstream * (1.0 - numbers[node] ** 2)
    return [numbers[-1], *adjoints[: len(start)]]
