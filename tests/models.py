"""Small models of every kind, and rows of inputs for each: what can be kept in a file and exported."""

import nn
from nn import (
    ACTIVATIONS,
    MLP,
    Activation,
    Embedding,
    Layer,
    LayerNorm,
    MinMaxScaler,
    Neuron,
    PReLU,
    Residual,
    Sequential,
    Softmax,
    Standardizer,
)

ROWS = [[0.5, -1.0], [2.0, 0.25], [-3.0, 1.5]]


def tied():
    """A layer in two places, a weight in several, and a part in several."""
    again, norm = Layer(2, 2, "tanh", seed=1), LayerNorm(2)
    model = Sequential(again, Residual(norm, again), norm, MLP(2, [3, 3, 3, 1], seed=2))
    model.parts[3].layers[2] = model.parts[3].layers[1]
    model.parts[3].layers[3].neurons[0].w[1] = again.neurons[0].b
    model._count()
    return model


def in_use():
    model = Sequential(MLP(2, [2, 2], normalization="layer", seed=1), LayerNorm(2)).eval()
    model.parts[1].train()
    return model


def classified():
    model = Sequential(MLP(2, [2], seed=1), Softmax())
    model.parts[0].classes, model.classes = ("no", "yes"), (False, True)
    return model


# Models of every kind that a file can hold, and inputs for them.
MODELS = {
    "MLP": lambda: (MLP(2, [3, 1], seed=1), ROWS),
    "MLP, of everything": lambda: (
        MLP(2, [3, 3, 2], ["tanh", "gelu"], "softmax", normalization="layer", residual=True, dropout=0.5, seed=1),
        ROWS,
    ),
    "Neuron": lambda: (Neuron(2, "elu", seed=1), ROWS),
    "Neuron, no bias": lambda: (Neuron(2, "elu", seed=1, bias=False), ROWS),
    "Layer": lambda: (Layer(2, 3, "softmax", seed=1), ROWS),
    "Layer, no bias": lambda: (Layer(2, 3, seed=1, bias=False), ROWS),
    "Activation": lambda: (Activation("swish"), ROWS),
    "PReLU": lambda: (PReLU(2, 0.5), ROWS),
    "Softmax": lambda: (Softmax(), ROWS),
    "BatchNorm": lambda: (nn.BatchNorm(2, 0.5, 0.25), ROWS),
    "Dropout": lambda: (nn.Dropout(0.25), ROWS),
    "MLP, of batches": lambda: (MLP(2, [3, 3, 1], normalization="batch", seed=1), ROWS),
    "LayerNorm": lambda: (LayerNorm(2, 0.25), ROWS),
    "Embedding": lambda: (Embedding(4, 3, seed=1), [[0.0, 3.0], [2.0, 2.0]]),
    "Standardizer": lambda: (Standardizer().fit(ROWS), ROWS),
    "Standardizer, before fit": lambda: (Standardizer(), []),
    "MinMaxScaler": lambda: (MinMaxScaler(low=-1.0, high=3.0).fit(ROWS), ROWS),
    "Residual": lambda: (Residual(Layer(2, 3, seed=1), Residual(Layer(3, 3, seed=2)), seed=3), ROWS),
    "Sequential": lambda: (
        Sequential(Standardizer().fit(ROWS), Sequential(Layer(2, 2, "linear", seed=1), PReLU(2)), Layer(2, 1, seed=2)),
        ROWS,
    ),
    "words": lambda: (Sequential(Embedding(4, 3, seed=1), MLP(6, [4, 3], "tanh", seed=1), Softmax()), [[1.0, 3.0]]),
    "tied": lambda: (tied(), ROWS),
    "in use": lambda: (in_use(), ROWS),
    "classes": lambda: (classified(), ROWS),
    **{name: lambda name=name: (Layer(2, 3, name, seed=1), ROWS) for name in ACTIVATIONS},
}
