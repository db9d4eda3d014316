"""The layout of PyTorch: the arrays of a model under the names, and of the shapes, that torch.nn has for them."""

from typing import Any

from engine.arguments import shown
from nn.io.steps import Step

__all__ = ["as_torch", "torch_code"]

ACTIVATIONS = {
    "relu": "ReLU()",
    "leaky_relu": "LeakyReLU()",
    "elu": "ELU()",
    "softplus": "Softplus()",
    "swish": "SiLU()",
    "gelu": "GELU()",
    "tanh": "Tanh()",
    "sigmoid": "Sigmoid()",
}


def as_torch(steps: list[Step]) -> list[Step]:
    """The steps, with none that torch.nn does not have: scaled numbers are those of a linear step."""
    return [_linear(step) if step.kind == "scale" else step for step in map(_with_steps_as_torch, steps)]


def _with_steps_as_torch(step: Step) -> Step:
    return Step(step.kind, step.arrays, step.settings, as_torch(step.steps), step.projection)


def _linear(step: Step) -> Step:
    shifts, scales, low = step.arrays["shift"], step.arrays["scale"], step.settings["low"]
    weight = [[1 / scale if i == j else 0.0 for j in range(len(scales))] for i, scale in enumerate(scales)]
    return Step("linear", {"weight": weight, "bias": [low - a / b for a, b in zip(shifts, scales, strict=True)]})


def torch_code(steps: list[Step]) -> str:
    """The code that makes a torch.nn.Sequential of steps, which has the same names for its arrays.

    Raises:
        ValueError: there is no module in torch.nn for one of them.

    Example:
        >>> from nn import MLP
        >>> from nn.io.steps import steps_of
        >>> torch_code(steps_of(MLP(2, [3, 1], "tanh")))
        'Sequential(Linear(2, 3), Tanh(), Linear(3, 1))'
    """
    return f"Sequential({', '.join(map(_code, steps))})"


def _code(step: Step) -> str:
    n, width = _size(step.arrays.get("weight", []))
    match step.kind:
        case "linear":
            return f"Linear({width}, {n}{'' if 'bias' in step.arrays else ', bias=False'})"
        case "embedding":
            return f"Embedding({n}, {width})"
        case "prelu":
            return f"PReLU({n})"
        case "batch_norm":
            return f"BatchNorm1d({n}, eps={step.settings['epsilon']}, momentum={step.settings['momentum']})"
        case "layer_norm":
            return f"LayerNorm({n}, eps={step.settings['epsilon']})"
        case "dropout":
            return f"Dropout({step.settings['p']})"
        case "softmax":
            return "Softmax(dim=-1)"
        case "flatten":
            return "Flatten()"
        case "residual":
            projection = [f"projection={_code(step.projection)}"] if step.projection else []
            return f"Residual({', '.join([*map(_code, step.steps), *projection])})"
        case "activation" if step.settings["activation"] in ACTIVATIONS:
            return ACTIVATIONS[step.settings["activation"]]
    raise ValueError(
        f"torch.nn has no module for the activation {shown(step.settings['activation'])}: choose one of "
        f"{', '.join(ACTIVATIONS)}, or export(model, 'model.safetensors'), which keeps its name"
    )


def _size(weight: list[Any]) -> tuple[int, int]:
    return len(weight), len(weight[0]) if weight and isinstance(weight[0], list) else 0
