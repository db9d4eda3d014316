"""Neuron, Layer and MLP are the formulas they stand for."""

import copy
import math
import pickle
from random import Random

import numpy as np
import pytest

from engine import Value, topological_order
from nn import ACTIVATIONS, INITIALIZERS, MLP, Layer, Module, Neuron, Parameter


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
    interior = [node for node in topological_order(neuron([Value(1)] * 10)) if node.args]
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


@pytest.mark.parametrize(
    ("init", "deviation"), [("zeros", 0), ("uniform", 1 / math.sqrt(3)), ("normal", 1), ("xavier", math.sqrt(2 / 300)),
                            ("he", math.sqrt(2 / 100))]
)  # fmt: skip
def test_initializers_have_the_deviation_of_their_formula(init, deviation):
    weights = np.array(Layer(100, 200, init=init, seed=0).weights)
    assert abs(weights.mean()) <= 0.02
    assert weights.std() == pytest.approx(deviation, rel=0.03)
    assert set(INITIALIZERS) == {"zeros", "uniform", "normal", "xavier", "he"}


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
        (lambda: Neuron(0), "n_inputs"),
        (lambda: Layer(2, 0), "n_outputs"),
        (lambda: MLP(2, [1], activation="rellu"), "unknown activation 'rellu'.*linear, relu, leaky_relu.*sigmoid"),
        (lambda: MLP(2, [1], output_activation="soft"), "unknown activation 'soft'"),
        (lambda: MLP(2, [1], init="magic"), "unknown init 'magic'.*auto.*xavier, he"),
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
