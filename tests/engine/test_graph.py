"""The topological order, against its definition on random graphs."""

from random import Random

from engine import Value, tanh, topological_order


def random_graph(seed, n=200):
    random = Random(seed)
    nodes = [Value(random.uniform(-1, 1)) for _ in range(4)]
    for _ in range(n):
        a, b = random.choices(nodes[-20:], k=2)
        nodes.append(random.choice([lambda: a + b, lambda: a * b, lambda: tanh(a)])())  # noqa: B023
    return nodes[-1]


def reachable(output):
    seen, stack = set(), [output]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack.extend(node.operands)
    return seen


def test_operands_come_before_results_and_every_node_once():
    for seed in range(50):
        output = random_graph(seed)
        order = topological_order(output)
        place = {node: i for i, node in enumerate(order)}
        assert len(place) == len(order)
        assert place.keys() == reachable(output)
        assert all(place[arg] < place[node] for node in order for arg in node.operands)
        assert order[-1] is output


def test_operands_keep_their_order():
    a, b, c = Value(1), Value(2), Value(3)
    assert topological_order((a + b) * c)[:2] == [a, b]
    assert topological_order(c * (a + b))[0] is c


def test_several_outputs():
    a = Value(1)
    b, c = a + 1, a * 2
    order = topological_order(b, c)
    assert {b, c} <= set(order)
    assert sum(node is a for node in order) == 1
