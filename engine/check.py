"""Derivatives by finite differences, to check those that were computed by rule."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, isfinite, nan
from typing import Any

from engine.arguments import check_function
from engine.differentiation import check_argnums, check_argument, indices_of
from engine.transforms import grad
from engine.trees import describe, filled, is_number, names_in, numbers_in
from engine.vector import Vector

__all__ = ["GradientCheck", "GradientReport", "check_gradients", "numerical_gradient"]

# The cube root of the distance between 1 and the next float: where the error of a central difference,
# truncation growing with h**2 and round-off with 1/h, is least.
STEP = 2.0**-17


def numerical_gradient(f: Callable[..., Any], argnums: int = 0, step: float = STEP) -> Callable[..., Any]:
    """The gradient of a function by central differences: (f(x + h) - f(x - h)) / 2h for each number.

    It costs two evaluations for each number, is right to about 10 digits at best, and knows nothing of
    the rules that it checks.

    Args:
        f: gives one number.
        argnums: which argument to differentiate with respect to.
        step: h as a share of each number, or h itself for numbers below 1.

    Returns:
        A function of the same arguments. It gives what the argument is, a number, or a list, tuple, dict or array of
        numbers.

    Raises:
        TypeError: `f` gives something other than one number, or the argument is no number.
        ValueError: there is no argument of that index, or the step is not above 0, or too small for a number.

    Source:
        Nocedal and Wright, "Numerical Optimization" (2006), section 8.1.

    Example:
        >>> round(numerical_gradient(lambda x: x**3)(2.0), 6)
        12.0
    """
    check_function("numerical_gradient", f, "numerical_gradient(f)(x)")
    if check_argnums(argnums):
        raise ValueError(f"numerical_gradient is with respect to one argument, but argnums was {argnums!r}")
    if not is_number(step) or not step > 0:
        raise ValueError(f"step must be above 0, but was {step!r}")

    def gradient(*args: Any, **kwargs: Any) -> Any:
        (at,) = indices_of(argnums, args)
        check_argument(at, args[at])
        numbers = [float(x) for x in numbers_in(args[at])]

        def value_at(place: int, shift: float) -> tuple[float, float]:
            moved = numbers.copy()
            moved[place] += shift
            output = f(*args[:at], filled(args[at], moved, Vector), *args[at + 1 :], **kwargs)
            if not is_number(output):
                raise TypeError(f"a gradient needs a function that gives one number, but it gave {describe(output)}")
            return moved[place], float(output)

        def slope(place: int, h: float) -> float:
            (above, y_above), (below, y_below) = value_at(place, h), value_at(place, -h)
            if above == below:
                raise ValueError(f"a step of {h:g} is too small to change {above:g} at all")
            return (y_above - y_below) / (above - below)  # the step that was really taken, not the one asked for

        return filled(args[at], [slope(place, h) for place, h in enumerate(_steps(numbers, step))])

    return gradient


def _steps(numbers: list[float], step: float) -> list[float]:
    return [step * max(1.0, abs(x)) for x in numbers]


@dataclass(frozen=True)
class GradientCheck:
    """One derivative, computed both ways.

    Attributes:
        name: which number it is with respect to, such as "x[2]".
        analytic: by rule.
        numeric: by central difference.
        relative_error: of their difference, to the larger of them or to `scale`.
        step: the h of the difference.
    """

    name: str
    analytic: float
    numeric: float
    relative_error: float
    step: float


@dataclass(frozen=True)
class GradientReport:
    """The result of `check_gradients`: a table when printed.

    Attributes:
        checks: one for each number.
        tolerance: the largest relative error that is still right.
    """

    checks: list[GradientCheck]
    tolerance: float

    @property
    def worst(self) -> GradientCheck:
        """The check with the largest error."""
        return max(self.checks, key=lambda check: _badness(check.relative_error))

    @property
    def ok(self) -> bool:
        """Whether all derivatives are right."""
        return self.worst.relative_error <= self.tolerance

    def __str__(self) -> str:
        rows = [("", "analytic", "numeric", "relative error", "step")]
        rows += [(c.name, f"{c.analytic:.10g}", f"{c.numeric:.10g}", f"{c.relative_error:.1e}", f"{c.step:.1e}")
                 for c in self.checks]  # fmt: skip
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join("  ".join(map(str.rjust, row, widths)) for row in rows)


def check_gradients(
    f: Callable[..., Any],
    *args: Any,
    tolerance: float = 1e-6,
    step: float = STEP,
    scale: float | None = None,
    argnums: int | Sequence[int] | None = None,
) -> GradientReport:
    """Compare derivatives by rule with those by finite differences, for every number in a function's arguments.

    Args:
        f: gives one number.
        *args: where to compare, away from corners: each argument a number, or a list, tuple, dict or array of numbers.
            What has no numbers, such as text or True, goes to `f` as it is.
        tolerance: the largest relative error that is still right. Central differences have about 1e-10.
        step: h as a share of each number, or h itself for numbers below 1.
        scale: derivatives much smaller than this count as 0; None for 1e-3 of the largest one.
        argnums: which argument to differentiate with respect to, or a list or tuple of several; None for all that
            have numbers.

    Returns:
        GradientReport: print it for a table.

    Raises:
        AssertionError: a derivative is wrong; the message names the worst and shows the table.
        TypeError: `f` gives something other than one number.
        ValueError: there are no arguments, or the function is not finite there.

    Example:
        >>> report = check_gradients(lambda x, y: x[0] * x[1] + y**3, [2.0, 3.0], 1.0)
        >>> report.ok, [check.name for check in report.checks]
        (True, ['x0[0]', 'x0[1]', 'x1'])
    """
    check_function("check_gradients", f, "check_gradients(f, x)")
    if not args:
        raise ValueError("check_gradients needs a point to compare at: check_gradients(f, x)")
    if argnums is None:
        with_numbers = [i for i, arg in enumerate(args) if any(map(is_number, numbers_in(arg)))]
        indices = with_numbers or list(range(len(args)))
    else:
        check_argnums(argnums)
        indices = indices_of(argnums, args)
    names: list[str] = []
    analytic: list[float] = []
    numeric: list[float] = []
    steps: list[float] = []
    for i in indices:
        analytic += map(float, numbers_in(grad(f, i)(*args)))
        numeric += numbers_in(numerical_gradient(f, i, step)(*args))
        names += names_in(args[i], f"x{i}" if len(args) > 1 else "x")
        steps += _steps([float(x) for x in numbers_in(args[i])], step)
    if not names:
        raise ValueError("check_gradients needs a point to compare at, with one number or more: check_gradients(f, x)")
    for name, difference in zip(names, numeric, strict=True):
        if not isfinite(difference):
            raise ValueError(
                f"the function is not finite near this point, so there is nothing to compare with: its difference "
                f"quotient with respect to {name} is {difference}"
            )
    largest = max((abs(x) for x in [*analytic, *numeric] if isfinite(x)), default=0.0)
    floor = 1e-3 * largest if scale is None else scale
    checks = [
        GradientCheck(name, a, n, _relative_error(a, n, floor), h)
        for name, a, n, h in zip(names, analytic, numeric, steps, strict=True)
    ]
    report = GradientReport(checks, tolerance)
    if not report.ok:
        worst = report.worst
        raise AssertionError(
            f"the derivative with respect to {worst.name} is {worst.analytic:.10g} by rule, but {worst.numeric:.10g} "
            f"by finite differences: a relative error of {worst.relative_error:.1e}\n{report}"
        )
    return report


def _relative_error(a: float, b: float, floor: float) -> float:
    if a == b:
        return 0.0
    return nan if a != a or b != b else abs(a - b) / max(abs(a), abs(b), floor)


def _badness(error: float) -> float:
    return inf if error != error else error
