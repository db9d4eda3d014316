"""What ``python -m course`` does: the table of rows, checks, handouts, pictures."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from course.check import check
from course.handout import hand_out
from course.notebook import NOTEBOOKS
from course.pictures import export_pictures
from course.rows import table, with_table

__all__ = ["main"]

MAP = NOTEBOOKS / "README.md"
OUT = Path("out", "course")


def main(arguments: Sequence[str]) -> int:
    """Run the command; the exit code: 1 where an answer does not hold, 2 where something cannot be done."""
    parser = argparse.ArgumentParser("python -m course", description="The teacher's tools for the notebooks.")
    commands = parser.add_subparsers(dest="command", required=True)
    checking = commands.add_parser("check", help="run students' notebooks and compare their answers with the solutions")
    checking.add_argument("notebooks", nargs="+", type=Path, metavar="NOTEBOOK", help="in which somebody has worked")
    for name, words in (
        ("handout", "write the notebooks without the solutions"),
        ("pictures", "run the notebooks; write their pictures, and a page of slides for each"),
    ):
        command = commands.add_parser(name, help=words)
        command.add_argument("notebooks", nargs="*", metavar="NUMBER", help="such as 01; all, if none is given")
        command.add_argument("--folder", type=Path, default=OUT, help="where to write (%(default)s)")
    tables = commands.add_parser("table", help="say in which cell each row of the course is shown")
    tables.add_argument("--write", action="store_true", help="put it into notebooks/README.md")
    given = parser.parse_args(arguments)
    try:
        return globals()[f"_{given.command}"](given)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2


def _check(given: argparse.Namespace) -> int:
    is_right = True
    for path in given.notebooks:
        report = check(path)
        print(report, flush=True)
        is_right &= report.is_right
    return 0 if is_right else 1


def _handout(given: argparse.Namespace) -> int:
    for path in _chosen(given.notebooks):
        print(hand_out(path, given.folder / "handout"))
    return 0


def _pictures(given: argparse.Namespace) -> int:
    for path in _chosen(given.notebooks):
        for written in export_pictures(path, given.folder / path.stem):
            print(written, flush=True)
    return 0


def _table(given: argparse.Namespace) -> int:
    if given.write:
        MAP.write_text(with_table(MAP.read_text(encoding="utf-8"), table()), encoding="utf-8")
    else:
        print(table())
    return 0


def _chosen(numbers: Sequence[str]) -> list[Path]:
    """The notebooks that begin with one of the numbers; all of them for none."""
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    for number in numbers:
        if not any(path.name.startswith(number) for path in paths):
            raise ValueError(f"there is no notebook {number!r}: there are {', '.join(path.stem for path in paths)}")
    return [path for path in paths if not numbers or path.name.startswith(tuple(numbers))]
