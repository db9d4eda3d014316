"""The JAX backend: the emitted text, compiled by XLA for whatever JAX runs on. Needs the extra ``jax``.

Where JAX sees several devices, the examples of a batch are shared out among them: each computes the gradient of
its own, and XLA adds these up. The parameters are on every device, and so is all that a program gives. The devices
may be those of several hosts, which all run the same Python code on the same data, after `jax.distributed.initialize`.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, lru_cache
from math import gcd
from types import SimpleNamespace
from typing import Any

import numpy as np

from engine import functions
from engine.algebra import NUMPY_NAMES, SCIPY_NAMES, found
from engine.compiler.backends.backend import Backend, Function
from engine.compiler.backends.emit import emit
from engine.compiler.backends.expression import namespace
from engine.compiler.backends.trainer import ArrayTrainer, Descent, outputs_of
from engine.compiler.kept import key_of
from engine.compiler.nests.nest import Procedure
from engine.compiler.tape.record import record_tape

__all__ = ["JaxBackend"]

EPOCHS_AT_A_TIME = 1024  # what is compiled has room for so many
NUMBERS_AT_A_TIME = 2**20  # or for fewer, if their orders would take up more than this
MOST_RUNS = 8  # that are kept of a program, those that were wanted last


class JaxBackend(Backend):
    """Procedures as XLA compiles them: anew for every batch size.

    Raises:
        ImportError: JAX is not installed.
    """

    def __init__(self) -> None:
        try:
            import jax
        except ImportError:
            raise ImportError("the jax backend needs JAX: pip install jax") from None
        self._jax = jax
        self._runs: dict[Hashable, Any] = {}

    def function(self, procedure: Procedure) -> "JaxFunction":
        return JaxFunction(self._jax, procedure)

    def trainer(self, procedure: Procedure, descent: Descent) -> "JaxTrainer":
        return JaxTrainer(procedure, self._jax, descent, self._run_of)

    def _run_of(self, procedure: Procedure, descent: Descent, does: Hashable, room: int) -> Any:
        """What carries epochs out, compiled when it is first called: the same one for descents that do the same."""
        settings = descent.batch_size, len(descent.inputs), descent.n_statistics, descent.tells_size
        key = procedure, does, settings, room
        run = self._runs.pop(key, None) or _compiled_run(self._jax, procedure, self.function(procedure), descent, room)
        if does is not None:
            self._runs[key] = run  # as the last one
            for oldest in [*self._runs][:-MOST_RUNS]:
                self._runs.pop(oldest, None)
        return run


class JaxFunction(Function):
    """A procedure as XLA compiles it.

    Attributes:
        traced: what is compiled.
        compiled: what it becomes, with its results on every device.
    """

    def __init__(self, jax: Any, procedure: Procedure) -> None:
        emitted = emit(procedure, in_place=False)
        with jax.enable_x64(True):
            given = {name: jax.numpy.array(table) for name, table in emitted.tables.items()}
            given |= {name: jax.numpy.array(_table(turns)) for name, turns in emitted.turns.items()}
            given |= {"fori_loop": jax.lax.fori_loop, "switch": jax.lax.switch}
            given |= {name: getattr(jax.numpy, name) for name in ("broadcast_to", "concatenate", "inf", "nan", "zeros")}
            names = namespace(emitted.source, Algebra(jax), given)
            exec(compile(emitted.source, "<compiled to JAX>", "exec"), names)
        self.source = emitted.source
        self.traced: Callable[..., Sequence[Any]] = names[procedure.name]
        self._jax = jax
        self._is_shared = [family.shared for family in procedure.arguments]
        self._per_example = procedure.per_example
        self.compiled = jax.jit(self._everywhere)

    def __call__(self, *arrays: Any) -> Sequence[Any]:
        with self._jax.enable_x64(True):  # for this call alone: what else runs on JAX keeps its own precision
            return self.compiled(*self.placed(*arrays))

    def for_each(self, *arrays: Any) -> Sequence[Any]:
        *others, many = arrays
        *placed, _ = self.placed(*others, many[0])
        with self._jax.enable_x64(True):
            return self._mapped(*placed, many)

    @cached_property
    def _mapped(self) -> Any:
        only_the_last = (*[None] * (len(self._is_shared) - 1), 0)
        return self._jax.jit(self._jax.vmap(self.traced, in_axes=only_the_last))

    def placed(self, *arrays: Any) -> Sequence[Any]:
        """The arguments on their devices: each has all that is shared, and its share of what each example has."""
        everywhere, shared_out = _shardings(self._jax, self._batch(arrays))
        if everywhere.num_devices == 1:
            return arrays  # which is where they go by themselves
        return self._jax.device_put(arrays, tuple(everywhere if shared else shared_out for shared in self._is_shared))

    def _everywhere(self, *arrays: Any) -> Any:
        everywhere, _ = _shardings(self._jax, self._batch(arrays))
        return self._jax.lax.with_sharding_constraint(self.traced(*arrays), everywhere)

    def _batch(self, arrays: Sequence[Any]) -> int:
        return 1 if self._per_example is None else arrays[self._per_example].shape[1]


def _table(turns: Sequence[Any]) -> Any:
    """Turns as rows of a table: which kind, and then all that is touched."""
    flat = [np.hstack([kind, *rows]) for kind, rows in turns]
    table = np.zeros((len(flat), max(map(len, flat))), dtype=np.int32)
    for row, numbers in zip(table, flat, strict=True):
        row[: len(numbers)] = numbers
    return table


class JaxTrainer(ArrayTrainer):
    """Epochs and their batches as loops of XLA's, compiled as a whole.

    Args:
        procedure, descent: as for `ArrayTrainer`.
        run_of: (procedure, descent, what its rule and its clip do, how many epochs at most) -> what carries them out.
    """

    def __init__(self, procedure: Procedure, jax: Any, descent: Descent, run_of: Callable[..., Any]) -> None:
        super().__init__(procedure, descent)
        self._jax = jax
        self._descent = descent
        self._recipe = _Recipe(_what_is_done(descent))
        # Hosts that look at clocks of their own may ask for epochs in other portions, but have to make the same calls.
        at_most = EPOCHS_AT_A_TIME if jax.process_count() == 1 and not self.n_noise else 1
        self._room = max(1, min(at_most, NUMBERS_AT_A_TIME // self.n_examples))
        self._everywhere, _ = _shardings(jax, descent.batch_size)
        self._is_begun = False
        with jax.enable_x64(True):
            rows = [np.array(x.T, order="C") for x in descent.inputs]  # a batch of these is quick to gather
            self._inputs = jax.device_put(rows, self._everywhere)
            self._run = run_of(procedure, descent, self._recipe.does, self._room)

    def _run_epochs(
        self, theta: Any, memories: Any, count: int, orders: Any, rates: Sequence[float], noise: Any
    ) -> Any:
        found = [np.zeros((0, self.n_outputs))]
        with self._jax.enable_x64(True), self._recipe.of(self._descent) as recipe:
            state = self._placed(theta, memories, count)
            for first in range(0, len(rates), self._room):
                some = np.asarray(rates[first : first + self._room], dtype=float)
                room = np.zeros((self._room, 1 if orders is None else self.n_examples), dtype=np.int32)
                if orders is not None:
                    room[: len(some)] = orders[first : first + self._room]
                padded = np.pad(some, (0, self._room - len(some)))
                if noise is not None:
                    self._inputs[-1] = self._on_every_device(noise[first])
                is_shuffled = orders is not None
                state, means = self._run(
                    state, self._inputs, room, padded, len(some), shuffled=is_shuffled, recipe=recipe
                )
                found.append(np.asarray(means)[: len(some)])
                bad = np.flatnonzero(~np.isfinite(found[-1][:, 0]))
                if len(bad):
                    found[-1] = found[-1][: bad[0] + 1]
                    break
            theta, memory, count = self._jax.tree.map(np.asarray, state)
        return theta[:, 0], np.reshape(memory, memories.shape), count, np.concatenate(found)

    def _placed(self, theta: Any, memories: Any, count: int) -> Any:
        """(theta, memory, count) on every device, as the steps take them."""
        state = theta[:, None], tuple(memories[:, :, None]), np.array(count)
        return self._on_every_device(state)

    def _on_every_device(self, arrays: Any) -> Any:
        if self._jax.process_count() > 1 and self._is_begun:  # device_put asks all hosts, which may not all come here
            put = self._jax.make_array_from_callback
            return self._jax.tree.map(lambda x: put(x.shape, self._everywhere, x.__getitem__), arrays)
        self._is_begun = True
        return self._jax.device_put(arrays, self._everywhere)


class _Recipe:
    """How steps are taken: what decides, beside the shapes of arrays, whether what was compiled can be used again.

    It is equal to another one that does the same. What is compiled is kept with the first of these, so it has the rule
    only meanwhile: the rule knows the optimizer, and that the model.

    Args:
        does: what the rule and the clip do; None if that is not known, so that nothing is equal to it.
    """

    rule: Any = None
    clip: Any = None

    def __init__(self, does: Hashable) -> None:
        self.does = does

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, _Recipe) and self.does is not None and self.does == other.does)

    def __hash__(self) -> int:
        return hash(self.does)

    @contextmanager
    def of(self, descent: Descent) -> Iterator["_Recipe"]:
        self.rule, self.clip = descent.rule, descent.clip
        try:
            yield self
        finally:
            self.rule = self.clip = None


def _what_is_done(descent: Descent) -> Hashable:
    """What the rule and the clip do, number by number; None where they do not do it on symbols."""

    def step(parameter: Any, gradient: Any, rate: Any, count: Any, norm: Any, *memory: Any) -> list[Any]:
        clipped = [descent.clip(functions, gradient, norm)] if descent.clip else []
        after, remembered = descent.rule(functions, parameter, gradient, memory, rate, count)
        return [after, *remembered, *clipped]

    try:
        tape, _ = record_tape(step, [()] * (5 + descent.n_memories), [])
    except Exception:  # of whatever kind: on symbols a rule of the user's may do anything
        return None
    return key_of(tape, descent.n_memories, bool(descent.clip))


def _compiled_run(jax: Any, procedure: Procedure, function: JaxFunction, descent: Descent, room: int) -> Any:
    """(state, inputs, orders, rates, n_epochs) -> (state after them, means of each epoch), as XLA compiles it.

    It knows nothing of the data, or of the model, and is kept when these are gone.
    """
    jnp, lax = jax.numpy, jax.lax
    value_and_grad, batch_size, tells_size = function.traced, descent.batch_size, descent.tells_size
    n_outputs = len(outputs_of(procedure, descent.n_statistics))
    end = procedure.arguments[0].rows - tells_size
    n_parameters = end - descent.n_statistics
    are_shared = [family.shared for family in procedure.arguments[1 + len(descent.inputs) :]]
    algebra = Algebra(jax)
    everywhere, shared_out = _shardings(jax, batch_size)

    def run(state: Any, inputs: Any, orders: Any, rates: Any, n_epochs: Any, *, shuffled: bool, recipe: _Recipe) -> Any:
        n = len(inputs[0])
        whole, rest = n // batch_size, n % batch_size

        def step(carried: Any, start: Any, size: int, order: Any, rate: Any) -> Any:
            before, is_fine, sums = carried
            theta, memory, count = before
            if shuffled:
                examples = lax.dynamic_slice_in_dim(order, start, size)
                batch = [x[examples].T for x in inputs]
            else:
                batch = [lax.dynamic_slice_in_dim(x, start, size).T for x in inputs]
            if size % shared_out.num_devices == 0:
                batch = lax.with_sharding_constraint(batch, shared_out)
            counts = [jnp.full((1, n), 1.0 / n) for n in (1 if shared else size for shared in are_shared)]
            if tells_size:
                theta = theta.at[-1].set(size)
            *outputs, gradient = value_and_grad(theta, *batch, *counts)
            means = jnp.stack([output.mean() for output in outputs[:n_outputs]])
            goes_on = is_fine & jnp.isfinite(means[0])
            gradient = gradient[:n_parameters]
            if recipe.clip:
                gradient = recipe.clip(algebra, gradient, _norm(jnp, gradient))
            parameters, memory = recipe.rule(algebra, theta[:n_parameters], gradient, memory, rate, count + 1)
            statistics = [x.mean(axis=1, keepdims=True) for x in outputs[n_outputs:]]
            after = jnp.concatenate([parameters, *statistics, theta[end:]]), memory, count + 1
            kept = jax.tree.map(lambda new, old: jnp.where(goes_on, new, old), after, before)
            last = jnp.where(is_fine, means * n, sums)  # the first bad step's, from then on
            return kept, goes_on, jnp.where(goes_on, sums + means * size, last)

        def epoch(e: Any, carried: Any) -> Any:
            state, is_fine, found = carried
            order, rate = orders[e], rates[e]
            state = state, is_fine, jnp.zeros(n_outputs)
            if whole == 1:
                state = step(state, 0, batch_size, order, rate)
            elif whole:
                state = lax.fori_loop(
                    0, whole, lambda i, state: step(state, i * batch_size, batch_size, order, rate), state
                )
            if rest:
                state = step(state, whole * batch_size, rest, order, rate)
            state, is_fine, sums = state
            return state, is_fine, found.at[e].set(sums / n)

        state, _, found = lax.fori_loop(0, n_epochs, epoch, (state, jnp.bool_(True), jnp.zeros((room, n_outputs))))
        return state, found

    return jax.jit(run, static_argnames=("shuffled", "recipe"), out_shardings=everywhere)


def _mesh(jax: Any, batch: int) -> Any:
    """As many devices as can have equal parts of a batch, and as many on each host.

    If hosts cannot have equal parts, each computes all of it on its own devices.
    """
    devices = sorted(jax.devices(), key=lambda device: (device.process_index, device.id))
    if gcd(batch, len(devices)) % jax.process_count():
        devices = jax.local_devices()
    n = gcd(batch, len(devices))
    return jax.sharding.Mesh(np.array(devices[:: len(devices) // n]), "batch")


@lru_cache
def _shardings(jax: Any, batch: int) -> tuple[Any, Any]:
    """Where arrays are: as a whole on every device, or their columns shared out among the devices."""
    mesh, spec = _mesh(jax, batch), jax.sharding.PartitionSpec
    return jax.sharding.NamedSharding(mesh, spec()), jax.sharding.NamedSharding(mesh, spec(None, "batch"))


class Algebra(SimpleNamespace):
    """The functions that the emitted text, and an optimizer's rule, call by name: what is not here is jax.numpy's."""

    def __init__(self, jax: Any) -> None:
        jnp = jax.numpy
        super().__init__(
            absolute=jnp.absolute,
            ceil=jnp.ceil,
            div=jnp.divide,
            equal=lambda a, b: jnp.where(jnp.equal(a, b), 1.0, 0.0),  # as XLA takes 0.0 of a bool times inf for 0
            floor=jnp.floor,
            floor_divide=lambda a, b: _signed(jnp, jnp.floor_divide(a, b), a / b),
            maximum=jnp.maximum,
            minimum=jnp.minimum,
            mod=lambda a, b: _signed(jnp, jnp.mod(a, b), b),
            normal_cdf=jax.scipy.special.ndtr,
            power=jnp.float_power,
            rint=jnp.rint,
            select=jnp.where,
            sigmoid=jax.nn.sigmoid,
            step=lambda x: jnp.where(x > 0, 1.0, jnp.where(x <= 0, 0.0, x)),  # jnp.heaviside is slower
        )

        self._jax = jax

    def __getattr__(self, name: str) -> Any:
        return found(name, self, self._library)

    def _library(self, name: str) -> Any:
        if name in NUMPY_NAMES:
            return getattr(self._jax.numpy, NUMPY_NAMES[name])
        return getattr(self._jax.scipy.special, SCIPY_NAMES[name])


def _signed(jnp: Any, x: Any, sign: Any) -> Any:
    """Numbers whose zeros have the sign that they have on floats, which divided by are inf or -inf."""
    return jnp.where(x == 0.0, jnp.copysign(0.0, sign), x)


def _norm(jnp: Any, gradient: Any) -> Any:
    """The root of the sum of the squares, none of which is beyond the floats."""
    peak = jnp.abs(gradient).max()
    scale = jnp.where((peak > 0) & jnp.isfinite(peak), peak, 1.0)
    return scale * jnp.linalg.norm(gradient / scale)
