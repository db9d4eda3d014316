"""The levels: from the derivative of one operation to a net of two layers with its loss.

Each draws a small graph whose numbers can be done in the head, and says of which nodes the gradient is asked.
"""

from collections.abc import Callable
from math import atanh, log
from random import Random
from typing import NamedTuple

from engine import Value, absolute, dot, maximum, relu, sigmoid, tanh
from nn import Parameter

__all__ = ["LEVELS", "Level"]


class Level(NamedTuple):
    """A kind of graph.

    Attributes:
        title: what it is about.
        draw: two sources of random numbers, for the form of a graph and for the numbers in it -> its output, and the
            names of the nodes whose gradients are asked.
        asked: which number of each step back to these: "after", the gradient itself, or "local".
    """

    title: str
    draw: Callable[[Random, Random], tuple[Value, str]]
    asked: str = "after"


def _number(random: Random, most: int = 5) -> float:
    """A whole number, not 0."""
    return float(random.choice([x for x in range(-most, most + 1) if x]))


def _leaves(random: Random, names: str) -> list[Value]:
    return [Value(_number(random), label=name) for name in names.split()]


def _named(name: str, value: Value) -> Value:
    value.label = name
    return value


def _weights(random: Random, names: str) -> list[Value]:
    return [Parameter(_number(random, 3), label=name) for name in names.split()]


def _one_operation(form: Random, random: Random) -> tuple[Value, str]:
    a, b = _leaves(random, "a b")
    z = form.choice([a + b, a - b, a * b, a / b, a**2, a**3])
    return _named("z", z), "a b"


def _upstream(form: Random, random: Random) -> tuple[Value, str]:
    a, b, c = _leaves(random, "a b c")
    z = form.choice([a + b, a - b, a * b, a / b, a**2])
    _named("z", z)
    return _named("L", form.choice([z * c, c * z, z**2, z / c])), "a b"


def _chain(form: Random, random: Random) -> tuple[Value, str]:
    a, b, c, d = _leaves(random, "a b c d")
    x = _named("x", form.choice([a * b, a - b, a**2, -a]))
    y = _named("y", form.choice([x + c, x * c, c - x]))
    return _named("L", form.choice([y * d, y**2, y / d])), "y x a b"


def _reused(form: Random, random: Random) -> tuple[Value, str]:
    a, b, c = _leaves(random, "a b c")

    def two_products() -> Value:
        return _named("y", _named("x", a * b) + c) * a

    def square_and_more() -> Value:
        return _named("x", a**2) * _named("y", a + b)

    def difference_times_part() -> Value:
        return _named("x", a - b) * a

    def twice_twice() -> Value:
        x = _named("x", a + a)
        return x * x

    def beside_itself() -> Value:
        x = _named("x", a * b)
        return x * _named("y", x + c)

    forms = [two_products, square_and_more, difference_times_part, twice_twice, beside_itself]
    return _named("L", form.choice(forms)()), "x a"


def _gates(form: Random, random: Random) -> tuple[Value, str]:
    a, b, c, d = _leaves(random, "a b c d")
    x = _named("x", form.choice([a * b, a - b]))
    y = _named("y", form.choice([relu(x), maximum(x, c), absolute(x)]))
    return _named("L", y * d), "y x a b c"


def _neuron(form: Random, random: Random) -> tuple[Value, str]:
    w, (b,) = _weights(random, "w1 w2"), _weights(random, "b")
    x, (k,) = _leaves(random, "x1 x2"), _leaves(random, "k")
    y = _named("y", relu(_named("z", dot(w, x, b))))
    return _named("L", form.choice([y * k, y**2])), "y z w1 w2 b"


def _sigmoids(form: Random, random: Random) -> tuple[Value, str]:
    k, w = _leaves(random, "k w")
    curve = form.choice([tanh, sigmoid])
    y = random.choice(range(1, 10)) / 10
    if curve is tanh:
        y *= random.choice([-1, 1])
    x = Value((atanh(y) if curve is tanh else log(y / (1 - y))) / w.data, label="x")
    a = _named("a", curve(_named("z", w * x)))
    loss = form.choice([a * k, _named("e", a - float(round(y))) ** 2])
    return _named("L", loss), "a z x"


def _loss(form: Random, random: Random) -> tuple[Value, str]:
    w, (b,) = _weights(random, "w1 w2"), _weights(random, "b")
    x, (t,) = _leaves(random, "x1 x2"), _leaves(random, "t")
    y = _named("y", dot(w, x, b))
    return _named("L", _named("e", y - t) ** 2), "e y w1 w2 b"


def _two_layers(form: Random, random: Random) -> tuple[Value, str]:
    x, (t,) = _leaves(random, "x1 x2"), _leaves(random, "t")
    first, second = _weights(random, "w11 w12"), _weights(random, "w21 w22")
    h1 = _named("h1", relu(_named("z1", dot(first, x))))
    h2 = _named("h2", relu(_named("z2", dot(second, x))))
    y = _named("y", dot(_weights(random, "u1 u2"), [h1, h2]))
    asked = form.choice(["w11 x1", "w22 x2", "w12 x1"])
    return _named("L", _named("e", y - t) ** 2), f"y u1 u2 h1 h2 z1 z2 {asked}"


LEVELS = (
    Level("local derivatives", _one_operation, "local"),
    Level("upstream times local", _upstream),
    Level("chains", _chain),
    Level("reused nodes", _reused),
    Level("gates: relu, max, abs", _gates),
    Level("a neuron", _neuron),
    Level("tanh and sigmoid", _sigmoids),
    Level("a neuron and its loss", _loss),
    Level("two layers and a loss", _two_layers),
)
