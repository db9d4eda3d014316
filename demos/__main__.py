"""The command ``python -m demos [name]``."""

import sys
from collections.abc import Callable
from pathlib import Path

from demos import iris, moons

DEMOS: dict[str, Callable[[Path], None]] = {"moons": moons.run, "iris": iris.run}


def main(arguments: list[str]) -> int:
    """Run one demo, or list them.

    Args:
        arguments: at most one, the name of a demo.

    Returns:
        The exit code: 0 if all went well, 1 if nothing could be written, 2 if there is no such demo.
    """
    if not arguments or arguments[0] in ("-h", "--help"):
        print("python -m demos NAME runs one of these and writes what it makes to out/NAME/")
        for name, run in DEMOS.items():
            print(f"  {name:6} {(sys.modules[run.__module__].__doc__ or '').splitlines()[0]}")
        return 0
    if len(arguments) > 1 or arguments[0] not in DEMOS:
        print(f"there is no demo {' '.join(arguments)!r}: choose one of {', '.join(DEMOS)}", file=sys.stderr)
        return 2
    folder = Path("out", arguments[0])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        DEMOS[arguments[0]](folder)
    except (OSError, RuntimeError) as error:  # a place that cannot be written, or nothing installed that draws
        print(f"{arguments[0]} could not finish: {error}", file=sys.stderr)
        return 1
    print(f"wrote boundary.png, history.png, model.json and neuron.svg to {folder}/")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
