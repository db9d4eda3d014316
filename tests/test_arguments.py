"""Whatever is given in the place of any argument of nn and viz is taken, or refused by us in words that repeat it."""

import inspect
import math
import traceback
from pathlib import Path

import pytest
from matplotlib import pyplot

import nn
import viz
from engine import Value
from engine.arguments import shown
from nn.datasets import plane, tables

ROOT = Path(__file__).parent.parent
OURS = tuple(str(ROOT / room) for room in ("engine", "nn", "viz"))

X, Y = [[0.0, 1.0], [1.0, 0.0]], [-1, 1]


@pytest.fixture(autouse=True)
def no_open_figures():
    yield
    pyplot.close("all")


def model():
    return nn.MLP(2, [1], seed=1)


def optimizer():
    return nn.Adam(model().parameters())


def recorded():
    return nn.fit(model(), X, Y, loss="hinge", epochs=1, record=True, backend="eager", progress=False)


# What can be called, with arguments that are right.
CALLS = {
    "MLP": lambda: (nn.MLP, {"n_inputs": 2, "widths": [2, 1], "activation": "tanh", "output_activation": "linear",
                             "init": "zeros", "seed": 1, "normalization": None, "residual": False,
                             "dropout": 0.0}),
    "Activation": lambda: (nn.Activation, {"activation": "tanh"}),
    "PReLU": lambda: (nn.PReLU, {"n": 2, "slope": 0.1}),
    "LayerNorm": lambda: (nn.LayerNorm, {"n": 2, "epsilon": 1e-5}),
    "Embedding": lambda: (nn.Embedding, {"n_words": 2, "width": 3, "init": "normal", "seed": 1}),
    **{f"{type(part).__name__}()": lambda part=part: (part.__call__, {"x": [1.0, 0.0]})
       for part in (nn.Activation("tanh"), nn.PReLU(2), nn.LayerNorm(2), nn.Softmax(), nn.Embedding(2, 3),
                    nn.Standardizer(2),
                    nn.Sequential(nn.Layer(2, 1)), nn.Residual(nn.Layer(2, 2)))},
    "Standardizer": lambda: (nn.Standardizer, {"n_inputs": 2}),
    "MinMaxScaler": lambda: (nn.MinMaxScaler, {"n_inputs": 2, "low": -1.0, "high": 1.0}),
    "Standardizer.fit": lambda: (nn.Standardizer().fit, {"X": X}),
    "Standardizer.transform": lambda: (nn.Standardizer(2).transform, {"X": X}),
    "Standardizer.inverse_transform": lambda: (nn.Standardizer(2).inverse_transform, {"X": X}),
    "Layer": lambda: (nn.Layer, {"n_inputs": 2, "n_outputs": 2, "activation": "tanh", "init": "zeros", "seed": 1,
                                  "nonlin": True, "bias": True}),
    "Neuron": lambda: (nn.Neuron, {"n_inputs": 2, "activation": "tanh", "init": "zeros", "seed": 1, "fan_out": 1,
                                    "nonlin": True, "bias": True}),
    "Constant": lambda: (nn.Constant, {"value": 0.5}),
    "Uniform": lambda: (nn.Uniform, {"low": -0.5, "high": 0.5}),
    "Normal": lambda: (nn.Normal, {"deviation": 0.5}),
    "StepDecay": lambda: (nn.StepDecay, {"rate": 0.1, "every": 2, "factor": 0.5}),
    "ExponentialDecay": lambda: (nn.ExponentialDecay, {"rate": 0.1, "factor": 0.5}),
    "CosineDecay": lambda: (nn.CosineDecay, {"rate": 0.1, "epochs": 5, "final": 0.01}),
    "WarmUp": lambda: (nn.WarmUp, {"schedule": 0.1, "epochs": 5, "start": 0.01}),
    "ReduceOnPlateau": lambda: (nn.ReduceOnPlateau, {"rate": 0.1, "factor": 0.5, "patience": 2, "threshold": 0.1,
                                                     "least": 0.01}),
    "ReduceOnPlateau.observe": lambda: (nn.ReduceOnPlateau(0.1).observe, {"loss": 0.5}),
    "MLP()": lambda: (model().__call__, {"x": [1.0, 2.0]}),
    "Layer()": lambda: (nn.Layer(2, 2).__call__, {"x": [1.0, 2.0]}),
    "Neuron()": lambda: (nn.Neuron(2).__call__, {"x": [1.0, 2.0]}),
    "MLP.batch": lambda: (model().batch, {"X": X}),
    "MLP.load_state_dict": lambda: (model().load_state_dict, {"state": model().state_dict()}),
    "MLP.train": lambda: (model().train, {"mode": False}),
    "MLP.save": lambda: (model().save, {"path": "model.json"}),
    "MLP.load": lambda: (nn.MLP.load, {"path": "saved.json"}),
    "export": lambda: (nn.export, {"model": model(), "path": "model.npz", "format": "torch", "dtype": "float64"}),
    "load": lambda: (nn.load, {"path": "saved.json"}),
    "Optimizer": lambda: (nn.Optimizer, {"parameters": model().parameters(), "learning_rate": 0.1}),
    "SGD": lambda: (nn.SGD, {"parameters": model().parameters(), "learning_rate": 0.1, "momentum": 0.9,
                             "nesterov": True}),
    "RMSProp": lambda: (nn.RMSProp, {"parameters": model().parameters(), "learning_rate": 0.1, "decay": 0.9,
                                     "epsilon": 1e-8}),
    "AdamW": lambda: (nn.AdamW, {"parameters": model().parameters(), "learning_rate": 0.1, "beta1": 0.9, "beta2": 0.9,
                                 "epsilon": 1e-8, "weight_decay": 0.1}),
    "Adam": lambda: (nn.Adam, {"parameters": model().parameters(), "learning_rate": 0.1, "beta1": 0.9, "beta2": 0.9,
                               "epsilon": 1e-8}),
    "Adam.load_state_dict": lambda: (optimizer().load_state_dict, {"given": optimizer().state_dict()}),
    "BatchNorm": lambda: (nn.BatchNorm, {"n": 2, "momentum": 0.1, "epsilon": 1e-5}),
    "Dropout": lambda: (nn.Dropout, {"p": 0.5, "seed": 1}),
    "TrainingState": lambda: (nn.TrainingState, {"parameters": [1.0], "memories": ([1.0],), "statistics": [1.0],
                                                 "count": 1, "epochs": 1, "random": None, "order": (0, 1),
                                                 "schedule": (0.5,)}),
    "TrainingState.from_dict": lambda: (nn.TrainingState.from_dict, {"given": optimizer().state.as_dict()}),
    "accuracy": lambda: (nn.accuracy, {"model": model(), "X": X, "y": Y, "loss": "hinge", "classes": None}),
    "predict": lambda: (nn.predict, {"model": model(), "X": X, "batch_size": None, "backend": "auto"}),
    "evaluate": lambda: (nn.evaluate, {"model": model(), "X": X, "y": Y, "loss": "hinge", "metrics": (),
                                       "classes": None, "batch_size": None, "backend": "auto"}),
    "loss_of": lambda: (nn.loss_of, {"model": model(), "X": X, "y": Y, "loss": "hinge", "classes": None}),
    "layer_outputs": lambda: (nn.layer_outputs, {"model": model(), "X": X}),
    "fit": lambda: (nn.fit, {"model": model(), "X": X, "y": Y, "loss": "hinge", "classes": None, "epochs": 1,
                             "batch_size": 1, "learning_rate": 0.1, "optimizer": "sgd", "l1": 0.1, "l2": 0.1,
                             "clip_norm": None, "clip_value": None, "validation": None, "patience": None,
                             "min_delta": 0.1, "metrics": (), "callbacks": (), "checkpoint": None, "resume": False,
                             "record": False, "backend": "eager",
                             "seed": 1, "progress": False}),
    "clip_gradients": lambda: (nn.clip_gradients, {"parameters": model().parameters(), "clip_norm": None,
                                                   "clip_value": None}),
    "hinge": lambda: (nn.hinge, {"score": 0.5, "label": 1}),
    "binary_cross_entropy": lambda: (nn.binary_cross_entropy, {"logit": 0.5, "label": 1}),
    "binary_cross_entropy_from_probabilities": lambda: (nn.binary_cross_entropy_from_probabilities,
                                                        {"probability": 0.5, "label": 1}),
    "cross_entropy_from_probabilities": lambda: (nn.cross_entropy_from_probabilities,
                                                 {"probabilities": [0.5, 0.5], "label": 1}),
    "cross_entropy": lambda: (nn.cross_entropy, {"logits": [0.5, 1.0], "label": 1}),
    "mean_squared_error": lambda: (nn.mean_squared_error, {"prediction": 0.5, "target": 1.0}),
    "summary": lambda: (nn.summary, {"model": model()}),
    "two_moons": lambda: (nn.two_moons, {"n_rows": 4, "noise": 0.1, "seed": 1}),
    "circles": lambda: (nn.circles, {"n_rows": 4, "noise": 0.1, "ratio": 0.5, "seed": 1}),
    "blobs": lambda: (nn.blobs, {"n_rows": 4, "n_classes": 2, "noise": 0.1, "seed": 1}),
    "spirals": lambda: (nn.spirals, {"n_rows": 4, "n_classes": 2, "noise": 0.1, "turns": 1.0, "seed": 1}),
    "xor": lambda: (nn.xor, {"n_rows": 4, "noise": 0.1, "seed": 1}),
    **{name: lambda name=name: (getattr(nn, name), {"scaled": False}) for name in tables.__all__},
    "location_windows": lambda: (nn.location_windows, {"size": 1, "every_word": False, "least_count": 2,
                                                       "test_share": 0.5, "seed": 1}),
    "LocationWindows.windows": lambda: (nn.location_windows().windows, {"text": "We sailed to Lisbon."}),
    "Diagram.save_as": lambda: (viz.draw_graph(Value(1.0)).save_as, {"path": "graph.svg"}),
    "draw_graph": lambda: (viz.draw_graph, {"value": Value(1.0), "expand": False, "derivatives": False,
                                            "fold": "nothing", "opened": [], "direction": "LR", "budget": 100,
                                            "precision": 4}),
    "draw_dot": lambda: (viz.draw_dot, {"root": Value(1.0), "format": "svg", "rankdir": "LR", "expand": False,
                                        "derivatives": False, "fold": "nothing", "opened": [], "budget": 100,
                                        "precision": 4}),
    "explore": lambda: (viz.explore, {"value": Value(1.0), "start": 0, "hidden": [], "locked": False, "title": None,
                                      "expand": False, "budget": 100}),
    "practice": lambda: (viz.practice, {"level": 1, "seed": 0}),
    "Practice.save": lambda: (viz.practice(seed=0).save, {"path": "practice.html"}),
    "Practice.sheet": lambda: (viz.practice(seed=0).sheet, {"path": "sheet.html", "questions": 1, "key": False}),
    "Question.judge": lambda: (next(viz.practice(seed=0)).judge, {"answer": "1"}),
    "Explorer.save": lambda: (viz.explore(Value(1.0)).save, {"path": "explorer.html"}),
    "plot_decision_boundary": lambda: (viz.plot_decision_boundary, {
        "predict": lambda x: x[0], "X": X, "y": Y, "ax": None, "resolution": 2, "threshold": 0.0, "classes": None,
        "labels": None, "title": None, "equal": None, "colorbar": False}),
    "plot_confusion": lambda: (viz.plot_confusion, {
        "y": Y, "predicted": Y, "X": None, "ax": None, "classes": None, "labels": None, "title": None}),
    "draw_network": lambda: (viz.draw_network, {"model": model(), "x": None, "most": 20, "precision": 2}),
    "plot_activation": lambda: (viz.plot_activation, {
        "activation": "relu", "low": -1.0, "high": 1.0, "ax": None, "title": None}),
    "plot_activations": lambda: (viz.plot_activations, {"activations": ["relu"], "low": -1.0, "high": 1.0,
                                                        "axes": None}),
    "plot_histograms": lambda: (viz.plot_histograms, {"of": model(), "X": X, "what": "activation", "axes": None}),
    "plot_loss_landscape": lambda: (viz.plot_loss_landscape, {
        "loss": lambda x: x[0] ** 2 + x[1], "X": None, "y": None, "center": [0.0, 0.0], "directions": 2, "path": None,
        "span": 1.0, "resolution": 3, "seed": 1, "ax": None, "title": None}),
    "plot_weight_paths": lambda: (viz.plot_weight_paths, {
        "runs": {0.1: [1.0], 0.2: [0.5]}, "most": 1, "ax": None, "title": None}),
    "plot_gradient_flow": lambda: (viz.plot_gradient_flow, {
        "history": {"layer 1": {"gradient_mean": [1.0]}}, "what": "gradient_mean", "ax": None, "title": None}),
    "plot_neurons": lambda: (viz.plot_neurons, {
        "model": model(), "X": X, "layer": 1, "resolution": 2, "most": 1, "axes": None}),
    "plot_weights": lambda: (viz.plot_weights, {
        "model": nn.Layer(3, 1), "shape": (1, 3), "most": 2, "same_scale": False, "axes": None}),
    "plot_history": lambda: (viz.plot_history, {"history": {"loss": [1.0]}, "ax": None, "title": None}),
    "replay": lambda: (viz.replay, {"history": recorded(), "frames": 2}),
    "Replay.save": lambda: (viz.replay(recorded()).save, {"path": "run.html", "seconds": 1.0}),
    "render": lambda: (viz.render, {"source": "digraph {}", "format": "svg", "layout": "dot"}),
    "save_figure": lambda: (viz.save_figure, {"plot": viz.plot_history({"loss": [1.0]}), "path": "plot.png"}),
}  # fmt: skip

WRONG = {
    "a list": [1.0, "two"],
    "an empty list": [],
    "text": "text",
    "None": None,
    "a model": nn.Layer(3, 2, seed=1),
    "a negative size": -3,
    "nan": math.nan,
    "True": True,
    "a huge int": 10**400,
    "a huge float": 1e308,
    "a complex number": 1j,
    "a type": object,
    "a dict": {"a": 1},
    "a Value": Value(0.5),
}
NUMBERS = {"a negative size", "nan", "True", "a huge int", "a huge float", "a Value"}

BLEW_UP = "try a smaller learning rate"  # which is said of numbers that are right, but too large

# What is not wrong there.
RIGHT = {
    ("MLP", "seed"): {"None", "a negative size", "a huge int"},
    ("MLP", "normalization"): {"None"},
    ("MLP", "residual"): {"True"},
    ("Activation()", "x"): {"an empty list"},
    ("Embedding()", "x"): {"True", "an empty list"},
    ("PReLU", "slope"): {"a negative size", "a huge float"},
    ("LayerNorm", "epsilon"): {"a huge float"},
    ("Embedding", "seed"): {"None", "a negative size", "a huge int"},
    ("Layer", "seed"): {"None", "a negative size", "a huge int"},
    ("Standardizer", "n_inputs"): {"None"},
    ("MinMaxScaler", "n_inputs"): {"None"},
    ("MinMaxScaler", "low"): {"a negative size"},
    ("MinMaxScaler", "high"): {"a huge float"},
    ("Neuron", "seed"): {"None", "a negative size", "a huge int"},
    ("Constant", "value"): {"a negative size", "a huge float"},
    ("Uniform", "low"): {"a negative size"},
    ("Uniform", "high"): {"a huge float"},
    ("Normal", "deviation"): {"a huge float"},
    **{
        (name, "rate"): {"a huge float"} for name in ("StepDecay", "ExponentialDecay", "CosineDecay", "ReduceOnPlateau")
    },
    **{(name, "factor"): {"a huge float"} for name in ("StepDecay", "ExponentialDecay")},
    ("CosineDecay", "final"): {"a huge float"},
    ("WarmUp", "schedule"): {"a huge float"},
    ("WarmUp", "start"): {"None", "a huge float"},
    ("ReduceOnPlateau.observe", "loss"): {"a negative size", "a huge float"},
    ("MLP.batch", "X"): {"an empty list"},
    ("MLP.train", "mode"): {"True"},
    ("MLP.save", "path"): {"text"},
    ("MLP.load", "path"): {"text"},
    ("load", "path"): {"text"},
    ("export", "model"): {"a model"},
    ("export", "path"): {"text"},
    ("export", "format"): {"None"},
    ("Optimizer", "learning_rate"): {"a huge float"},
    ("SGD", "learning_rate"): {"a huge float"},
    ("SGD", "nesterov"): {"True"},
    ("RMSProp", "learning_rate"): {"a huge float"},
    ("RMSProp", "epsilon"): {"a huge float"},
    ("AdamW", "learning_rate"): {"a huge float"},
    ("AdamW", "epsilon"): {"a huge float"},
    ("AdamW", "weight_decay"): {"a huge float"},
    ("Adam", "learning_rate"): {"a huge float"},
    ("Adam", "epsilon"): {"a huge float"},
    ("TrainingState", "parameters"): {"an empty list"},
    ("TrainingState", "memories"): {"an empty list"},
    ("TrainingState", "schedule"): {"an empty list"},
    ("TrainingState", "statistics"): {"an empty list"},
    ("BatchNorm", "epsilon"): {"a huge float"},
    ("Dropout", "seed"): {"None", "a negative size", "a huge int"},
    ("TrainingState", "random"): {"None"},
    **{
        (name, argument): {"None"}
        for name in ("accuracy", "predict", "evaluate", "loss_of", "fit")
        for argument in ("loss", "classes", "batch_size")
    },
    ("evaluate", "metrics"): {"an empty list", "None"},
    ("fit", "y"): {"a list"},
    ("fit", "learning_rate"): {"None", "a huge float"},
    ("fit", "l1"): {"a huge float"},
    ("fit", "l2"): {"a huge float"},
    ("fit", "validation"): {"None"},
    ("fit", "patience"): {"None"},
    ("fit", "min_delta"): {"a huge float"},
    ("fit", "metrics"): {"an empty list", "None"},
    ("fit", "callbacks"): {"an empty list", "None"},
    ("fit", "checkpoint"): {"None", "text"},
    ("fit", "record"): {"True"},
    **{
        (name, how): {"None", "a huge float"}
        for name in ("fit", "clip_gradients")
        for how in ("clip_norm", "clip_value")
    },
    ("fit", "seed"): {"None", "a negative size", "a huge int"},
    ("fit", "progress"): {"True"},
    ("hinge", "score"): NUMBERS,
    ("binary_cross_entropy", "logit"): NUMBERS,
    ("mean_squared_error", "prediction"): NUMBERS,
    ("mean_squared_error", "target"): NUMBERS,
    ("binary_cross_entropy", "label"): {"True"},
    ("binary_cross_entropy_from_probabilities", "probability"): {"nan", "True", "a Value"},
    ("binary_cross_entropy_from_probabilities", "label"): {"True"},
    **{(name, "noise"): {"a huge float"} for name in plane.__all__},
    **{(name, "scaled"): {"True"} for name in tables.__all__},
    ("location_windows", "every_word"): {"True"},
    ("LocationWindows.windows", "text"): {"text"},
    ("summary", "model"): {"a model"},
    ("Layer", "nonlin"): {"True"},
    ("Neuron", "nonlin"): {"True"},
    ("Layer", "bias"): {"True"},
    ("Neuron", "bias"): {"True"},
    ("draw_dot", "root"): {"a Value"},
    ("draw_dot", "expand"): {"True"},
    ("draw_dot", "derivatives"): {"True"},
    ("draw_dot", "fold"): {"None"},
    ("draw_dot", "opened"): {"an empty list"},
    ("draw_dot", "rankdir"): {"None"},
    ("draw_graph", "value"): {"a Value"},
    ("draw_graph", "fold"): {"None"},
    ("draw_graph", "opened"): {"an empty list"},
    ("draw_graph", "direction"): {"None"},
    ("draw_graph", "expand"): {"True"},
    ("draw_graph", "derivatives"): {"True"},
    ("practice", "seed"): {"None", "a negative size"},
    ("Practice.sheet", "key"): {"True"},
    ("Question.judge", "answer"): {"text", *NUMBERS} - {"True", "a Value"},
    ("explore", "value"): {"a Value"},
    ("explore", "hidden"): {"an empty list"},
    ("explore", "locked"): {"True"},
    ("explore", "title"): {"None", "text"},
    ("explore", "expand"): {"True"},
    ("plot_decision_boundary", "y"): {"a list"},
    ("plot_decision_boundary", "ax"): {"None"},
    ("plot_decision_boundary", "threshold"): {"None", "a negative size", "a huge float"},
    ("plot_decision_boundary", "equal"): {"None", "True"},
    ("plot_decision_boundary", "colorbar"): {"True"},
    ("plot_decision_boundary", "classes"): {"None"},
    ("plot_decision_boundary", "labels"): {"None", "a list"},
    ("plot_decision_boundary", "title"): {"None", "text"},
    ("plot_confusion", "y"): {"a list"},
    ("plot_confusion", "predicted"): {"a list"},
    ("plot_confusion", "labels"): {"None", "a list"},
    **{("plot_confusion", name): {"None"} for name in ("X", "ax", "classes")},
    **{
        (name, "title"): {"None", "text"}
        for name in (
            "plot_activation",
            "plot_confusion",
            "plot_gradient_flow",
            "plot_history",
            "plot_loss_landscape",
            "plot_weight_paths",
        )
    },
    **{(name, "axes"): {"None"} for name in ("plot_activations", "plot_histograms", "plot_neurons", "plot_weights")},
    **{("plot_loss_landscape", name): {"None"} for name in ("X", "y", "directions", "path", "ax")},
    ("plot_loss_landscape", "span"): {"None"},
    ("plot_weight_paths", "ax"): {"None"},
    ("draw_network", "model"): {"a model"},
    ("draw_network", "x"): {"None"},
    **{(name, "low"): {"a negative size"} for name in ("plot_activation", "plot_activations")},
    ("plot_activation", "ax"): {"None"},
    ("plot_activations", "activations"): {"None"},
    ("plot_gradient_flow", "ax"): {"None"},
    ("plot_weights", "model"): {"a model"},
    ("plot_weights", "same_scale"): {"True"},
    ("plot_history", "ax"): {"None"},
}


def outcome(name, argument, wrong):
    """What a call with something wrong in the place of an argument raises; None if it raises nothing."""
    function, arguments = CALLS[name]()
    try:
        function(**{**arguments, argument: wrong})
    except Exception as error:
        return None if BLEW_UP in str(error) else error
    finally:
        pyplot.close("all")
    return None


@pytest.mark.parametrize("name", CALLS)
def test_what_is_wrong_is_refused_by_us_in_words_that_repeat_it(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model().save("saved.json")
    model().save("text")
    function, arguments = CALLS[name]()
    assert [p.name for p in inspect.signature(function).parameters.values() if p.kind != p.VAR_POSITIONAL] == [
        *arguments
    ]
    function(**arguments)
    for argument in arguments:
        accepted = set()
        for what, wrong in WRONG.items():
            error = outcome(name, argument, wrong)
            if error is None:
                accepted.add(what)
                continue
            case = f"{name}({argument}={shown(wrong)}) raises {type(error).__name__}: {error}"
            assert isinstance(error, TypeError | ValueError), case
            assert traceback.extract_tb(error.__traceback__)[-1].filename.startswith(OURS), f"{case}, which is not ours"
            repeated = [wrong, *wrong] if isinstance(wrong, list | dict) else [wrong]
            of_length = isinstance(wrong, list) and argument in str(error)
            assert of_length or any(shown(part) in str(error) for part in repeated), case
        assert accepted == RIGHT.get((name, argument), set()), f"{name} takes these as {argument}"


ELSEWHERE = {
    "Module",  # takes nothing
    "Diagram",  # takes what graphviz.Digraph does
    "History",  # is a dict
    "Replay",  # is what replay gives
    "Softmax",  # takes nothing
    "Sequential",  # takes parts one by one; tests/nn/test_parts.py has what it refuses
    "Residual",  # likewise
    "Buffer",  # is a Value
    "Parameter",  # likewise
    "Dataset",  # is what a data set gives
    "LocationWindows",  # likewise
}
OTHERS_OWN = {"rule", "check_sizes", "n_outputs_for", "weighted_sums", "activate"}  # called by the code of this project


def public_functions(module):
    for name in module.__all__:
        item = getattr(module, name)
        if name in ELSEWHERE or not (inspect.isclass(item) or inspect.isfunction(item)):
            continue
        yield name, item
        if inspect.isclass(item):
            for method, function in inspect.getmembers(item, callable):
                inner = getattr(function, "__func__", function)
                if method[0] != "_" and method not in OTHERS_OWN and len(inspect.signature(inner).parameters) > 1:
                    yield f"{name}.{method}", inner


def test_everything_public_is_tried():
    tried = [CALLS[name]()[0] for name in CALLS]
    tried = {getattr(function, "__func__", function) for function in tried}
    found = [*public_functions(nn), *public_functions(viz)]
    assert len(found) > 20
    assert [name for name, function in found if function not in tried] == []


def test_what_is_given_is_repeated_on_one_line_and_in_short():
    assert shown([1.0, "two"]) == "[1.0, 'two']"
    assert len(shown("x" * 1000)) < 110
    assert shown(10**5000) == "a int that has no repr"
    assert "\n" not in shown(WRONG)
