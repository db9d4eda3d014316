"""The command ``python -m benchmarks [--quick] [--output FOLDER] [WORKLOAD ...]``."""

import argparse
import sys
from pathlib import Path

from benchmarks.machine import use_one_core
from benchmarks.race import race
from benchmarks.report import as_table, write_report
from benchmarks.workloads import WORKLOADS

RESULTS = Path(__file__).parent / "results"


def main(arguments: list[str]) -> int:
    """Race, and say how it went.

    Args:
        arguments: as on the command line.

    Returns:
        The exit code: 0 if every answer was right, 1 if one was wrong or a contestant failed.
    """
    parser = argparse.ArgumentParser("make bench ARGS=...", description="Race chalkgrad against its peers.")
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=f"one of {', '.join(WORKLOADS)}; all if none")
    parser.add_argument("--quick", action="store_true", help="a few short rounds")
    parser.add_argument(
        "--output", type=Path, metavar="FOLDER",
        help="where to write latest.md, summary.md, latest.json and race.svg: for a run of everything "
        f"{RESULTS.relative_to(RESULTS.parent.parent)}/, for a part or a quick one nowhere",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    if unknown := set(options.workloads) - set(WORKLOADS):
        parser.error(f"there is no workload {min(unknown)!r}: choose from {', '.join(WORKLOADS)}")

    use_one_core()
    outcomes = []
    for name in options.workloads or WORKLOADS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        outcomes.append(race(WORKLOADS[name], rounds=3, turn_seconds=0.1) if options.quick else race(WORKLOADS[name]))
    print(as_table(outcomes))
    folder = options.output or (None if options.workloads or options.quick else RESULTS)
    if folder:
        written = write_report(outcomes, folder)
        print(f"wrote {', '.join(path.name for path in written)} to {folder}/")

    problems = [(outcome, row) for outcome in outcomes for row in outcome.rows if row.problem]
    for outcome, row in problems:
        print(f"\n{outcome.workload.name}, {row.contestant}: {row.problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
