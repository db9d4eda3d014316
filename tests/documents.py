"""Documents for the page's tests, and beside each what the engine says of it, which no page has computed."""

import json
import math
from collections import defaultdict
from typing import Any

from engine import Value, dot, exp, log, logsumexp, maximum, operation, relu, sigmoid, sqrt, stop_gradient, tanh, trace
from engine.ops import TABLE
from engine.order import topological_order
from nn import MLP
from viz.explorer.rules import rules_of

bent = operation(lambda m, x: m.sqrt(x * x + 1) + m.relu(x), name="bent_for_documents")
floaty = operation(lambda m, x: math.gamma(x), lambda m, z, x: z * 0.42, name="floaty_for_documents")
liar = operation(lambda m, x: x * x, lambda m, z, x: 3 * x, name="liar_for_documents")  # it is 2 * x


def by_hand(x):
    y = Value(math.atan(x.data), (x,), "atan")

    def backward():
        x.grad += y.grad / (1 + x.data**2)

    y._backward = backward
    return y


def shared(a):
    b = a + a
    return b + b


def neuron(x1, x2, w1, w2, b):
    return tanh(dot([w1, w2], [x1, x2], b))


def three_examples(w, b):
    return sum((sigmoid(w * x + b) - y) ** 2 for x, y in [(0.5, 1.0), (-1.0, 0.0), (2.0, 1.0)]) / 3


def model():
    return MLP(2, [3, 2, 1], activation="tanh", seed=4)


def network(x1, x2, net=None):
    return ((net or model())([x1, x2]) - 1.0) ** 2


def chain(x):
    for _ in range(12):
        x = sigmoid(x)
    return x


def tangle(a, b):
    c = a * b
    d = c - a
    e = c * d + exp(-d)
    return e / (c + 4) - b**3 * d


# name -> (function, numbers at its leaves, other numbers)
CASES = {
    "shared": (shared, {"a": 3.0}, {"a": -0.25}),
    "product": (lambda a, b: a * b + a, {"a": 2.0, "b": -3.0}, {"b": 5.0}),
    "square": (lambda a: a * a, {"a": 3.0}, {"a": 0.0}),
    "tangle": (tangle, {"a": 1.25, "b": -0.75}, {"a": -2.0, "b": 12345.25}),
    "maximum": (lambda a, b, c: maximum(a * 2, b, c) ** 2, {"a": 1.0, "b": 2.0, "c": -1.0}, {"b": 5.0}),
    "logsumexp": (lambda a, b, c: logsumexp([a, b, c]), {"a": 0.5, "b": -1.0, "c": 2.0}, {"c": -700.0}),
    "neuron": (neuron, {"x1": 2.0, "x2": 0.0, "w1": -3.0, "w2": 1.0, "b": 6.88}, {"b": 5.5, "w1": -2.5}),
    "examples": (three_examples, {"w": 0.5, "b": -0.25}, {"w": 1e-6}),
    "network": (network, {"x1": 0.3, "x2": -0.7}, {"x2": 1.5}),
    "constant": (lambda a, c: c * 3.0 + a * 0.0, {"a": 1.0, "c": 2.0}, {"a": 2.0}),
    "nan": (lambda a, b: log(a) * b + sqrt(a), {"a": -1.0, "b": 0.0}, {"a": 4.0}),
    "infinite": (lambda a: stop_gradient(a) * (1.0 / a) + exp(a), {"a": 2.0}, {"a": 0.0}),
    "corner": (lambda a: relu(a) + abs(a - 1.0), {"a": 0.0}, {"a": 1.0}),
    "own row": (lambda a: bent(a) * 2.0, {"a": 0.5}, {"a": -0.5}),
    "lie": (lambda a, b: liar(a) * b, {"a": 0.5, "b": 2.0}, {"a": -0.5}),
    "dead": (lambda a, b: relu(a) * b + relu(b), {"a": -0.5, "b": 2.0}, {"a": -0.25}),
    "chain": (chain, {"x": 0.5}, {"x": 3.0}),
    "saturated": (lambda x: tanh(x * 2.0) + sigmoid(-x), {"x": 5.0}, {"x": 6.0}),
    "floaty": (lambda a, b: floaty(a) * b, {"a": 2.5, "b": 2.0}, {"b": -1.0}),
    "by hand": (lambda a, b: by_hand(a) * b, {"a": 0.5, "b": 2.0}, {"b": -1.0}),
}


def made(name, **other):
    """The Value of a case, with other numbers in some leaves."""
    function, numbers, _ = CASES[name]
    return function(**{leaf: Value(other.get(leaf, x), label=leaf) for leaf, x in numbers.items()})


def account(value, expand=False):
    return json.loads(trace(value, expand=expand).to_json())


def cases() -> dict[str, Any]:
    """All of them, ready for JSON; and one whose dots are unfolded, for what depends on the form of a trace alone."""
    return {name: _case(name) for name in CASES} | {"unfolded": _unfolded("network")}


def _unfolded(name):
    told = account(made(name), expand=True)
    other = CASES[name][2]
    leaves = {node["id"]: other[node["name"]] for node in told["nodes"] if node["name"] in other}
    nudged = account(made(name, **other), expand=True)
    return {"document": {"trace": told, "rules": rules_of(told["nodes"])}, "leaves": leaves, "nudged": nudged}


def _case(name):
    value, other = made(name), CASES[name][2]
    told = account(value)
    ids = {node["name"]: node["id"] for node in told["nodes"]}
    broken = {} if name == "by hand" else {bug: _gradients(f(made(name)), value) for bug, f in BROKEN.items()}
    return {
        "document": {"trace": told, "rules": rules_of(told["nodes"])},
        "leaves": {ids[leaf]: x for leaf, x in other.items()},
        "nudged": account(made(name, **other)),
        "broken": broken,
        "descent": _descent(name),
        "paths": _paths(value),
        "multiplications": _multiplications(value),
        "quotients": {ids[leaf]: [_quotients(name, leaf, h) for h in STEPS] for leaf in CASES[name][1]},
    }


def _gradients(found, value):
    order = topological_order(value)
    return {f"v{i}": _plain(found[i - 1]) for i in range(1, len(order) + 1)}


def _plain(x):
    return float(x) if math.isfinite(x) else repr(float(x))


# --- backward passes as students get them wrong, on the engine's nodes ---


def _walked(output, take):
    """The gradients of all nodes, in topological order, by a pass in which a node takes a contribution in some way."""
    order = topological_order(output)
    gradient = defaultdict(float, {output: 1.0})
    for node in reversed(order):
        for position, (operand, local) in enumerate(zip(node.operands, node.partials(), strict=True)):
            gradient[operand] = take(gradient[operand], gradient[node], local, node, position)
    return [gradient[node] for node in order]


def _overwrite(output):
    return _walked(output, lambda before, upstream, local, node, position: upstream * local)


def _upstream(output):
    return _walked(output, lambda before, upstream, local, node, position: before + local)


def _sign(output):
    def take(before, upstream, local, node, position):
        return before + upstream * (abs(local) if node.op is TABLE["sub"] else local)

    return _walked(output, take)


def _swapped(output):
    def take(before, upstream, local, node, position):
        n = len(node.operands) // 2
        if node.op in (TABLE["mul"], TABLE["dot"]) and position < 2 * n:
            local = node.operand_data[position]
        return before + upstream * local

    return _walked(output, take)


def _recursive(output):
    gradient = defaultdict(float, {output: 1.0})

    def visit(node):
        for operand, local in zip(node.operands, node.partials(), strict=True):
            gradient[operand] = gradient[operand] + gradient[node] * local
            visit(operand)

    visit(output)
    return [gradient[node] for node in topological_order(output)]


def _stale(output):
    output.backward()
    output.backward()
    return [node.grad for node in topological_order(output)]


BROKEN = {
    "overwrite": _overwrite,
    "recursive": _recursive,
    "stale": _stale,
    "upstream": _upstream,
    "sign": _sign,
    "swapped": _swapped,
}


STEPS = (0.1, 1e-3, 1e-6)


def _quotients(name, leaf, h):
    """(central, ahead) by running the function itself."""
    x = CASES[name][1][leaf]
    above, here, below = (made(name, **{leaf: at}).data for at in (x + h, x, x - h))
    return _plain((above - below) / ((x + h) - (x - h))), _plain((above - here) / ((x + h) - x))


def _paths(output):
    """For each leaf that people change the products along every path to it, the largest first."""
    products = defaultdict(list)

    def follow(node, product):
        if node.kind in ("input", "parameter"):
            products[node].append(product)
        for operand, local in zip(node.operands, node.partials(), strict=True):
            follow(operand, product * local)

    follow(output, 1.0)
    order = topological_order(output)
    return {
        f"v{i}": [*map(_plain, sorted(products[node], key=lambda x: -abs(x)))]
        for i, node in enumerate(order, 1)
        if node in products
    }


def _multiplications(output):
    """How many it takes in reverse mode, in forward mode, and path by path."""
    order = topological_order(output)
    edges = [(node, operand) for node in order for operand in node.operands if operand.kind != "constant"]
    leaves = {node for node in order if node.kind in ("input", "parameter")}  # a list would compare their numbers
    forward = 0
    for leaf in leaves:
        reached = {leaf}
        for node in order:
            if not reached.isdisjoint(node.operands):
                reached.add(node)
        forward += sum(operand in reached for _, operand in edges)

    def lengths(node, length):
        own = length if node in leaves else 0
        return own + sum(lengths(operand, length + 1) for operand in node.operands)

    return {"reverse": len(edges), "forward": forward, "paths": lengths(output, 0)}


def _descent(name, rate=0.05, steps=4):
    """The loss before each of some steps w <- w - rate * gradient, and after the last."""
    function, numbers, _ = CASES[name]
    if name in ("by hand", "floaty"):
        return None
    leaves = {leaf: Value(x, label=leaf) for leaf, x in numbers.items()}
    more = {"net": model()} if name == "network" else {}
    losses = []
    for _ in range(steps + 1):
        loss = function(**leaves, **more)
        losses.append(_plain(loss.data))
        loss.backward()
        nodes = topological_order(loss)
        for leaf in [node for node in nodes if node.kind == "parameter"] or list(leaves.values()):
            leaf.data, leaf.grad = leaf.data - rate * leaf.grad, None
        for leaf in leaves.values():
            leaf.grad = None
    return losses


if __name__ == "__main__":
    print(json.dumps(cases(), allow_nan=False))
