"""Program: a compiled function, ready to be called and to be read."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from importlib import import_module
from itertools import groupby
from numbers import Real
from typing import Any

import numpy as np

from engine.compiler.backends.backend import Backend, Function
from engine.compiler.backends.trainer import ArrayTrainer, Clip, Descent, Rule, check_batch_size
from engine.compiler.equations import Board, Equation
from engine.compiler.nests import procedures
from engine.compiler.nests.nest import Family, Procedure, VectorProgram, joined
from engine.compiler.sparsity import Columns, hessian_pattern
from engine.formula import Formula
from engine.number import to_float
from engine.ops import MUL, POWER
from engine.trees import plain_array
from engine.value import Value

__all__ = ["Program"]


class Program:
    """A compiled function: `engine.compile` makes it.

    With parameters it is called as program(theta, X, y): theta (n_parameters,), and for each argument
    a batch (batch, n), or (batch,) for single numbers; its value is the mean over the batch. Without
    parameters it is called as program(x): x (n,) for one example, or (batch, n); it has one value for each.
    Printed, it is the matrix equations of one example, forward and backward; in Jupyter it shows them.

    Attributes:
        names: of the arguments.
        shapes: of each argument n for a list of n numbers, or () for one number.
        n_parameters: how many numbers theta has.
        backend: what carries it out.
    """

    def __init__(
        self,
        vectors: VectorProgram,
        shapes: Sequence[int | tuple[()]],
        names: Sequence[str],
        backend: str,
        gives_list: bool,
        has_aux: bool,
    ) -> None:
        self.gives_list = gives_list
        self.has_aux = has_aux
        self.vectors = vectors
        self.names = list(names)
        self.shapes = list(shapes)
        self.backend = backend
        self.n_parameters = vectors.parameters.rows
        self._targets = [vectors.parameters] if self.n_parameters else vectors.inputs
        self._training_procedures: dict[int, Procedure] = {}
        if not any(nest.target.family.pool for nest in self.vectors.nests):  # whose parts have no names
            self._board.name_families()
        kind = getattr(import_module(f"engine.compiler.backends.{backend}"), f"{backend.title()}Backend")
        self._backend: Backend = kind()
        is_alone = not self.n_parameters and len(self.shapes) == 1 and not gives_list
        self._shape_of_one = (vectors.inputs[0].rows,) if is_alone and self.shapes[0] != () else None

    @property
    def source(self) -> str:
        """The code that carries it out; its arrays have a column for each example, and the names that are printed."""
        functions = [self._value] if self.gives_list and not self.has_aux else [self._value, self._value_and_grad]
        return "\n\n".join(dict.fromkeys(function.source for function in functions))

    @cached_property
    def _value_procedure(self) -> Procedure:
        return procedures.value(self.vectors)

    @cached_property
    def _value_and_grad_procedure(self) -> Procedure:
        return procedures.value_and_grad(self.vectors, self._targets)

    @cached_property
    def _board(self) -> Board:
        has_gradient = self.has_aux or not self.gives_list
        procedure = self._value_and_grad_procedure if has_gradient else self._value_procedure
        given: dict[Family, str | float] = dict(zip(self.vectors.inputs, self.names, strict=True))
        given |= dict.fromkeys(procedure.arguments[1 + len(given) :], 1.0)
        return Board(procedure, given, gives_list=not has_gradient)

    @cached_property
    def _value(self) -> Function:
        return self._backend.function(self._value_procedure)

    @cached_property
    def _value_and_grad(self) -> Function:
        return self._backend.function(self._value_and_grad_procedure)

    @cached_property
    def _value_of_one(self) -> Callable[[Any], Any] | None:
        return self._backend.function_of_one(self._value_procedure) if self._shape_of_one else None

    @cached_property
    def _value_and_grad_of_one(self) -> Callable[[Any], Any] | None:
        return self._backend.function_of_one(self._value_and_grad_procedure) if self._shape_of_one else None

    @cached_property
    def _gradient_product_procedure(self) -> Procedure:
        return procedures.gradient_product(self.vectors, self._targets)

    @cached_property
    def _gradient_product(self) -> Function:
        return self._backend.function(self._gradient_product_procedure)

    @cached_property
    def _gradient_products_of_one(self) -> Callable[[Any, Any], Any] | None:
        is_alone = self._shape_of_one and not self.vectors.weight
        return self._backend.for_each_of_one(self._gradient_product_procedure) if is_alone else None

    @cached_property
    def _columns(self) -> Columns:
        return Columns(hessian_pattern(self.vectors, self._targets[0]))

    @cached_property
    def _vector_product(self) -> Function:
        seed = Family("seed", "input", False, len(self.vectors.outputs))
        return self._backend.function(procedures.vector_product(self.vectors, self._targets, seed))

    @cached_property
    def _rows_alone(self) -> list[Function]:
        """The same of each output by itself."""
        seed = Family("seed", "input", False, 1)
        alone = [replace(self.vectors, outputs=[output]) for output in self.vectors.outputs]
        return [self._backend.function(procedures.vector_product(rows, self._targets, seed)) for rows in alone]

    def __reduce__(self) -> tuple[Any, ...]:
        # what the backend compiled cannot be pickled, and is made again
        return type(self), (self.vectors, self.shapes, self.names, self.backend, self.gives_list, self.has_aux)

    def value(self, *arguments: Any) -> Any:
        """The function's value.

        Args:
            *arguments: theta first if there are parameters, then each argument for one example or a batch.

        Returns:
            float: the mean over the batch, if there are parameters; else a float for one example, (batch,) for a batch.
            Of a function that gives a list of m numbers: (m,) for one example, (batch, m) for a batch.

        Raises:
            ValueError: an argument is not of its size, or batches differ in length.
            TypeError: an argument holds something other than real numbers.
        """
        if self._value_of_one and (x := self._one(arguments)) is not None:
            return self._value_of_one(x)
        theta, inputs, batched = self._arrange(arguments)
        outputs = self._value(theta, *self._given(inputs))
        if not self.gives_list:
            return self._shape_value(outputs[0], inputs, batched)
        if self.has_aux:
            return self._shape_value(outputs[0], inputs, batched), _table(outputs[1:], inputs, batched)
        return _table(outputs, inputs, batched)

    __call__ = value

    def value_and_grad(self, *arguments: Any) -> tuple[Any, Any]:
        """The function's value and its gradient.

        Args:
            *arguments: theta first if there are parameters, then each argument for one example or a batch.

        Returns:
            (value, gradient): the value as `value` gives it. With parameters the gradient is that of the mean with
            respect to theta, (n_parameters,); without, it is of the form of the argument, or a tuple for several.
            With has_aux the value is (value, aux), aux (m,) for one example or (batch, m).

        Raises:
            ValueError: an argument is not of its size, or batches differ in length.
            TypeError: the function gives a list, or an argument holds something other than real numbers.
        """
        if self._value_and_grad_of_one and (x := self._one(arguments)) is not None:
            return self._value_and_grad_of_one(x)
        self._check_gives_number("a gradient")
        theta, inputs, batched = self._arrange(arguments)
        found = self._value_and_grad(theta, *self._given(inputs), self._seed(_batch_of(inputs)))
        n_outputs = len(self.vectors.outputs)
        output, *aux = found[:n_outputs]
        value = self._shape_value(output, inputs, batched)
        if self.has_aux:
            value = value, _table(aux, inputs, batched)
        return value, self._shape_gradients(found[n_outputs:], inputs, batched)

    def hvp(self, *arguments: Any, vector: Any) -> Any:
        """The Hessian of the function times a vector, for a small multiple of the price of the function itself.

        Args:
            *arguments: theta first if there are parameters, then each argument for one example or a batch.
            vector: with parameters (n_parameters,); without, of the form of the argument, or a tuple for several.

        Returns:
            With parameters (n_parameters,): the second derivatives of the mean with respect to theta, times the vector.
            Without, those of each example, of the form of the argument, or a tuple for several.

        Raises:
            ValueError: an argument or the vector is not of its size, or batches differ in length.
            TypeError: the function gives a list, or an argument holds something other than real numbers.
            NotImplementedError: the function has a derivative that goes along many operands, and is not to be
                differentiated again.

        Example:
            >>> from engine import compile
            >>> program = compile(lambda x: x[0] ** 2 * x[1], inputs=2)
            >>> program.hvp([2.0, 3.0], vector=[1.0, 0.0]).tolist()
            [6.0, 4.0]
        """
        self._check_gives_number("a Hessian")
        theta, inputs, batched = self._arrange(arguments)
        vectors = self._arrange_vectors(vector, inputs, batched)
        found = self._gradient_product(theta, *self._given(inputs), self._seed(_batch_of(inputs)), *vectors)
        return self._shape_gradients(found, inputs, batched)

    def hessian(self, *arguments: Any) -> Any:
        """All second derivatives of the function.

        Args:
            *arguments: theta first if there are parameters, then each argument for one example or a batch.

        Returns:
            With parameters (n_parameters, n_parameters): of the mean with respect to theta. Without, of a function of a
            list (n, n) for one example, (batch, n, n) for a batch; of one number a float, or (batch,).

        Raises:
            ValueError: an argument is not of its size, batches differ in length, or the function has no parameters and
                several arguments.
            TypeError, NotImplementedError: as for `hvp`.

        Example:
            >>> from engine import compile
            >>> program = compile(lambda x: x[0] ** 2 * x[1], inputs=2)
            >>> program.hessian([2.0, 3.0]).tolist()
            [[6.0, 4.0], [4.0, 0.0]]
        """
        if self._gradient_products_of_one and (x := self._one(arguments)) is not None:
            return self._columns.matrices(self._gradient_products_of_one(x, self._columns.directions))
        self._check_gives_number("a Hessian")
        theta, inputs, batched = self._arrange(arguments)
        batch, columns = _batch_of(inputs), self._columns
        if self.n_parameters:
            seed = self._seed(batch)
            each = columns.directions[:, :, None]
            (found,) = self._gradient_product.for_each(theta, *self._given(inputs), seed, each)
            return columns.matrices(np.asarray(found)[:, :, 0])
        if len(inputs) != 1:
            raise ValueError(
                f"the Hessian is of a function of one argument, but this has {len(inputs)}: "
                "compile one of a list of all their numbers"
            )
        self._check_alone("a Hessian")
        n = len(columns.directions)
        copies, directions = np.repeat(inputs[0], n, axis=1), np.tile(columns.directions.T, batch)  # as more examples
        (found,) = self._gradient_product(theta, copies, self._seed(n * batch), directions)
        matrices = columns.matrices(np.asarray(found).T.reshape(batch, n, -1))
        if self.shapes[0] == ():
            return matrices[:, 0, 0] if batched else float(matrices[0, 0, 0])
        return matrices if batched else matrices[0]

    def jacobian(self, *arguments: Any) -> Any:
        """All derivatives of a function that gives a list, a row for each of its m numbers.

        Args:
            *arguments: theta first if there are parameters, then each argument for one example or a batch.

        Returns:
            With parameters (m, n_parameters) for one example, (batch, m, n_parameters) for a batch: by theta. Without,
            (m, n) or (batch, m, n), without the n for an argument that is one number; a tuple for several arguments.

        Raises:
            ValueError: an argument is not of its size, batches differ in length, or examples see each other.
            TypeError: the function gives one number, or an argument holds something other than real numbers.

        Example:
            >>> from engine import compile
            >>> program = compile(lambda x: [x[0] * x[1], x[0] + x[1]], inputs=2)
            >>> program.jacobian([2.0, 3.0]).tolist()
            [[3.0, 2.0], [1.0, 1.0]]
        """
        if not self.gives_list or self.has_aux:
            raise TypeError(
                "a Jacobian is of a list, but the function gives one number: value_and_grad has its gradient"
            )
        self._check_alone("a Jacobian")
        theta, inputs, batched = self._arrange(arguments)
        tables = self._jacobians(self._vector_product, theta, inputs, len(self.vectors.outputs))
        if not all(np.isfinite(table).all() for table in tables):  # another row's infinity, times 0, may have got in
            of_each = [self._jacobians(row, theta, inputs, 1) for row in self._rows_alone]
            tables = [np.concatenate(rows, axis=1) for rows in zip(*of_each, strict=True)]
        if self.n_parameters:
            return tables[0] if batched else tables[0][0]
        results = []
        for table, shape in zip(tables, self.shapes, strict=True):
            table = table[:, :, 0] if shape == () else table
            results.append(table if batched else table[0])
        return results[0] if len(results) == 1 else tuple(results)

    def _jacobians(self, product: Function, theta: Any, inputs: list[Any], m: int) -> list[Any]:
        """The derivatives of m numbers, of which a function takes a product: by theta, or by each argument."""
        batch = _batch_of(inputs)
        if self.n_parameters:
            examples = [[x[:, j : j + 1] for x in inputs] for j in range(batch)]
            of_each = [product.for_each(theta, *x, np.eye(m)[:, :, None])[0] for x in examples]
            return [np.array(of_each)[:, :, :, 0]]
        copies = [np.repeat(x, m, axis=1) for x in inputs]  # each example once for each of its results
        found = product(theta, *copies, np.tile(np.eye(m), batch))
        return [
            np.asarray(g).reshape(len(x), batch, m).transpose(1, 2, 0).copy()
            for g, x in zip(found, inputs, strict=True)
        ]

    def trainer(
        self,
        *arguments: Any,
        rule: Rule,
        n_memories: int = 0,
        batch_size: int | None = None,
        clip: Clip | None = None,
        n_statistics: int = 0,
        tells_size: bool = False,
        has_noise: bool = False,
    ) -> ArrayTrainer:
        """Gradient descent by this program, whole epochs at a time, on data that stays where it is computed on.

        Args:
            *arguments: a batch for each argument: all the data.
            rule: (algebra, parameters, gradient, memory, learning rate, count) -> (parameters, memory) after a step,
                in ordinary arithmetic and functions of the algebra, such as ``m.sqrt``; count is 1 in the first step.
            n_memories: how many numbers, 0 before the first step, the rule remembers of each parameter.
            batch_size: examples in a step; None for all.
            clip: (algebra, gradient, root of the sum of its squares) -> gradient, as the rule is to get it; None
                for as it is.
            n_statistics: how many of the parameters, the last ones, are statistics: a step sets them to what as many of
                the last outputs were in it, the means over the batch.
            tells_size: whether behind these there is one parameter more, which is set to the number of examples in a
                step before it.
            has_noise: whether the last argument is noise, which is not given here, but to `run`, anew for each epoch.

        Returns:
            ArrayTrainer: its `run` takes a `TrainingState`, and gives the one so many epochs later.

        Raises:
            ValueError: the arguments do not fit, or are no batches; batch_size is not a whole number, 1 or more.
            TypeError: an argument holds something other than real numbers.

        Example:
            >>> from engine import Value, compile
            >>> from engine.compiler.backends.trainer import TrainingState
            >>> w = Value(0.0)
            >>> program = compile(lambda x, y: (w * x - y) ** 2, inputs=((), ()), parameters=[w])
            >>> def descend(m, parameter, gradient, memory, rate, count):
            ...     return parameter - rate * gradient, memory
            >>> trainer = program.trainer([1.0, 2.0, 3.0], [2.0, 4.0, 6.0], rule=descend)
            >>> state, losses = trainer.run(TrainingState([0.0]), None, rates=[0.05] * 100)
            >>> round(state.parameters[0], 6), state.count
            (2.0, 100)
        """
        check_batch_size(batch_size)
        n_noise = self.vectors.inputs[-1].rows if has_noise else 0
        if has_noise and arguments:
            arguments = (*arguments, np.zeros((len(arguments[0]), n_noise)))
        _, inputs, batched = self._arrange((*[np.zeros(self.n_parameters)] * (self.n_parameters > 0), *arguments))
        if not self.n_parameters or not batched:
            raise ValueError("training needs parameters to change, and a batch of examples for each argument")
        n = _batch_of(inputs)
        size = min(int(batch_size or n), n)
        descent = Descent(inputs, rule, n_memories, size, clip, n_statistics, tells_size, n_noise)
        return self._backend.trainer(self._training_procedure(n_statistics), descent)

    def _training_procedure(self, n_statistics: int) -> Procedure:
        """That of the value and gradient, with so many of the last outputs as arrays, rather than a number each."""
        if not n_statistics:
            return self._value_and_grad_procedure
        if n_statistics not in self._training_procedures:
            *outputs, gradient = self._value_and_grad_procedure.results
            first = len(outputs) - n_statistics
            results = (*outputs[:first], *joined(outputs[first:]), gradient)
            self._training_procedures[n_statistics] = replace(self._value_and_grad_procedure, results=results)
        return self._training_procedures[n_statistics]

    def equations(self) -> list[Equation]:
        """The program as equations for one example: where the matrices are in theta, forward, then backward."""
        return self._board.lines

    def __repr__(self) -> str:
        return f"<Program of {self._signature()}, by {self.backend}>"

    def __str__(self) -> str:
        written = self._shown()
        width = min(max((len(str(equation)) for equation in written), default=0), 72)
        lines = [f"# one example: {self._signature()}"]
        for phase, equations in groupby(written, key=lambda equation: equation.phase):
            lines.append(f"# {phase}")
            lines += [f"{equation!s:{width}}  # ({equation.shape})" for equation in equations]
        return "\n".join(lines)

    def statistics(self) -> dict[str, int]:
        """How large the program is.

        Returns:
            dict: "scalar operations", what is left of the recorded function when it is tidied up, where a sum or a dot
            of many numbers is one; "statements", which carry them out on whole vectors; "multiply-adds", those of
            the dots of one example forward; and "bytes" that the vectors of one example take up.
        """
        families = list(dict.fromkeys(nest.target.family for nest in self.vectors.nests))
        products = [nest for nest in self.vectors.nests if "c" in nest.axes and nest.op in (MUL, POWER(exponent=2))]
        return {
            "scalar operations": self.vectors.n_scalars,
            "statements": len(families),
            "multiply-adds": sum(nest.n_rows * nest.n_columns for nest in products),
            "bytes": 8 * sum(family.rows for family in [*families, *self.vectors.inputs]),
        }

    def latex(self) -> str:
        """The equations in LaTeX, with the headings and shapes of the text: an ``aligned`` environment, for display
        mathematics."""
        lines = [r"&\textbf{one example:}\quad " + self._signature(lambda name: name.latex, r",\;")]
        for phase, equations in groupby(self._shown(), key=lambda equation: equation.phase):
            lines.append(rf"&\textbf{{{phase}}}")
            lines += [f"{equation.latex} && ({equation.shape})" for equation in equations]
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"

    def _shown(self) -> list[Equation]:
        """The equations; where the matrices are in theta only if theta itself is mentioned too."""
        written = self._board.lines
        rest = [equation for equation in written if equation.phase != "parameters"]
        return written if any("theta" in str(equation) for equation in rest) else rest

    def _signature(self, write: Callable[[Formula], str] = str, comma: str = ", ") -> str:
        names, parameters = self._board.names, self.vectors.parameters
        shapes = ["" if shape == () else shape for shape in self.shapes]
        sizes = [
            *zip(self.vectors.inputs, shapes, strict=True),
            *[(parameters, self.n_parameters)] * bool(self.n_parameters),
        ]
        return comma.join(f"{write(names.name(family))} ({size})" for family, size in sizes)

    def _one(self, arguments: Sequence[Any]) -> Any:
        """A copy of the argument of a function of one list, if it is one example; else None."""
        if len(arguments) != 1:
            return None
        x = _floats(self.names[0], arguments[0])
        return x.copy() if x.shape == self._shape_of_one else None

    def _check_gives_number(self, what: str) -> None:
        """TypeError if the function gives a list."""
        if self.gives_list and not self.has_aux:
            raise TypeError(
                f"{what} is of one number, but the function gives a list: compile one that gives one of them"
            )

    def _seed(self, batch: int) -> Any:
        """By how much the first output of each example counts."""
        width = 1 if self.vectors.outputs[0].family.shared else batch
        return np.full((1, width), 1.0 / width if self.n_parameters else 1.0)

    def _given(self, inputs: list[Any]) -> list[Any]:
        """What procedures are given of the inputs: these and, where examples see each other, how much each counts."""
        n = _batch_of(inputs)
        return [*inputs, np.full((1, n), 1.0 / n)] if self.vectors.weight else inputs

    def _check_alone(self, what: str) -> None:
        """ValueError if examples see each other, so that copies of one example are no batch of it."""
        if self.vectors.weight:
            raise ValueError(
                f"{what} is of one example by itself, but here examples see each other by batch_mean: "
                "compile the function of the whole batch, or the loss with parameters"
            )

    def _arrange_vectors(self, vector: Any, inputs: list[Any], batched: bool) -> list[Any]:
        """What the Hessian is to be multiplied by, as columns for theta or for each argument."""
        batch = (_batch_of(inputs),) if batched else ()
        shapes: list[tuple[int, ...]] = [(self.n_parameters,)]
        if not self.n_parameters:
            shapes = [batch if shape == () else (*batch, len(x)) for shape, x in zip(self.shapes, inputs, strict=True)]
        several = list(vector) if len(shapes) > 1 else [vector]
        if len(several) != len(shapes):
            raise ValueError(f"the vector must have {len(shapes)} parts, one for each argument, but has {len(several)}")
        columns = []
        for given, shape in zip(several, shapes, strict=True):
            array = _floats("the vector", given)
            if array.shape != shape:
                raise ValueError(f"the vector must have shape {shape}, but has {array.shape}")
            columns.append(array.reshape(-1, 1) if self.n_parameters else array.reshape(_batch_of(inputs), -1).T)
        return columns

    def _shape_gradients(self, found: Sequence[Any], inputs: list[Any], batched: bool) -> Any:
        """Gradients as of the form of theta, or of the arguments; copies, as JAX's cannot be written to, and NumPy's
        may be somebody else's too."""
        gradients = [np.asarray(gradient) for gradient in found]
        if self.n_parameters:
            return gradients[0][:, 0].copy()
        results = []
        for gradient, shape, x in zip(gradients, self.shapes, inputs, strict=True):
            rows = np.broadcast_to(gradient, x.shape).T.copy()
            rows = rows[:, 0] if shape == () else rows
            results.append(rows if batched else rows[0])
        return results[0] if len(results) == 1 else tuple(results)

    def _shape_value(self, output: Any, inputs: list[Any], batched: bool) -> Any:
        output = np.asarray(output)
        if self.n_parameters:
            with np.errstate(all="ignore"):  # inf and nan are answers here too
                return float(output.mean())
        return np.broadcast_to(output[0], (_batch_of(inputs),)).copy() if batched else float(output[0, 0])

    def _arrange(self, arguments: Sequence[Any]) -> tuple[Any, list[Any], bool]:
        """theta as (n_parameters, 1), every argument as (n, batch), and whether they came as a batch."""
        names = ["theta"] * (self.n_parameters > 0) + self.names
        if len(arguments) != len(names):
            raise ValueError(
                f"this program takes {len(names)} arguments ({', '.join(names)}), but was given {len(arguments)}"
            )
        arrays = list(map(_floats, names, arguments))
        theta = np.zeros((0, 1))
        if self.n_parameters:
            theta = arrays.pop(0)
            if list(theta.shape) != [self.n_parameters]:
                raise ValueError(f"theta must have shape ({self.n_parameters},), but has {theta.shape}")
            theta = theta.reshape(-1, 1)
        columns, batches = [], dict[str, int | None]()
        for name, array, family, shape in zip(self.names, arrays, self.vectors.inputs, self.shapes, strict=True):
            single: tuple[int, ...] = () if shape == () else (family.rows,)
            if array.shape not in (single, array.shape[:1] + single):
                batch = "(batch,)" if shape == () else f"(batch, {shape})"
                raise ValueError(f"{name} must have shape {single} or {batch}, but has {array.shape}")
            batches[name] = len(array) if array.ndim > len(single) else None
            columns.append(array.reshape(-1, family.rows).T)
        if len(set(batches.values())) > 1:
            given = ", ".join(f"{name} is {'one example' if n is None else n}" for name, n in batches.items())
            raise ValueError(f"all arguments must be batches of one length, or all one example, but {given}")
        if 0 in batches.values():
            raise ValueError("there is nothing to compute: the batch is empty")
        return theta, columns, batches != dict.fromkeys(batches)


def _floats(name: str, given: Any) -> Any:
    """What was given for an argument as an array of floats, which NumPy would also make of None and "1"."""
    try:
        array = plain_array(given)
    except ValueError as error:
        raise ValueError(f"{name} must be one number or rows of one length, but is ragged: {given!r:.200}") from error
    return array if array.dtype == float else _converted(name, given, array)


@np.errstate(all="ignore")  # of what is beyond the floats; it takes longer than to call a small program does
def _converted(name: str, given: Any, array: Any) -> Any:
    if not np.can_cast(array.dtype, float, "same_kind"):
        wrong = [x for x in np.asarray(given, dtype=object).flat if not isinstance(x, (Value, Real, np.bool_))]
        if wrong or array.dtype != object:
            what = f"{wrong[0]!r} ({type(wrong[0]).__name__})" if wrong else array.dtype
            raise TypeError(f"{name} must hold real numbers and nothing else, but holds {what}: give ints or floats")
        numbers = [x.data if isinstance(x, Value) else to_float(x) for x in array.flat]
        return np.array(numbers, dtype=float).reshape(array.shape)
    return array.astype(float)


def _batch_of(inputs: list[Any]) -> int:
    return inputs[0].shape[1] if inputs else 1


def _table(outputs: Sequence[Any], inputs: list[Any], batched: bool) -> Any:
    """Several outputs as (batch, m), or (m,) of one example."""
    columns = [np.broadcast_to(np.asarray(output)[0], (_batch_of(inputs),)) for output in outputs]
    table = np.stack(columns, axis=1) if columns else np.zeros((_batch_of(inputs), 0))
    return table if batched else table[0]
