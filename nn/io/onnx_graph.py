"""The format of ONNX: the steps of a model as a graph of its operators."""

from collections.abc import Mapping
from dataclasses import replace
from math import sqrt
from typing import Any

from engine.arguments import shown
from nn.io.steps import Step

__all__ = ["onnx_model"]

OPSET = 17
IR_VERSION = 8  # what goes with that, and what runtimes of today and of some years ago read
DEGREE = 26  # of the polynomial within erfc, which leaves 1e-15


def onnx_model(
    steps: list[Step], n_inputs: int | None, n_outputs: int | None, metadata: Mapping[str, str], dtype: str
) -> bytes:
    """The content of an ONNX file: from the input "x", (batch, n_inputs), to the output "y", (batch, n_outputs).

    Args:
        steps: those of a model.
        n_inputs, n_outputs: how many numbers go in and come out; None for any.
        metadata: texts by name, which the model holds too.
        dtype: "float64" or "float32", of inputs, outputs and everything between.

    Raises:
        ValueError: there is no ONNX for the activation of a step.
        ModuleNotFoundError: onnx is not installed.
    """
    try:
        from onnx import helper
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError('to write ONNX files, install onnx: pip install "chalkgrad[export]"') from error

    graph = _Graph(helper, dtype)
    output = graph.run(steps, "x", "")
    graph.nodes.append(helper.make_node("Identity", [output], ["y"]))
    inputs, outputs = (
        [helper.make_tensor_value_info(name, graph.element, ["batch", n or f"n_{kind}"])]
        for name, kind, n in (("x", "inputs", n_inputs), ("y", "outputs", n_outputs))
    )
    model = helper.make_model(
        helper.make_graph(graph.nodes, "model", inputs, outputs, graph.constants),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="chalkgrad",
    )
    helper.set_model_props(model, dict(metadata))
    return model.SerializeToString()


class _Graph:
    """Nodes and constants as they come: each method adds some, and gives the name of what they compute."""

    def __init__(self, helper: Any, dtype: str) -> None:
        from onnx import TensorProto

        self.helper, self.dtype = helper, dtype
        self.element = {"float64": TensorProto.DOUBLE, "float32": TensorProto.FLOAT}[dtype]
        self.index = TensorProto.INT64
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, numbers: Any, name: str = "", dtype: str = "") -> str:
        import numpy as np
        from onnx import numpy_helper

        name = name or f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.array(numbers, dtype=dtype or self.dtype), name))
        return name

    def node(self, operator: str, *operands: str | float, **attributes: Any) -> str:
        """An operator on what has names, and on plain numbers."""
        names = [operand if isinstance(operand, str) else self.constant(operand) for operand in operands]
        output = f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(self.helper.make_node(operator, names, [output], **attributes))
        return output

    def run(self, steps: list[Step], x: str, within: str) -> str:
        for number, step in enumerate(steps):
            x = self.step(step, x, f"{within}{number}.")
        return x

    def step(self, step: Step, x: str, path: str) -> str:
        if step.kind == "batch_norm":
            step = replace(step, arrays=_with_epsilon(step))
        arrays = {name: self.constant(array, path + name) for name, array in step.arrays.items()}
        match step.kind:
            case "linear":
                return self.node("Gemm", x, *arrays.values(), transB=1)
            case "softmax":
                return self.node("Softmax", x, axis=-1)
            case "prelu":
                return self.node("PRelu", x, arrays["weight"])
            case "batch_norm":
                # an attribute is of single precision, so the variances have their epsilon already
                return self.node("BatchNormalization", x, *arrays.values(), epsilon=0.0)
            case "layer_norm":
                return self.layer_norm(x, step.settings["epsilon"], **arrays)
            case "embedding":
                return self.embedding(x, arrays["weight"], len(step.arrays["weight"]))
            case "flatten":
                return self.node("Flatten", x)
            case "scale":
                scaled = self.node("Div", self.node("Sub", x, arrays["shift"]), arrays["scale"])
                return self.node("Add", scaled, step.settings["low"])
            case "residual":
                before = self.step(step.projection, x, f"{path}projection.") if step.projection else x
                return self.node("Add", before, self.run(step.steps, x, path))
            case "activation":
                return self.activation(step.settings["activation"], x)
        return x  # dropout, which a model in use has none of

    def layer_norm(self, x: str, epsilon: float, weight: str, bias: str) -> str:
        # LayerNormalization has its epsilon, and may have its sums, in single precision
        from_mean = self.node("Sub", x, self.node("ReduceMean", x, axes=[-1], keepdims=1))
        variance = self.node("ReduceMean", self.node("Mul", from_mean, from_mean), axes=[-1], keepdims=1)
        normalized = self.node("Div", from_mean, self.node("Sqrt", self.node("Add", variance, epsilon)))
        return self.node("Add", self.node("Mul", normalized, weight), bias)

    def embedding(self, x: str, weight: str, n_words: int) -> str:
        """The vectors of words. An index of no word becomes one too large: runtimes refuse that, but not -1."""
        index = self.node("Cast", x, to=self.index)
        is_whole = self.node("Equal", self.node("Cast", index, to=self.element), x)
        is_word = self.node("And", is_whole, self.node("Less", self.constant(-1, dtype="int64"), index))
        checked = self.node("Where", is_word, index, self.constant(n_words, dtype="int64"))
        return self.node("Gather", weight, checked)

    def activation(self, name: str, x: str) -> str:
        node = self.node
        match name:
            case "relu" | "tanh" | "sigmoid":
                return node(name.capitalize(), x)
            case "leaky_relu":
                return node("PRelu", x, 0.01)
            case "swish":
                return node("Mul", x, node("Sigmoid", x))
            case "gelu":
                return node("Mul", x, self.normal_cdf(x))
            case "step":
                return node("Cast", node("Less", 0.0, x), to=self.element)
            case "elu":
                below = node("Sub", node("Exp", node("Min", x, 0.0)), 1.0)
                return node("Where", node("Less", 0.0, x), x, below)
            case "softplus":
                small = node("Log", node("Add", node("Exp", node("Neg", node("Abs", x))), 1.0))
                return node("Add", node("Max", x, 0.0), small)
        raise ValueError(
            f"ONNX has no way to say the activation {shown(name)}, an operation of your own: export(model, "
            "'model.safetensors') keeps its name"
        )

    def normal_cdf(self, x: str) -> str:
        """The standard normal distribution function, erfc(-x / sqrt(2)) / 2.

        onnxruntime has Erf in single precision only. So in double precision, erfc(z) = t exp(p(2t - 1) - z**2), with
        t = 2 / (2 + z) and a polynomial p.

        Source:
            Press et al., "Numerical Recipes" (3rd ed., 2007), section 6.2.2.
        """
        node = self.node
        if self.dtype == "float32":
            return node("Mul", node("Add", node("Erf", node("Mul", x, sqrt(0.5))), 1.0), 0.5)
        z = node("Mul", node("Abs", x), sqrt(0.5))
        t = node("Div", 2.0, node("Add", z, 2.0))
        u = node("Unsqueeze", node("Sub", node("Mul", t, 2.0), 1.0), self.constant([-1], dtype="int64"))
        powers = node("Pow", u, self.constant(range(DEGREE + 1)))
        p = node("MatMul", powers, self.constant(_erfc_polynomial()))
        tail = node("Mul", node("Mul", t, 0.5), node("Exp", node("Sub", p, node("Mul", z, z))))
        return node("Where", node("Less", x, 0.0), tail, node("Sub", 1.0, tail))


def _with_epsilon(step: Step) -> dict[str, list[Any]]:
    return {**step.arrays, "running_var": [number + step.settings["epsilon"] for number in step.arrays["running_var"]]}


def _erfc_polynomial() -> Any:
    """The coefficients of p, where erfc(z) = t exp(p(u) - z**2), t = 2 / (2 + z) and u = 2t - 1."""
    import numpy as np
    from scipy.special import erfcx

    chebyshev = np.polynomial.chebyshev
    u = chebyshev.chebpts1(200)
    t = (u + 1) / 2
    return chebyshev.cheb2poly(chebyshev.chebfit(u, np.log(erfcx(2 / t - 2) / t), DEGREE))
