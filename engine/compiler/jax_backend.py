"""The JAX backend: the emitted text, compiled by XLA for whatever JAX runs on. Needs the extra ``jax``.

Where JAX sees several devices, the examples of a batch are shared out among them: each computes the gradient of
its own, and XLA adds these up. The parameters are on every device.
"""

from collections.abc import Callable, Sequence
from math import gcd
from types import SimpleNamespace
from typing import Any

import numpy as np

from engine.compiler.backend import Backend, Rule, Training
from engine.compiler.emit import emit
from engine.compiler.program import Family, VectorProgram

__all__ = ["JaxBackend"]

EPOCHS_AT_A_TIME = 1024  # what is compiled has room for so many
NUMBERS_AT_A_TIME = 2**20  # or for fewer, if their orders would take up more than this


class JaxBackend(Backend):
    """A program as XLA compiles it: anew for every batch size.

    Raises:
        ImportError: JAX is not installed.
    """

    def __init__(self, program: VectorProgram, targets: Sequence[Family]) -> None:
        try:
            import jax
        except ImportError:
            raise ImportError("the jax backend needs JAX: pip install 'chalkgrad[jax]'") from None
        emitted = emit(program, targets, in_place=False)
        with jax.enable_x64(True):
            tables = {name: jax.numpy.array(table) for name, table in emitted.tables.items()}
            names = vars(_algebra(jax)) | tables
            exec(compile(emitted.source, "<compiled to JAX>", "exec"), names)
        self.source = emitted.source
        self._jax = jax
        self._traced = names["value_and_grad"]
        self._value = jax.jit(names["value"])
        self._value_and_grad = jax.jit(names["value_and_grad"])

    def value(self, theta: Any, inputs: Sequence[Any]) -> Sequence[Any]:
        with self._jax.enable_x64(True):  # for this call alone: what else runs on JAX keeps its own precision
            everywhere, shared_out = _placements(self._jax, _batch(inputs))
            return self._value(everywhere(theta), *map(shared_out, inputs))

    def value_and_grad(self, theta: Any, inputs: Sequence[Any], seed: Any) -> tuple[Sequence[Any], Sequence[Any]]:
        with self._jax.enable_x64(True):
            everywhere, shared_out = _placements(self._jax, _batch(inputs))
            seed = shared_out(seed) if seed.shape[1] == _batch(inputs) else everywhere(seed)
            return self._value_and_grad(everywhere(theta), *map(shared_out, inputs), seed)

    def training(
        self, theta: Any, inputs: Sequence[Any], rule: Rule, n_memories: int, batch_size: int
    ) -> "JaxTraining":
        return JaxTraining(self._jax, self._traced, theta, inputs, rule, n_memories, batch_size)


class JaxTraining(Training):
    """Epochs and their batches as loops of XLA's, compiled as a whole."""

    def __init__(
        self,
        jax: Any,
        value_and_grad: Callable[..., Any],
        theta: Any,
        inputs: Sequence[Any],
        rule: Rule,
        n_memories: int,
        batch_size: int,
    ) -> None:
        self._jax = jax
        self._n = _batch(inputs)
        room = max(1, min(EPOCHS_AT_A_TIME, NUMBERS_AT_A_TIME // self._n))
        self._room = room
        with jax.enable_x64(True):
            everywhere, _ = _placements(jax, batch_size)
            theta = np.array(theta, dtype=float)[:, None]
            memory = tuple(everywhere(np.zeros_like(theta)) for _ in range(n_memories))
            self._state = everywhere(theta), memory, everywhere(np.int64(0)), everywhere(np.bool_(True))
            self._inputs = [everywhere(np.ascontiguousarray(x)) for x in inputs]
            run = _compiled_run(jax, value_and_grad, rule, batch_size, room)
            self._run = jax.jit(run, static_argnames="shuffled")

    @property
    def theta(self) -> Any:
        return np.asarray(self._state[0])[:, 0]

    @property
    def count(self) -> int:
        return int(self._state[2])

    def run(self, orders: Any, rates: Sequence[float]) -> Any:
        found = []
        with self._jax.enable_x64(True):
            for first in range(0, len(rates), self._room):
                some = np.asarray(rates[first : first + self._room], dtype=float)
                room = np.zeros((self._room, 1 if orders is None else self._n), dtype=np.int64)
                if orders is not None:
                    room[: len(some)] = orders[first : first + self._room]
                padded = np.pad(some, (0, self._room - len(some)))
                self._state, means = self._run(
                    self._state, self._inputs, room, padded, len(some), shuffled=orders is not None
                )
                found.append(np.asarray(means)[: len(some)])
                bad = np.flatnonzero(~np.isfinite(found[-1][:, 0]))
                if len(bad):
                    found[-1] = found[-1][: bad[0] + 1]
                    break
        return np.concatenate(found)


def _compiled_run(jax: Any, value_and_grad: Callable[..., Any], rule: Rule, batch_size: int, room: int) -> Any:
    """(state, inputs, orders, rates, n_epochs) -> (state after them, means of each epoch), for XLA to compile."""
    jnp, lax = jax.numpy, jax.lax
    algebra = _algebra(jax)

    def run(state: Any, inputs: Any, orders: Any, rates: Any, n_epochs: Any, *, shuffled: bool) -> Any:
        n = inputs[0].shape[1]
        whole, rest = n // batch_size, n % batch_size

        def step(state: Any, start: Any, size: int, order: Any, rate: Any) -> Any:
            theta, memory, count, is_finite = state
            batch = inputs
            if shuffled:
                rows = lax.dynamic_slice_in_dim(order, start, size)
                batch = [x[:, rows] for x in inputs]
            elif size < n:
                batch = [lax.dynamic_slice_in_dim(x, start, size, axis=1) for x in inputs]
            shared_out = _constraint(jax, batch_size, size)
            seed = jnp.full((1, size), 1.0 / size)
            outputs, (gradient,) = value_and_grad(theta, *map(shared_out, batch), seed)
            means = jnp.stack([output.mean() for output in outputs])
            is_finite &= jnp.isfinite(means[0])
            before = theta, memory, count
            after = *rule(algebra, theta, gradient, memory, rate, count + 1), count + 1
            kept = jax.tree.map(lambda new, old: jnp.where(is_finite, new, old), after, before)
            return (*kept, is_finite), means * size

        def epoch(e: Any, carried: Any) -> Any:
            state, found = carried
            order = orders[e]
            sums: Any = 0.0
            if whole == 1:
                state, sums = step(state, 0, batch_size, order, rates[e])
            elif whole:
                starts = jnp.arange(whole) * batch_size
                state, each = lax.scan(lambda s, start: step(s, start, batch_size, order, rates[e]), state, starts)
                sums = each.sum(axis=0)
            if rest:
                state, last = step(state, whole * batch_size, rest, order, rates[e])
                sums = sums + last
            return state, found.at[e].set(sums / n)

        n_outputs = len(jax.eval_shape(lambda: step(state, 0, min(n, batch_size), orders[0], rates[0]))[1])
        return lax.fori_loop(0, n_epochs, epoch, (state, jnp.zeros((room, n_outputs))))

    return run


def _batch(inputs: Sequence[Any]) -> int:
    return inputs[0].shape[1] if inputs else 1


def _mesh(jax: Any, batch: int) -> Any:
    """As many devices as can have equal parts of a batch; None if that is one."""
    devices = jax.devices()
    n = gcd(batch, len(devices))
    return jax.sharding.Mesh(np.array(devices[:n]), ("batch",)) if n > 1 else None


def _placements(jax: Any, batch: int) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """How to put an array on every device, and how to share out its columns among them."""
    mesh = _mesh(jax, batch)
    if mesh is None:
        return jax.numpy.asarray, jax.numpy.asarray
    named, spec = jax.sharding.NamedSharding, jax.sharding.PartitionSpec
    return (
        lambda x: jax.device_put(x, named(mesh, spec())),
        lambda x: jax.device_put(x, named(mesh, spec(None, "batch"))),
    )


def _constraint(jax: Any, batch_size: int, size: int) -> Callable[[Any], Any]:
    """What shares out columns within compiled code, among the devices for batches of `batch_size`, if they divide."""
    mesh = _mesh(jax, batch_size)
    if mesh is None or size % mesh.size:
        return lambda x: x
    sharding = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec(None, "batch"))
    return lambda x: jax.lax.with_sharding_constraint(x, sharding)


def _algebra(jax: Any) -> SimpleNamespace:
    """The functions that the emitted text, and an optimizer's rule, call by name."""
    jnp = jax.numpy
    return SimpleNamespace(
        absolute=jnp.absolute,
        broadcast_to=jnp.broadcast_to,
        concatenate=jnp.concatenate,
        cos=jnp.cos,
        equal=lambda a, b: jnp.equal(a, b).astype(float),
        exp=jnp.exp,
        expm1=jnp.expm1,
        inf=jnp.inf,
        log=jnp.log,
        log1p=jnp.log1p,
        maximum=jnp.maximum,
        minimum=jnp.minimum,
        nan=jnp.nan,
        normal_cdf=jax.scipy.special.ndtr,
        power=jnp.float_power,
        select=jnp.where,
        sigmoid=jax.nn.sigmoid,
        sin=jnp.sin,
        sqrt=jnp.sqrt,
        step=lambda x: jnp.heaviside(x, 0.0),
        tanh=jnp.tanh,
        zeros=jnp.zeros,
    )
