"""Summary: the parts of a model, what each gives, and how many numbers it learns."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from engine import Value
from engine.arguments import shown
from nn.module import Module

__all__ = ["Summary", "summary"]

HEADINGS = ("part", "", "outputs", "parameters", "not trained")


@dataclass(frozen=True)
class Summary:
    """A table of the parts of a model. It shows itself in Jupyter, and as text.

    Attributes:
        rows: of each part what it is called, how it is made, how many numbers it gives (None where that is not known),
            how many Parameters it has, which are trained, and how many Buffers, which are not.
        n_parameters, n_buffers: of all parts, each counted once.
    """

    rows: Sequence[tuple[str, str, int | None, int, int]]
    n_parameters: int
    n_buffers: int

    def __str__(self) -> str:
        cells = [HEADINGS, *self._cells()]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [
            "  ".join(cell.ljust(width) if i < 2 else cell.rjust(width) for i, (cell, width) in enumerate(row)).rstrip()
            for row in (zip(row, widths, strict=True) for row in cells)
        ]
        rule = "-" * max(map(len, lines))
        return "\n".join([lines[0], rule, *lines[1:], rule, self._total()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = [
            "".join(f'<td style="text-align: {"left" if i < 2 else "right"}">{escape(cell)}</td>'
                    for i, cell in enumerate(row)) for row in self._cells()
        ]  # fmt: skip
        head = "".join(f"<th>{heading}</th>" for heading in HEADINGS)
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        return f"<table><caption>{self._total()}</caption><tr>{head}</tr>{body}</table>"

    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (name, made, "?" if width is None else f"{width:,}", *(f"{n:,}" for n in numbers))
            for name, made, width, *numbers in self.rows
        ]

    def _total(self) -> str:
        return f"{self.n_parameters:,} parameters, and {self.n_buffers:,} numbers that are kept and not trained"


def summary(model: Module) -> Summary:
    """Print the table of the parts of a model; where Python shows what a line gives, as Jupyter does, it shows that.

    Args:
        model: any Module. Of one of your own, the Modules that it has are its parts.

    Returns:
        Summary: the table.

    Raises:
        TypeError: it is no Module.

    Example:
        >>> from nn import MLP
        >>> table = summary(MLP(2, [16, 16, 1]))
        part                             outputs  parameters  not trained
        -----------------------------------------------------------------
        layer 1  Layer(2, 16, 'relu')         16          48            0
        layer 2  Layer(16, 16, 'relu')        16         272            0
        layer 3  Layer(16, 1, 'linear')        1          17            0
        -----------------------------------------------------------------
        337 parameters, and 0 numbers that are kept and not trained
    """
    if not isinstance(model, Module):
        raise TypeError(f"a summary is of a Module, such as an MLP, but was asked of {shown(model)}")
    rows = [*_rows(model, model.n_inputs, 0, set())]
    table = Summary(rows, len(model.parameters()), len(model.buffers()))
    if not hasattr(sys, "ps1"):
        print(table)
    return table


def _rows(model: Module, n_inputs: int | None, depth: int, seen: set[Value]) -> Iterator[tuple[Any, ...]]:
    """The rows of a model, what is in a part of it indented."""
    inner = _inner(model)
    everything = [*model.parameters(), *model.buffers()]
    own = {part for _, part in model._parts() if not isinstance(part, Module)} if inner else {*everything}
    if depth or own or not inner:
        new = own - seen
        seen |= new
        n_parameters = sum(part.kind == "parameter" for part in new)
        made = type(model).__name__ if inner else shown(model)
        name = "  " * max(depth - 1, 0) + (model.place.title or type(model).__name__)
        yield name, made, model.n_outputs_for(n_inputs), n_parameters, len(new) - n_parameters
    for part in inner:
        yield from _rows(part, n_inputs if n_inputs is not None else part.n_inputs, depth + 1, seen)
        n_inputs = part.n_outputs_for(n_inputs if n_inputs is not None else part.n_inputs)


def _inner(model: Module) -> list[Module]:
    """The parts that a model is made of, in the order in which they compute."""
    parts = getattr(model, "parts", None)
    if isinstance(parts, list) and all(isinstance(part, Module) for part in parts):
        return [*parts]
    if type(model).n_outputs_for is not Module.n_outputs_for:  # a part whose inside is its own affair, as of a Layer
        return []
    return [part for _, part in model._parts() if isinstance(part, Module)]
