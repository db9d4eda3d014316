"""Update: what a step changes, as native loops, for Numba: all parameters by the rule of an optimizer, and the rest."""

from engine.compiler.backends.expression import Algebra, Expression, Line, expression, name, new_names, text_of, written
from engine.compiler.backends.trainer import Clip, Rule
from engine.op import Op

__all__ = ["write_rest", "write_update"]


def write_update(rule: Rule, clip: Clip | None, n_parameters: int, n_memories: int, gradient: int) -> str:
    """A rule as ``update(s, memory, rate, count)``: one step of all parameters, at the beginning of `s`.

    Args:
        rule, clip: run once, on symbols.
        n_parameters: how many parameters there are.
        n_memories: how many numbers the rule remembers of each: `memory` is (n_memories, n_parameters).
        gradient: from which row of `s` on it stands.
    """
    before: list[str] = []

    class Once(Expression):
        """A number that is the same for all parameters: what only depends on such is computed before the loop."""

        __slots__ = ()

    def apply(op: Op, *xs: object) -> Expression:
        value = Expression.apply(op, *xs)
        if any(isinstance(x, Expression) and not isinstance(x, Once) for x in xs):
            return value
        before.append(f"once{len(before)} = {text_of(value)}")
        return Once(f"once{len(before) - 1}")

    Once.apply = staticmethod(apply)
    memory = tuple(name(f"m{k}") for k in range(n_memories))
    slope = clip(Algebra(), name("g"), Once("norm")) if clip else name("g")
    parameter, memory = rule(Algebra(), name("p"), slope, memory, Once("rate"), Once("count"))
    after = [
        Line("s[i] = {}", parameter),
        *[Line(f"memory[{k}, i] = {{}}", expression(x)) for k, x in enumerate(memory)],
    ]
    norm = [  # as of NORM in the op table: no square is beyond the floats
        "    peak = squares = 0.0",
        f"    for i in range({n_parameters}):",
        f"        peak = max(peak, abs(s[{gradient} + i]))",
        "    scale = peak if 0.0 < peak < inf else 1.0",
        f"    for i in range({n_parameters}):",
        f"        squares += (s[{gradient} + i] / scale) ** 2",
        "    norm = scale * sqrt(squares)",
    ]
    lines = [
        "def update(s, memory, rate, count):",
        *(norm if clip else []),
        *(f"    {line}" for line in before),
        f"    for i in range({n_parameters}):",
        f"        p, g = s[i], s[{gradient} + i]",
        *(f"        m{k} = memory[{k}, i]" for k in range(n_memories)),
        *(f"        {line}" for line in written(after, new_names("v"))),
    ]
    return "".join(f"{line}\n" for line in lines)


def write_rest(n_parameters: int, n_statistics: int, tells_size: bool) -> str:
    """What stands behind the parameters in `s`: ``tell(s, size)`` and ``keep(s, outputs, sums, size)``.

    Args:
        n_parameters: how many parameters there are.
        n_statistics: how many of the last outputs take the place of what is there, after a step.
        tells_size: whether behind these the size of the batch is told, before it.
    """
    lines = ["def tell(s, size):", f"    s[{n_parameters + n_statistics}] = size"] if tells_size else []
    if n_statistics:
        lines += [
            "def keep(s, outputs, sums, size):",
            f"    first = len(outputs) - {n_statistics}",
            "    for k in range(first, len(outputs)):",  # all of them first: one may be what another was
            "        sums[k] = s[outputs[k, 1]] if outputs[k, 0] else sums[k] / size",
            f"    for k in range({n_statistics}):",
            f"        s[{n_parameters} + k] = sums[first + k]",
        ]
    return "".join(f"{line}\n" for line in lines)
