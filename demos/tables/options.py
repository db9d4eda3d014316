"""What the user may decide about the study of a table."""

from dataclasses import dataclass

from demos.tables.preparation import Task

__all__ = ["Options"]


@dataclass(frozen=True)
class Options:
    """What the user may decide.

    Attributes:
        hidden: the widths of the hidden layers; none for a model that is linear.
        epochs: how often to go through the rows; None for some thousand steps in all.
        task: "classification" or "regression"; None to go by the target.
        missing: "refuse", "drop" the rows where a cell is missing, or "impute" what is typical of its column.
        skip: columns that are not to be learnt from.
        seed: of the split, the first weights and the shuffling.
    """

    hidden: tuple[int, ...] = (16, 16)
    epochs: int | None = None
    task: Task | None = None
    missing: str = "refuse"
    skip: tuple[str, ...] = ()
    seed: int = 0
