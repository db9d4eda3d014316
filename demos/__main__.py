"""The command ``python -m demos [name]``, and that for a table of your own."""

import difflib
import sys
from collections.abc import Callable
from pathlib import Path

from demos import circles, curve, digits, iris, locations, moons, scale, spirals, wine, xor

DEMOS: dict[str, Callable[..., None]] = {
    module.__name__.rpartition(".")[2]: module.run
    for module in (moons, circles, spirals, xor, iris, wine, digits, locations, curve, scale)
}

HELP = """
python -m demos locations --sentence "We sailed to Lisbon."
  marks the places in a sentence of your own
python -m demos DATA.csv --target COLUMN
  learns to predict a column of your own table, and writes a report and the model to out/DATA/
  --hidden 16,16  the widths of the hidden layers, or none    --epochs N  how often to go through the rows
  --task classification|regression  if not what the target suggests
  --missing drop|impute  leave rows with missing cells out, or put in what is typical of the column
  --skip COLUMN  a column not to learn from                   --seed N  of all that is random
python -m demos predict MODEL.json DATA.csv
  predicts the rows of another table by such a model          --output PATH  where to write
"""


def main(arguments: list[str]) -> int:
    """Run one demo, or list them; or study a table.

    Args:
        arguments: none, the name of a demo, a CSV with its options, or "predict" with its arguments.

    Returns:
        The exit code: 0 if all went well, 1 if nothing could be written or a training went wrong, 2 if there is
        something wrong with what was asked for or with a table.
    """
    if not arguments or arguments[0] in ("-h", "--help"):
        print("python -m demos NAME\n  runs one of these, and writes what it makes to out/NAME/")
        for name, run in DEMOS.items():
            print(f"  {name:10} {(sys.modules[run.__module__].__doc__ or '').splitlines()[0]}")
        print(HELP.rstrip())
        return 0
    name = arguments[0]
    try:
        if name in DEMOS and len(arguments) == 1:
            return _run_demo(name)
        if name == "locations" and len(arguments) == 3 and arguments[1] == "--sentence":
            return _run_demo(name, sentence=arguments[2])
        if name == "predict" or len(arguments) > 1 or Path(name).suffix:
            return _run_table(arguments)
    except (OSError, RuntimeError, FloatingPointError) as error:  # nothing installed that draws; a loss of nan
        print(f"{name} could not finish: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    near = "".join(f"did you mean {other}? " for other in difflib.get_close_matches(name, DEMOS, n=1))
    print(f"there is no demo {name!r}: {near}There are {', '.join(DEMOS)}, and your own DATA.csv", file=sys.stderr)
    return 2


def _run_demo(name: str, **options: str) -> int:
    folder = Path("out", name)
    folder.mkdir(parents=True, exist_ok=True)
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    DEMOS[name](folder, **options)
    wrote = sorted(path.name for path in folder.iterdir() if path.stat().st_mtime_ns != before.get(path))
    print(f"wrote {', '.join(wrote)} to {folder}/")
    return 0


def _run_table(arguments: list[str]) -> int:
    from demos.tables.command import predict, train  # pandas and scikit-learn take a second to import
    from demos.tables.reading import TableError

    try:
        if arguments[0] == "predict":
            predict(arguments[1:])
        else:
            train(arguments)
    except TableError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
