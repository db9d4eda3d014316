"""Optimizers: how a gradient changes the parameters.

Each has one rule, in ordinary arithmetic and functions of an algebra, as the rows of `engine.ops` have:
it changes one parameter at a time where code is eager, and all of them at once where it is compiled.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine import Value, ieee
from engine.arguments import check_flag, real_number, shown
from engine.compiler.backends.trainer import TrainingState
from nn.aliases import choose_named
from nn.hints import hinting
from nn.module import Buffer, Parameter

__all__ = ["OPTIMIZERS", "SGD", "Adam", "AdamW", "Optimizer", "RMSProp", "check_parameters", "optimizer_for"]


class Setting:
    """A number that an optimizer is set to, checked whenever it is.

    Args:
        needs: what it must be, in words.
        fits: whether a number is that.
    """

    def __init__(self, needs: str, fits: Callable[[float], bool]) -> None:
        self.needs, self.fits = needs, fits

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, optimizer: Any, owner: type) -> Any:
        return self if optimizer is None else vars(optimizer)[self.name]

    def __set__(self, optimizer: Any, given: Any) -> None:
        vars(optimizer)[self.name] = real_number(self.name, given, self.needs, self.fits)


@hinting
class Optimizer:
    """What all optimizers share: parameters, a learning rate, and steps.

    A subclass has a `rule`, and says in `n_memories` how many numbers it remembers of each parameter.

    Args:
        parameters: what to change: Parameters, or other Values that were not computed from any.
        learning_rate: how far to go; may be set anew before any step.

    Attributes:
        count: how many steps were taken.

    Raises:
        TypeError: it was given something else than a list of Parameters.
        ValueError: there are no parameters, one is there twice or was computed, or a setting is out of range.
    """

    n_memories = 0
    learning_rate = Setting("a number, 0 or more", lambda x: x >= 0)

    def __init__(self, parameters: Iterable[Parameter], learning_rate: float = 0.1) -> None:
        self.parameters = check_parameters(parameters, type(self).__name__)
        self.learning_rate = learning_rate
        self.count = 0
        self._memories = [(0.0,) * self.n_memories] * len(self.parameters)
        self._fitted = TrainingState(())
        self._buffers: list[Buffer] | None = None  # until it is known of which model they are

    @property
    def buffers(self) -> list[Buffer]:
        """The Buffers of the model that the parameters are of, which are part of the `state`: `fit` says which.

        Where a state with statistics was set before, they get these.
        """
        return self._buffers or []

    @buffers.setter
    def buffers(self, buffers: Iterable[Buffer]) -> None:
        known, state = self._buffers is not None, self.state
        self._buffers = [*buffers]
        if state.statistics and not known:
            self.state = state

    @property
    def state(self) -> TrainingState:
        """Where training stands: the parameters, what is remembered of them, and how far `fit` has come.

        Setting it takes training back there, or on, to the last bit, on any backend.

        Example:
            >>> x = Parameter(3.0)
            >>> optimizer = SGD([x], learning_rate=0.1)
            >>> before = optimizer.state
            >>> (x**2).backward()
            >>> optimizer.step()
            >>> optimizer.state = before
            >>> x.data, optimizer.count
            (3.0, 0)
        """
        return replace(
            self._fitted,
            parameters=[parameter.data for parameter in self.parameters],
            memories=tuple(zip(*self._memories, strict=True)),
            statistics=self._fitted.statistics if self._buffers is None else [x.data for x in self._buffers],
            count=self.count,
        )

    @state.setter
    def state(self, state: TrainingState) -> None:
        if not isinstance(state, TrainingState):
            raise TypeError(f"the state of an optimizer is a TrainingState, but was {shown(state)}")
        state.check_sizes(len(self.parameters), self.n_memories, None if self._buffers is None else len(self._buffers))
        for parameter, number in zip(self.parameters, state.parameters, strict=True):
            parameter.data = number
        for buffer, number in zip(self.buffers, state.statistics, strict=False):  # of no buffers it knows none
            buffer.data = number
        self._memories = list(zip(*state.memories, strict=True)) or [()] * len(self.parameters)
        self.count = state.count
        self._fitted = state

    def state_dict(self) -> dict[str, Any]:
        """The `state` but for what is in that of the model: numbers, lists and None, ready for JSON."""
        return {name: entry for name, entry in self.state.as_dict().items() if name not in ("parameters", "statistics")}

    def load_state_dict(self, given: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` gave; parameters and buffers stay as they are.

        Raises:
            TypeError: it is no dict.
            ValueError: it is of other sizes, or an entry is missing, unknown or out of range.
        """
        if not isinstance(given, Mapping):
            raise TypeError(f"the state of an optimizer is a dict, as state_dict gives it, but was {shown(given)}")
        kept = {name: [*getattr(self.state, name)] for name in ("parameters", "statistics")}
        self.state = TrainingState.from_dict({**given, **kept})

    def rule(self, m: Any, parameter: Any, gradient: Any, memory: tuple[Any, ...], rate: Any, count: Any) -> Any:
        """One step of one parameter, or of an array of them, or of the symbols that stand for them.

        Args:
            m: the algebra: what has ``sqrt`` and the other functions for numbers of this kind.
            parameter, gradient: as they are.
            memory: as many numbers as `n_memories`, 0 before the first step.
            rate: the learning rate.
            count: which step this is, from 1.

        Returns:
            (parameter, memory) after the step.
        """
        raise NotImplementedError(f"{type(self).__name__} has no rule by which it changes parameters: write one")

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0."""
        for parameter in self.parameters:
            parameter.grad = 0.0

    def step(self) -> None:
        """Change every parameter once, by the gradient it holds."""
        self.count += 1
        for i, parameter in enumerate(self.parameters):
            parameter.data, self._memories[i] = self.rule(
                ieee, parameter.data, parameter.grad, self._memories[i], self.learning_rate, self.count
            )


@hinting
class SGD(Optimizer):
    """Gradient descent: parameter <- parameter - learning_rate * gradient.

    Stochastic when the gradient is that of a batch drawn from the data.

    Args:
        parameters, learning_rate: as for `Optimizer`.
        momentum: how much of its velocity a parameter keeps, from 0 to below 1: it steps by
            velocity <- momentum * velocity + gradient instead of by the gradient.
        nesterov: whether it looks ahead, and steps by gradient + momentum * velocity.

    Raises:
        TypeError, ValueError: as for `Optimizer`; or it is to look ahead without a momentum.

    Source:
        Sutskever et al., "On the importance of initialization and momentum in deep learning" (2013), in the form that
        PyTorch gives it.

    Example:
        >>> x = Parameter(3.0)
        >>> optimizer = SGD([x], learning_rate=0.1)
        >>> (x**2).backward()
        >>> optimizer.step()
        >>> x.data
        2.4
    """

    def __init__(
        self,
        parameters: Iterable[Parameter],
        learning_rate: float = 0.1,
        momentum: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        self._momentum = real_number("momentum", momentum, "from 0 to below 1", lambda x: 0 <= x < 1)
        check_flag("nesterov", nesterov)
        if nesterov and not self._momentum:
            raise ValueError("nesterov=True looks ahead by a momentum, such as momentum=0.9, but momentum was 0")
        self.nesterov = nesterov
        self.n_memories = 1 if self._momentum else 0
        super().__init__(parameters, learning_rate)

    @property
    def momentum(self) -> float:
        """As it was given; an optimizer that has none remembers no velocity, so that it cannot be changed."""
        return self._momentum

    def rule(self, m: Any, parameter: Any, gradient: Any, memory: tuple[Any, ...], rate: Any, count: Any) -> Any:
        if not memory:
            return parameter - rate * gradient, memory
        velocity = self.momentum * memory[0] + gradient
        step = gradient + self.momentum * velocity if self.nesterov else velocity
        return parameter - rate * step, (velocity,)


@hinting
class RMSProp(Optimizer):
    """Steps of about the learning rate for every parameter, by a running mean of the square of its gradient.

    Args:
        parameters, learning_rate: as for `Optimizer`.
        decay: how much of the running mean is kept, from 0 to below 1.
        epsilon: keeps the division finite; above 0.

    Source:
        Tieleman and Hinton, "Neural networks for machine learning", lecture 6.5 (2012); epsilon is added to the root,
        as in PyTorch, and not under it, as in optax unless told otherwise.

    Example:
        >>> x = Parameter(3.0)
        >>> optimizer = RMSProp([x], learning_rate=0.1, decay=0.75)
        >>> (x**2).backward()
        >>> optimizer.step()
        >>> round(x.data, 6)
        2.8
    """

    n_memories = 1
    decay = Setting("from 0 to below 1", lambda x: 0 <= x < 1)
    epsilon = Setting("a number above 0", lambda x: x > 0)

    def __init__(
        self,
        parameters: Iterable[Parameter],
        learning_rate: float = 0.01,
        decay: float = 0.99,
        epsilon: float = 1e-8,
    ) -> None:
        super().__init__(parameters, learning_rate)
        self.decay, self.epsilon = decay, epsilon

    def rule(self, m: Any, parameter: Any, gradient: Any, memory: tuple[Any, ...], rate: Any, count: Any) -> Any:
        square = self.decay * memory[0] + (1 - self.decay) * gradient * gradient
        return parameter - rate * gradient / (m.sqrt(square) + self.epsilon), (square,)


@hinting
class Adam(Optimizer):
    """Steps of about the learning rate for every parameter, by running means of its gradient and their squares.

    Args:
        parameters, learning_rate: as for `Optimizer`.
        beta1, beta2: how much of the running means of gradients and squares is kept, from 0 to below 1.
        epsilon: keeps the division finite; above 0.

    Source:
        Kingma and Ba, "Adam: a method for stochastic optimization" (2015), algorithm 1.

    Example:
        >>> x = Parameter(3.0)
        >>> optimizer = Adam([x], learning_rate=0.1)
        >>> (x**2).backward()
        >>> optimizer.step()
        >>> round(x.data, 6)
        2.9
    """

    n_memories = 2
    beta1 = Setting("from 0 to below 1", lambda x: 0 <= x < 1)
    beta2 = Setting("from 0 to below 1", lambda x: 0 <= x < 1)
    epsilon = Setting("a number above 0", lambda x: x > 0)

    def __init__(
        self,
        parameters: Iterable[Parameter],
        learning_rate: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        super().__init__(parameters, learning_rate)
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon

    def rule(self, m: Any, parameter: Any, gradient: Any, memory: tuple[Any, ...], rate: Any, count: Any) -> Any:
        mean, square = memory
        mean = self.beta1 * mean + (1 - self.beta1) * gradient
        square = self.beta2 * square + (1 - self.beta2) * gradient * gradient
        unbiased_mean = mean / (1 - self.beta1**count)
        unbiased_square = square / (1 - self.beta2**count)
        step = rate * unbiased_mean / (m.sqrt(unbiased_square) + self.epsilon)
        return parameter - step, (mean, square)


@hinting
class AdamW(Adam):
    """Adam, and every parameter shrinks a little at each step, whatever its gradient.

    Args:
        parameters, learning_rate, beta1, beta2, epsilon: as for `Adam`.
        weight_decay: a step takes learning_rate * weight_decay of each parameter away; 0 or more.

    Source:
        Loshchilov and Hutter, "Decoupled weight decay regularization" (2019), algorithm 2, with the schedule's factor
        in the learning rate, as PyTorch and optax have it.

    Example:
        >>> x = Parameter(3.0)
        >>> optimizer = AdamW([x], learning_rate=0.1, weight_decay=0.5)
        >>> (x**2).backward()
        >>> optimizer.step()
        >>> round(x.data, 6)  # 0.1 by its gradient, and 0.1 * 0.5 * 3 by decay
        2.75
    """

    weight_decay = Setting("a number, 0 or more", lambda x: x >= 0)

    def __init__(
        self,
        parameters: Iterable[Parameter],
        learning_rate: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(parameters, learning_rate, beta1, beta2, epsilon)
        self.weight_decay = weight_decay

    def rule(self, m: Any, parameter: Any, gradient: Any, memory: tuple[Any, ...], rate: Any, count: Any) -> Any:
        stepped, memory = super().rule(m, parameter, gradient, memory, rate, count)
        return stepped - rate * self.weight_decay * parameter, memory


OPTIMIZERS: dict[str, type[Optimizer]] = {"sgd": SGD, "rmsprop": RMSProp, "adam": Adam, "adamw": AdamW}


def check_parameters(parameters: Any, optimizer: str) -> list[Parameter]:
    """The parameters as a list; TypeError or ValueError if what is called so cannot change them."""
    if callable(getattr(parameters, "parameters", None)):
        raise TypeError(
            f"write {optimizer}(model.parameters()), not {optimizer}(model): it was given {shown(parameters)}"
        )
    if isinstance(parameters, str | bytes) or not isinstance(parameters, Iterable):
        raise TypeError(
            f"{optimizer} needs a list of Parameters, such as model.parameters(), but was given {shown(parameters)}"
        )
    found = list(parameters)
    if not found:
        raise ValueError(
            "an optimizer needs parameters to change, but was given none: what a Module is to learn must be "
            "nn.Parameter(...), not Value(...), and set as its attributes or in lists of these"
        )
    for parameter in found:
        if not isinstance(parameter, Value):
            raise TypeError(f"{optimizer} changes Parameters, but was given {shown(parameter)} among them")
        if parameter.op is not None:
            raise ValueError(f"{shown(parameter)} was computed, so {optimizer} cannot change it: it changes Parameters")
    if len(set(found)) < len(found):
        twice = next(parameter for parameter, times in Counter(found).items() if times > 1)
        raise ValueError(
            f"{shown(twice)} is among the parameters twice, and would be changed twice in a step: give {optimizer} all "
            f"of them once, as model.parameters() does"
        )
    return found


def optimizer_for(given: Any, parameters: Sequence[Parameter], learning_rate: float | None = None) -> Optimizer:
    """The optimizer of these parameters that a name stands for, or that was given itself.

    Args:
        given: a name in `OPTIMIZERS`, or an Optimizer.
        parameters: of the model.
        learning_rate: how far a named one goes; None for its default.

    Raises:
        ValueError: there is no such optimizer, or it is of other parameters, or was given a learning rate by itself.
    """
    if isinstance(given, str) and given in OPTIMIZERS:
        return OPTIMIZERS[given](parameters, **({} if learning_rate is None else {"learning_rate": learning_rate}))
    if isinstance(given, type) and issubclass(given, Optimizer):
        raise ValueError(
            f"optimizer must be made first: write optimizer={given.__name__}(model.parameters()), not {given.__name__}"
        )
    if not isinstance(given, Optimizer):
        choose_named("optimizer", given, OPTIMIZERS, ", or give an nn.Optimizer")
    if learning_rate is not None:
        raise ValueError(
            f"learning_rate is there twice: {shown(learning_rate)}, and {given.learning_rate!r} in the optimizer; "
            f"leave the first one out"
        )
    if len(given.parameters) != len(parameters) or set(map(id, given.parameters)) != set(map(id, parameters)):
        raise ValueError(
            "the optimizer must be of the parameters of the model that is trained, and of all of them: "
            f"make it as {type(given).__name__}(model.parameters())"
        )
    return given
