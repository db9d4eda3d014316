"""What the course must show, and the table that says in which cell of which notebook it does.

A code cell with the tag ``row-5`` shows what row 5 asks for.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.notebook import NOTEBOOKS, headings, read

__all__ = ["ROWS", "Place", "places", "rows_of", "table", "with_table"]

ROWS = {
    1: "A generalised linear model is a neuron: the inverse of its link is the activation",
    2: "A layer is `s(Wx + b)`, and a network such layers in a row: the neurons and the matrices agree",
    3: "A network chooses its own basis functions: the hidden features before and after training",
    4: "The step of gradient descent, by hand and by an optimizer",
    5: "Numerical gradients: what they cost, truncation and round-off",
    6: "Forward mode with dual numbers, and what it costs beside reverse mode",
    7: "Reverse mode: the computation graph, topological order, the backward sweep",
    8: "Activations with their derivatives: saturation, the threshold that cannot learn, dying relus, learned slopes",
    9: "Logistic regression is a network without a hidden layer; cross-entropy is minus the log-likelihood",
    10: "Backpropagation as a recursion in matrices, equal to the scalar graph's, and found by `compile`",
    11: "Layers without a bend between them collapse into one",
    12: "Universal approximation: a wider hidden layer fits a curve ever better",
    13: "How weights start: zeros, constants and the symmetry that stays, normal, Xavier, He",
    14: "Vanishing and exploding, layer by layer, and what cures them",
    15: "Normalisation: of the data, of a batch, of a layer",
    16: "Residual connections train the deep net that fails without them",
    17: "L1 and L2 regularisation: the paths of the weights",
    18: "Losses: squared error, cross-entropies, hinge; large logits do them no harm",
    19: "Optimizers and learning rate schedules, step by step",
    20: "The training workflow: shuffling, mini-batches, validation, early stopping",
    21: "Capacity and overfitting: training and validation as width grows",
    22: "Is the word in the middle of a window a place? Embedding, window, hidden layer, sigmoid",
    23: "Jacobians and the vector chain rule, by hand and by machine",
}

TAG = re.compile(r"row-(\d+)")
BEGIN, END = "<!-- the table of rows: python -m course table -->", "<!-- end of the table -->"


@dataclass(frozen=True)
class Place:
    """A cell that shows what a row asks for.

    Attributes:
        notebook: the name of its file.
        cell: its id.
        heading: the heading under which it stands.
    """

    notebook: str
    cell: str
    heading: str


def rows_of(cell: Any) -> list[int]:
    """The rows that a code cell shows, by its tags."""
    tags = cell.metadata.get("tags", []) if cell.cell_type == "code" else []
    return [int(match[1]) for match in map(TAG.fullmatch, tags) if match]


def places(folder: Path = NOTEBOOKS) -> dict[int, list[Place]]:
    """Where each row is shown, in the notebooks of a folder; a list that is empty where it is not."""
    found: dict[int, list[Place]] = {row: [] for row in ROWS}
    for path in sorted(folder.glob("*.ipynb")):
        notebook = read(path)
        for cell, heading in zip(notebook.cells, headings(notebook), strict=True):
            for row in rows_of(cell):
                if row not in ROWS:
                    raise ValueError(f"{path.name} has a cell with the tag row-{row}, but rows are 1 to {len(ROWS)}")
                found[row].append(Place(path.name, cell.id, heading))
    return found


def table(folder: Path = NOTEBOOKS) -> str:
    """The table from rows to cells, in Markdown."""
    lines = ["| row | what is shown | where: notebook, section (cell) |", "|---|---|---|"]
    for row, found in places(folder).items():
        where = "; ".join(f"[{p.notebook[:2]}]({p.notebook}) {p.heading} ({p.cell})" for p in found)
        lines.append(f"| {row} | {ROWS[row]} | {where} |")
    return "\n".join(lines)


def with_table(page: str, new: str) -> str:
    """A Markdown page with a new table in the place of the one in it.

    Raises:
        ValueError: it has no place for one.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page needs the lines {BEGIN!r} and {END!r}, between which the table stands")
    return f"{before}{BEGIN}\n{new}\n{END}{after}"
