"""The commands ``python -m demos DATA.csv --target COLUMN`` and ``python -m demos predict MODEL.json DATA.csv``."""

import argparse
from pathlib import Path
from typing import Any, NoReturn

from demos.tables.data import prepare
from demos.tables.model import TableModel
from demos.tables.options import Options
from demos.tables.prediction import write_predictions
from demos.tables.preparation import MISSING_ACTIONS
from demos.tables.reading import TableError, read_table
from demos.tables.report import finding, write_report
from demos.tables.study import study
from demos.tables.words import columns_in_words, scores_in_words

__all__ = ["predict", "train"]

WIDEST, DEEPEST, LONGEST = 1000, 10, 100_000


class Arguments(argparse.ArgumentParser):
    """A parser that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Raise TableError with the message."""
        raise TableError(f"{message} (python -m demos --help says more)")


def train(arguments: list[str]) -> None:
    """Learn to predict a column of a CSV; write model.json and report.html to out/NAME/.

    Raises:
        TableError: something is wrong with the arguments or the table.
        OSError: nothing can be written there.
        FloatingPointError: the training went wrong.
    """
    path, target, options = _read_arguments(arguments)
    table = read_table(path)
    data = prepare(table, target, options)
    print(f"{path}: {table}")
    for line in columns_in_words(data, options.skip):
        print(f"  {line}")
    print(*data.notes, f"{data.labels.why}.", sep="\n")
    folder = Path("out", table.name)
    folder.mkdir(parents=True, exist_ok=True)
    found = study(data, options)
    found.model.save(folder / "model.json")
    write_report(found, options, folder / "report.html")
    print(*scores_in_words(found.scores), finding(found), sep="\n")
    print(f"wrote model.json and report.html to {folder}/")


def predict(arguments: list[str]) -> None:
    """Predict the rows of a CSV by a model that was trained; write them as a CSV.

    Raises:
        TableError: something is wrong with the arguments, the model, or the table.
        OSError: nothing can be written there.
    """
    parser = Arguments("python -m demos predict", description="predict the rows of a CSV")
    parser.add_argument("model", type=Path, metavar="MODEL.json", help="what was trained, as in out/NAME/model.json")
    parser.add_argument("data", type=Path, metavar="DATA.csv", help="a table with the same columns")
    parser.add_argument("--missing", choices=MISSING_ACTIONS, help="what to do about missing cells; as in the training")
    parser.add_argument("--output", type=Path, help="where to write; DATA-predictions.csv beside the model")
    given = parser.parse_args(arguments)
    model = TableModel.load(given.model)
    table = read_table(given.data)
    output = given.output or given.model.parent / f"{table.name}-predictions.csv"
    for line in write_predictions(model, table, given.missing or model.preparation.missing, output):
        print(line)


def _read_arguments(arguments: list[str]) -> tuple[Path, str, Options]:
    parser = Arguments("python -m demos", description="train a network on a table of your own")
    parser.add_argument("data", type=Path, metavar="DATA.csv", help="a CSV whose first line names its columns")
    parser.add_argument("--target", required=True, metavar="COLUMN", help="the column to predict")
    parser.add_argument("--hidden", type=_widths, default=Options.hidden, metavar="16,16",
                        help="the widths of the hidden layers, or none")  # fmt: skip
    parser.add_argument("--epochs", type=_epochs, metavar="N", help="how often to go through the rows")
    parser.add_argument("--task", choices=("classification", "regression"), help="if not what the target suggests")
    parser.add_argument("--missing", choices=MISSING_ACTIONS, default=Options.missing,
                        help="leave rows with missing cells out, or put in what is typical")  # fmt: skip
    parser.add_argument("--skip", action="append", default=[], metavar="COLUMN", help="a column not to learn from")
    parser.add_argument("--seed", type=int, default=Options.seed, metavar="N", help="of all that is random")
    given: dict[str, Any] = vars(parser.parse_args(arguments))
    given["skip"] = tuple(given["skip"])
    if not 0 <= given["seed"] < 2**32:
        parser.error("--seed must be a whole number, 0 or more")
    return given.pop("data"), given.pop("target"), Options(**given)


def _widths(text: str) -> tuple[int, ...]:
    if text in ("none", "0"):
        return ()
    widths = text.split(",")
    if len(widths) > DEEPEST or not all(width.isdecimal() and 1 <= int(width[:9]) <= WIDEST for width in widths):
        raise argparse.ArgumentTypeError(
            f"must be up to {DEEPEST} whole numbers from 1 to {WIDEST}, such as 16,16, or none, but was {text!r}"
        )
    return tuple(map(int, widths))


def _epochs(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text[:9]) <= LONGEST):
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {LONGEST:,}, but was {text!r}")
    return int(text)
