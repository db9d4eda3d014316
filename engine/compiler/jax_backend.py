"""The JAX backend: the emitted text, compiled by XLA for whatever JAX runs on. Needs the extra ``jax``."""

from collections.abc import Callable, Sequence
from typing import Any

from engine.compiler.emit import emit
from engine.compiler.program import Family, VectorProgram

__all__ = ["build"]


def build(program: VectorProgram, targets: Sequence[Family]) -> tuple[str, Callable[..., Any], Callable[..., Any]]:
    """(source, value, value_and_grad) of a program; see `emit.Emitted`. Each is compiled anew for every batch size.

    Raises:
        ImportError: JAX is not installed.
    """
    try:
        import jax
        import jax.numpy as jnp
    except ImportError:
        raise ImportError("the jax backend needs JAX: pip install 'chalkgrad[jax]'") from None

    emitted = emit(program, targets, in_place=False)
    names: dict[str, Any] = {
        "absolute": jnp.absolute,
        "broadcast_to": jnp.broadcast_to,
        "concatenate": jnp.concatenate,
        "cos": jnp.cos,
        "equal": lambda a, b: jnp.equal(a, b).astype(float),
        "exp": jnp.exp,
        "expm1": jnp.expm1,
        "inf": jnp.inf,
        "log": jnp.log,
        "log1p": jnp.log1p,
        "maximum": jnp.maximum,
        "minimum": jnp.minimum,
        "nan": jnp.nan,
        "normal_cdf": jax.scipy.special.ndtr,
        "power": jnp.float_power,
        "select": jnp.where,
        "sigmoid": jax.nn.sigmoid,
        "sin": jnp.sin,
        "sqrt": jnp.sqrt,
        "step": lambda x: jnp.heaviside(x, 0.0),
        "tanh": jnp.tanh,
        "zeros": jnp.zeros,
    }
    with jax.enable_x64(True):
        names |= {name: jnp.array(table) for name, table in emitted.tables.items()}
        exec(compile(emitted.source, "<compiled to JAX>", "exec"), names)
    return emitted.source, _in_float64(jax, names["value"]), _in_float64(jax, names["value_and_grad"])


def _in_float64(jax: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    compiled = jax.jit(function)

    def run(*arguments: Any) -> Any:
        with jax.enable_x64(True):  # for this call alone: what else runs on JAX keeps its own precision
            return compiled(*arguments)

    return run
