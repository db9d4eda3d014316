"""Neuron, Layer and MLP are the formulas they stand for."""

import copy
import math
import pickle
import re
from array import array
from collections import deque
from dataclasses import dataclass
from random import Random
from types import MappingProxyType, SimpleNamespace

import numpy as np
import pytest

from engine import Value, topological_order
from nn import (
    ACTIVATIONS,
    INITIALIZERS,
    MLP,
    Buffer,
    Constant,
    Layer,
    Module,
    Neuron,
    Normal,
    Parameter,
    Uniform,
    fit,
    two_moons,
)
from nn.module import in_mode


def test_a_neuron_is_its_formula():
    neuron = Neuron(3, activation="tanh", seed=1)
    w, x = [w.data for w in neuron.w], [0.5, -1.0, 2.0]
    y = neuron(x)
    assert y.data == pytest.approx(math.tanh(sum(a * b for a, b in zip(w, x, strict=True)) + neuron.b.data), rel=1e-15)
    y.backward()
    slope = 1 - y.data**2
    assert [p.grad for p in neuron.w] == pytest.approx([slope * x_i for x_i in x], rel=1e-15)
    assert neuron.b.grad == pytest.approx(slope, rel=1e-15)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_an_mlp_is_its_matrix_formula(activation):
    model = MLP(3, [5, 1, 4], activation=activation, output_activation="sigmoid", seed=7)
    for neuron in (n for layer in model.layers for n in layer.neurons):
        neuron.b.data = Random(len(neuron.w)).uniform(-1, 1)
    x = np.array([0.5, -1.0, 2.0])
    expected = x
    for layer, name in zip(model.layers, (activation, activation, "sigmoid"), strict=True):
        expected = ACTIVATIONS[name](np.array(layer.weights) @ expected + np.array(layer.biases))
    np.testing.assert_allclose([y.data for y in model(x)], expected, rtol=1e-12)


def test_a_neuron_records_two_nodes_however_many_inputs():
    neuron = Neuron(10)
    interior = [node for node in topological_order(neuron([Value(1)] * 10)) if node.operands]
    assert [node.op.name for node in interior] == ["dot", "relu"]


def test_one_output_is_a_value_and_several_are_a_list():
    assert isinstance(MLP(2, [3, 1])([1, 2]), Value)
    assert len(MLP(2, [1, 3])([1, 2])) == 3  # and a width of 1 within does not matter
    assert len(Layer(2, 1)([1, 2])) == 1


def test_parameters_are_found_in_order_and_named():
    model = MLP(2, [3, 1])
    names = [name for name, _ in model.named_parameters()]
    assert len(names) == len(model.parameters()) == 13
    assert names[:4] == ["layers.0.neurons.0.w.0", "layers.0.neurons.0.w.1", "layers.0.neurons.0.b",
                         "layers.0.neurons.1.w.0"]  # fmt: skip
    assert all(isinstance(parameter, Parameter) for parameter in model.parameters())


def test_parameters_are_called_as_the_printed_equations_call_them():
    model = MLP(2, [3, 1])
    assert [p.label for p in model.layers[0].neurons[2].parameters()] == ["W1[2,0]", "W1[2,1]", "b1[2]"]
    assert [p.label for p in model.layers[1].parameters()] == ["W2[0,0]", "W2[0,1]", "W2[0,2]", "b2[0]"]
    assert [p.label for p in Layer(1, 2).parameters()] == ["W[0,0]", "b[0]", "W[1,0]", "b[1]"]
    assert [p.label for p in Neuron(2).parameters()] == ["w[0]", "w[1]", "b"]
    place = model.parameters()[-1].place
    assert (place.within.title, place.within.within.title) == ("neuron 0", "layer 2")


class OfParts(Module):
    def __init__(self):
        self.hidden = Layer(2, 1)
        self.blocks = []
        for _ in range(2):
            self.blocks.append(MLP(1, [1]))
        self.scale, self.mine = Parameter(1.0), Parameter(2.0, "mine alone")
        self.kernel = [[Parameter(0.0), Parameter(1.0)]]
        self.tied = self.hidden.neurons[0].w[0]


def test_parameters_of_other_modules_are_called_by_their_path():
    labels = {path: parameter.label for path, parameter in OfParts().named_parameters()}
    assert labels == {
        "hidden.neurons.0.w.0": "hidden.W[0,0]",
        "hidden.neurons.0.w.1": "hidden.W[0,1]",
        "hidden.neurons.0.b": "hidden.b[0]",
        "blocks.0.layers.0.neurons.0.w.0": "blocks[0].W1[0,0]",
        "blocks.0.layers.0.neurons.0.b": "blocks[0].b1[0]",
        "blocks.1.layers.0.neurons.0.w.0": "blocks[1].W1[0,0]",
        "blocks.1.layers.0.neurons.0.b": "blocks[1].b1[0]",
        "scale": "scale",
        "mine": "mine alone",
        "kernel.0.0": "kernel[0,0]",
        "kernel.0.1": "kernel[0,1]",
        "tied": "hidden.W[0,0]",  # where it was first
    }


class Heads(Module):
    """Parameters wherever there are names for them."""

    def __init__(self):
        self.heads = {"left": Layer(1, 1), "right": [Parameter(1.0), {"deep": Parameter(2.0)}]}
        self.grid = {(0, 1): Parameter(3.0), (1, 0): Parameter(4.0)}
        self.W = np.array([[Parameter(5.0), Parameter(6.0)], [Parameter(7.0), Parameter(8.0)]], dtype=object)
        self.one = np.array(Parameter(9.0), dtype=object)
        self.space = SimpleNamespace(scale=Parameter(10.0))
        self.other = MappingProxyType({7: Pair(Parameter(11.0), (Parameter(12.0),))})
        self.text, self.numbers, self.nothing = "text", np.zeros(3), {None: 1, 2.5: "x"}

    def __call__(self, x):
        return sum(p * x for p in self.parameters())


@dataclass
class Pair:
    first: Parameter
    rest: tuple[Parameter, ...]


HEADS = {
    "heads.left.neurons.0.w.0": "heads[left].W[0,0]",
    "heads.left.neurons.0.b": "heads[left].b[0]",
    "heads.right.0": "heads[right,0]",
    "heads.right.1.deep": "heads[right,1,deep]",
    "grid.0.1": "grid[0,1]",
    "grid.1.0": "grid[1,0]",
    "W.0.0": "W[0,0]",
    "W.0.1": "W[0,1]",
    "W.1.0": "W[1,0]",
    "W.1.1": "W[1,1]",
    "one": "one",
    "space.scale": "space[scale]",
    "other.7.first": "other[7,first]",
    "other.7.rest.0": "other[7,rest,0]",
}


def test_parameters_in_dicts_and_arrays_are_found_by_their_key():
    heads = Heads()
    labels = {path: parameter.label for path, parameter in heads.named_parameters()}
    assert labels == HEADS
    heads(1.0).backward()
    assert all(parameter.grad == 1.0 for parameter in heads.parameters())
    other = Heads()
    other.load_state_dict(heads.state_dict())
    assert other.state_dict() == heads.state_dict()


def module_with(**attributes):
    class Net(Module):
        def __init__(self):
            vars(self).update(attributes)

    return Net()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda p: {p}, "parts has Parameters in a set, .* make it a list, a tuple or a dict"),
        (lambda p: frozenset([p]), "parts has Parameters in a frozenset"),
        (lambda p: deque([[p]]), "parts has Parameters in a deque"),
        (lambda p: [{"a": {p}}], "parts has Parameters in a set"),
        (lambda p: {"a": p}.values(), "parts has Parameters in a dict_values"),
        (lambda p: {p: 1}.keys(), "parts has Parameters in a dict_keys"),
        (lambda p: {Neuron(1)}, "parts has Parameters in a set"),
        (lambda p: (q for q in [p]), "parts is a generator, .* make it a list"),
        (lambda p: map(Parameter, [1]), "parts is a map"),
        (lambda p: zip([p], [p], strict=True), "parts is a zip"),
        (lambda p: {None: p}, "parts has Parameters under the key None"),
        (lambda p: {2.5: [p]}, "under the key 2.5, which names none"),
    ],
)
def test_parameters_that_nothing_could_name_are_refused(make, says):
    with pytest.raises(TypeError, match=says):
        module_with(parts=make(Parameter(1.0)))
    module = module_with()
    module.parts = make(Parameter(1.0))  # set later
    with pytest.raises(TypeError, match=says):
        module.parameters()


def test_two_parameters_of_one_name_are_refused():
    module = module_with(parts={0: Parameter(1.0), "0": Parameter(2.0)})
    for call in (module.state_dict, lambda: module.load_state_dict({"parts.0": 1.0})):
        with pytest.raises(ValueError, match=r"two Parameters of this Net have the path 'parts\.0'"):
            call()


def test_what_holds_no_parameters_may_be_anything():
    everything = [{1, 2}, deque("ab"), {None: 2.5}, range(3), "text", b"x", iter([1]), object(), int, np.ones(3)]
    assert module_with(parts=everything).parameters() == []


def test_parameters_of_a_class_are_refused():
    with pytest.raises(TypeError, match=r"scale is set for the class Shared, .* as self\.scale"):

        class Shared(Module):
            scale = Parameter(1.0)

    with pytest.raises(TypeError, match="Slotted must not have __slots__"):

        class Slotted(Module):
            __slots__ = ("scale",)


def test_a_module_may_refer_to_itself_and_to_what_it_is_in():
    class Part(Module):
        def __init__(self, owner):
            self.owner, self.w = owner, Parameter(1.0)

    class Owner(Module):
        def __init__(self):
            self.me, self.w = self, Parameter(2.0)
            self.rows = [Parameter(3.0)]
            self.rows.append(self.rows)
            self.parts = [Part(self), Part(self)]
            for part in self.parts:
                part.next = self.parts[0]

    owner = Owner()
    assert list(owner.state_dict()) == ["w", "rows.0", "parts.0.w", "parts.1.w"]
    assert len(owner.parameters()) == 4
    assert all(isinstance(parameter.label, str) for parameter in owner.parameters())
    assert len(owner.parts[1].parameters()) == 4
    owner.load_state_dict(dict.fromkeys(owner.state_dict(), 5.0))
    assert copy.deepcopy(owner).state_dict() == owner.state_dict()


class Counting(Module):
    """A part that keeps a number which is not trained, and a part with another."""

    def __init__(self, inner=None):
        self.seen = [Buffer(1.0), Buffer(2.0)]
        self.w = Parameter(3.0)
        self.inner = inner
        self.total = Buffer(4.0)


def test_buffers_are_kept_and_not_trained():
    inner = Counting()
    module = Counting(inner)
    assert list(module.state_dict()) == [
        "seen.0", "seen.1", "w", "inner.seen.0", "inner.seen.1", "inner.w", "inner.total", "total",
    ]  # fmt: skip
    assert [name for name, _ in module.named_parameters()] == ["w", "inner.w"]
    assert [name for name, _ in module.named_buffers()] == ["seen.0", "seen.1", "inner.seen.0", "inner.seen.1",
                                                            "inner.total", "total"]  # fmt: skip
    assert module.buffers() == [*module.seen, *inner.buffers(), module.total]
    assert [buffer.label for buffer in module.buffers()] == [
        "seen[0]", "seen[1]", "inner.seen[0]", "inner.seen[1]", "inner.total", "total",
    ]  # fmt: skip
    other = Counting(Counting())
    other.load_state_dict({name: number + 1 for name, number in module.state_dict().items()})
    assert (other.total.data, other.inner.w.data) == (5.0, 4.0)
    assert copy.deepcopy(other).state_dict() == pickle.loads(pickle.dumps(other)).state_dict() == other.state_dict()
    (module.total * module.w).backward()
    module.zero_grad()
    assert (module.total.grad, module.w.grad) == (0.0, 0.0)


def test_a_buffer_is_guarded_as_a_parameter_is():
    module = Counting()
    with pytest.raises(
        TypeError, match=r"total holds Buffers of this Counting, and 0.5 none, so nothing there would be k"
    ):
        module.total = 0.5
    with pytest.raises(TypeError, match="seen is set for the class Shared"):
        type("Shared", (Module,), {"seen": [Buffer(0.0)]})
    with pytest.raises(ValueError, match=r"two Buffers of this Net have the path 'parts\.0'"):
        module_with(parts={0: Buffer(1.0), "0": Buffer(2.0)}).state_dict()
    shared = Buffer(1.0)
    with pytest.raises(ValueError, match=r"'b' is one of several names of a Buffer"):
        module_with(a=shared, b=shared).load_state_dict({"a": 1.0, "b": 2.0})


def test_a_module_is_in_training_mode_until_it_says_otherwise():
    model, owner = MLP(2, [3, 1]), module_with(parts=[Neuron(1), {"a": Counting(Counting())}])
    for module in (model, owner):
        parts = module.modules()
        assert all(part.training for part in parts)
        assert module.eval() is module
        assert not any(part.training for part in parts)
        parts[-1].train()
        with in_mode(module, training=True):
            assert all(part.training for part in parts)
        assert [part.training for part in parts] == [False] * (len(parts) - 1) + [True]
        assert module.train() is module
        assert all(part.training for part in parts)
    assert len(owner.modules()) == 4
    assert owner.state_dict().keys() == copy.deepcopy(owner.eval()).state_dict().keys()
    assert not copy.deepcopy(owner).parts[0].training


def test_shared_parts_are_gone_through_once():
    """Along all paths there would be 2**40."""
    part = Neuron(1)
    for _ in range(40):
        part = module_with(left=part, right=part)
    assert len(list(part.named_parameters())) == 2
    deep = Neuron(1)
    for _ in range(3000):
        deep = module_with(inner=deep)
    assert len(deep.parameters()) == 2


def test_a_state_with_two_numbers_for_one_parameter_is_refused():
    p = Parameter(1.0)
    module = module_with(a=p, b=p)
    module.load_state_dict({"a": math.nan, "b": math.nan})
    with pytest.raises(ValueError, match=r"'b' is one of several names .* has 3\.0 where another has 2\.0"):
        module.load_state_dict({"a": 2.0, "b": 3.0})
    assert math.isnan(p.data)


@pytest.mark.parametrize("state", [None, "w", 1.0, [("a", 1.0)], Parameter(1.0)])
def test_a_state_that_is_no_dict_is_refused(state):
    with pytest.raises(TypeError, match="a state is a dict .* but was " + re.escape(repr(state))):
        module_with(a=Parameter(1.0)).load_state_dict(state)
    with pytest.raises(ValueError, match=r"1 missing .*'a'.* and 2 unknown"):
        module_with(a=Parameter(1.0)).load_state_dict({1: 1.0, "b": 2.0})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda neuron: neuron.w.__setitem__(0, 5),
            r"a weight is a Parameter, but was given 5: .* neuron.w\[0\].data",
        ),
        (lambda neuron: neuron.w.__setitem__(slice(0, 2), [1, 2]), "was given 1"),
        (lambda neuron: neuron.w.__setitem__(0, Value(5)), r"was given Value\(data=5\)"),
        (lambda neuron: neuron.w.append(5), "was given 5"),
        (lambda neuron: neuron.w.extend([5]), "was given 5"),
        (lambda neuron: neuron.w.insert(0, 5), "was given 5"),
        (lambda neuron: neuron.w.__iadd__([5]), "was given 5"),
        (lambda neuron: setattr(neuron, "w", [5, 6]), r"w holds Parameters of this Neuron, and \[5, 6\] none"),
        (lambda neuron: setattr(neuron, "b", 0.5), r"b holds Parameters .* as in neuron.b.data = 0.5"),
        (lambda neuron: setattr(neuron, "b", Value(0.5)), "b holds Parameters"),
    ],
)
def test_what_would_take_a_weight_out_of_the_network_is_refused(change, says):
    neuron = Neuron(2, seed=1)
    before = neuron.state_dict()
    with pytest.raises(TypeError, match=says):
        change(neuron)
    assert neuron.state_dict() == before


def test_another_parameter_may_take_the_place_of_a_weight():
    neuron = Neuron(3, seed=1)
    neuron.w[0] = neuron.b = tied = Parameter(2.0)
    neuron.w[1:] = [tied, tied]
    assert neuron.parameters() == [tied]
    neuron.w = [Parameter(1.0)]
    neuron.b = None
    assert len(neuron.parameters()) == 1


def test_the_numbers_of_a_layer_are_there_to_be_read():
    layer = Layer(2, 2, seed=1)
    for change in (
        lambda: layer.weights[0].__setitem__(0, 99),
        lambda: layer.weights.__setitem__(0, [1, 2]),
        lambda: layer.biases.__setitem__(0, 99),
        lambda: layer.biases.__iadd__([1]),
        *(lambda name=name: getattr(layer.biases, name)(1) for name in ("append", "remove", "pop", "extend")),
    ):
        with pytest.raises(TypeError, match=r"to change one, write layer.neurons\[0\].w\[0\].data = 0.5"):
            change()
    layer.neurons[0].w[1].data = 99
    assert layer.weights[0][1] == 99
    for copied in (copy.deepcopy(layer.weights), pickle.loads(pickle.dumps(layer.weights)), [*layer.weights]):
        copied[0] = copied[0] + [1]
        assert copied[1] == layer.weights[1]


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_has_the_same_names_and_places(copied):
    model = OfParts()
    model.scale.label = "s"
    copies = copied(model).parameters()
    assert [p.label for p in copies] == [p.label for p in model.parameters()]
    assert copies[0].place.within.within.name == "hidden"
    assert not hasattr(copied(Parameter(1.0)), "place")
    assert copied(Parameter(1.0)).label == ""


def test_modules_of_your_own():
    class Residual(Module):
        def __init__(self):
            self.inner = Layer(2, 2, seed=1)
            self.scale = Parameter(1.0)
            self.unrelated = "text"

        def __call__(self, x):
            return [a + self.scale * b for a, b in zip(x, self.inner(x), strict=True)]

    module = Residual()
    assert len(module.parameters()) == 7
    sum(module([1.0, 2.0])).backward()
    module.zero_grad()
    assert all(parameter.grad == 0 for parameter in module.parameters())


def test_the_seed_alone_decides():
    def weights(seed):
        return [p.data for p in MLP(2, [4, 1], seed=seed).parameters()]

    assert weights(3) == weights(3)
    assert weights(3) != weights(4)
    assert weights(None) != weights(None)


NORMAL, UNIFORM = 3.0, 9 / 5  # the fourth moment, in squares of the variance
FORMULAS = {  # for 100 inputs and 200 outputs: mean, variance, fourth moment
    "zeros": (0.0, 0.0, 1.0),
    "constant": (0.1, 0.0, 1.0),
    "uniform": (0.0, 1 / 3, UNIFORM),
    "normal": (0.0, 1.0, NORMAL),
    "xavier": (0.0, 2 / 300, NORMAL),
    "xavier_uniform": (0.0, 2 / 300, UNIFORM),
    "xavier_in": (0.0, 1 / 100, NORMAL),
    "xavier_in_uniform": (0.0, 1 / 100, UNIFORM),
    "he": (0.0, 2 / 100, NORMAL),
    "he_uniform": (0.0, 2 / 100, UNIFORM),
}
OF_ONES_OWN = {
    Constant(-0.5): (-0.5, 0.0, 1.0),
    Uniform(0.5, 1.0): (0.75, 0.25 / 12, UNIFORM),
    Normal(0.01): (0.0, 1e-4, NORMAL),
    (lambda random, fan_in, fan_out: random.choice([-1, 1]) / fan_out): (0.0, 1 / 200**2, 1.0),
}


@pytest.mark.parametrize("init", [*INITIALIZERS, *OF_ONES_OWN])
def test_initializers_have_the_moments_of_their_formula(init):
    mean, variance, fourth = FORMULAS[init] if isinstance(init, str) else OF_ONES_OWN[init]
    model = MLP(100, [200, 1], init=init, seed=0)
    weights = np.array(model.layers[0].weights)
    assert weights.mean() == pytest.approx(mean, abs=0.03 * math.sqrt(variance) + 1e-12)
    assert weights.var() == pytest.approx(variance, rel=0.03, abs=1e-12)
    assert ((weights - mean) ** 4).mean() == pytest.approx(fourth * variance**2, rel=0.05, abs=1e-12)
    if fourth == UNIFORM:
        limit = math.sqrt(3 * variance)
        assert limit * 0.999 < abs(weights - mean).max() <= limit
    assert model.layers[0].biases == [0.0] * 200
    assert MLP(9, [5, 1], init=init, seed=0).state_dict() == MLP(9, [5, 1], init=init, seed=0).state_dict()


def test_names_draw_the_numbers_that_they_always_drew():
    random = Random(7)
    draws = {
        "uniform": lambda: random.uniform(-1, 1),
        "normal": lambda: random.gauss(0, 1),
        "xavier": lambda: random.gauss(0, math.sqrt(2 / 5)),
        "he": lambda: random.gauss(0, math.sqrt(2 / 3)),
    }
    for name, draw in draws.items():
        random.seed(7)
        assert Layer(3, 2, init=name, seed=7).weights == [[draw() for _ in range(3)] for _ in range(2)]


def test_alike_neurons_stay_alike():
    """Constant weights: every hidden neuron gets the same gradient, so training never tells them apart."""
    model = MLP(2, [4, 1], activation="tanh", init="constant")
    data = two_moons(30)
    fit(model, *data, epochs=30, learning_rate=0.5, progress=False)
    first, *others = model.layers[0].weights
    assert others == [first] * 3 != [[0.1, 0.1]] * 3


def test_the_automatic_initializer_suits_the_activation():
    assert np.std(Layer(100, 200, "relu", seed=0).weights) == pytest.approx(math.sqrt(2 / 100), rel=0.03)
    assert np.std(Layer(100, 200, "tanh", seed=0).weights) == pytest.approx(math.sqrt(2 / 300), rel=0.03)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: MLP(0, [1]), "n_inputs must be a whole number, 1 or more, but was 0"),
        (lambda: MLP(0, []), "n_inputs"),
        (lambda: MLP(2, []), "at least one layer.*\\[\\]"),
        (lambda: MLP(2, [-1, 1]), "n_outputs must be a whole number, 1 or more, but was -1"),
        (lambda: MLP(2, [2.5, 1]), "2.5"),
        (lambda: MLP(2, [True, 1]), "True"),
        (lambda: MLP(2, 16), "16"),
        (lambda: MLP([2, 16, 1]), r"as in MLP\(2, \[16, 1\]\), but was given \[2, 16, 1\] first"),
        (lambda: MLP(2), r"at least one layer.*\(\)"),
        (lambda: MLP(2, "16"), "'16'"),
        (lambda: MLP(2, [10**6, 10**6]), r"n_inputs \* n_outputs must be at most 10,000,000, but was 1000000000000"),
        (lambda: MLP(2, [2, 1], ["relu", "tanh"]), r"an activation is one name, .* but was \['relu', 'tanh'\]"),
        (lambda: MLP(2, [1], seed=True), "seed must be a whole number, or None, but was True"),
        (lambda: Neuron(10**400), "n_inputs must be at most 10,000,000, but was 1000"),
        (lambda: Neuron(0), "n_inputs"),
        (lambda: Layer(2, 0), "n_outputs"),
        (lambda: MLP(2, [1], activation="rellu"), "unknown activation 'rellu'.*linear, relu, leaky_relu.*sigmoid"),
        (lambda: MLP(2, [1], output_activation="soft"), "unknown activation 'soft'"),
        (lambda: MLP(2, [1], init="magic"), "unknown init 'magic'.*auto.*he_uniform, or give Constant"),
        (lambda: Uniform(1, -1), "high must be a finite number, 1.0 or more, but was -1"),
        (lambda: Normal(-0.1), "deviation must be a number, 0 or more, but was -0.1"),
    ],
)
def test_what_cannot_be_built(make, says):
    with pytest.raises(ValueError, match=says):
        make()


def test_a_wrong_input_size_is_refused_with_both_sizes():
    with pytest.raises(ValueError, match="needs 2 inputs, but was given 3"):
        MLP(2, [3, 1])([1, 2, 3])
    with pytest.raises(ValueError, match="2 weights needs 2 inputs, but was given 1"):
        Neuron(2)([1])
    with pytest.raises(ValueError, match="needs 2 inputs, but was given 3"):
        Layer(2, 2)([1, 2, 3])


@pytest.mark.parametrize("make", [lambda: MLP(2, [3, 1]), lambda: Layer(2, 3), lambda: Neuron(2)])
@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda part: part([[1, 2], [3, 4]]), r"needs a list of 2 numbers, one example, .*\[\[1, 2\], \[3, 4\]\], "
         r"a batch: .* as in \[model\(x\) for x in X\], or write model.batch\(X\)"),
        (lambda part: part([[1, 2]] * 3), "a batch"),
        (lambda part: part(np.ones((2, 2))), "a batch"),
        (lambda part: part(1), r"needs a list of 2 numbers, such as \[0.5, 0.5\], but was given 1"),
        (lambda part: part(Value(1)), r"but was given Value\(data=1\)"),
        (lambda part: part("ab"), "but was given 'ab'"),
        (lambda part: part({1: 2, 3: 4}), r"but was given \{1: 2, 3: 4\}"),
        (lambda part: part(1, 2), r"as one argument, but was given several: \(1, 2\)"),
        (lambda part: part([1, "a"]), "but was given 'a' among them"),
        (lambda part: part([1, None]), "but was given None among them"),
    ],
)  # fmt: skip
def test_what_is_no_example_is_refused(make, call, says):
    with pytest.raises(TypeError, match=says):
        call(make())


def test_an_example_may_be_any_sequence_of_numbers():
    model = MLP(2, [2, 1], seed=1)
    expected = model([1.0, 2.0]).data
    for x in ((1, 2), np.array([1, 2]), range(1, 3), array("d", [1, 2]), deque([1, 2]), [Value(1), 2]):
        assert model(x).data == expected
        assert Neuron(2, seed=1)(x).data == Neuron(2, seed=1)([1.0, 2.0]).data
    rows = [output.data for output in model.batch(np.array([[1, 2], [3, 4]]))]
    assert rows == [model(x).data for x in ([1, 2], [3, 4])]
    with pytest.raises(TypeError, match="batch needs a list of rows, but was given None"):
        model.batch(None)


def test_a_state_goes_from_one_model_to_another():
    a, b = MLP(2, [3, 1], seed=1), MLP(2, [3, 1], seed=2)
    b.load_state_dict(a.state_dict())
    assert b.state_dict() == a.state_dict()


def test_a_state_that_does_not_fit_changes_nothing():
    model = MLP(2, [3, 1], seed=1)
    before = model.state_dict()
    for state, says in (
        (MLP(2, [4, 1]).state_dict(), "unknown.*layers.0.neurons.3"),
        ({}, "13 missing"),
        ({**before, "layers.0.neurons.0.w.0": "x"}, "'x'"),
    ):
        with pytest.raises((ValueError, TypeError), match=says):
            model.load_state_dict(state)
        assert model.state_dict() == before
