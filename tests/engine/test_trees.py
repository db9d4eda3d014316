"""Trees keep their form: what goes in as a dict, a namedtuple or an array comes out as one."""

from collections import OrderedDict, defaultdict, namedtuple

import numpy as np
import pandas
import pytest
import scipy.sparse

from engine import Value, check_gradients, compile, dot, grad, sin, softmax, total
from engine.arguments import plain_lists
from engine.trees import filled, is_number, map_numbers, names_in, numbers_in, numbers_like

Pair = namedtuple("Pair", "a b")

TREES = {
    "a number": (1, [1], ["x"]),
    "a list": ([1, [2, 3]], [1, 2, 3], ["x[0]", "x[1][0]", "x[1][1]"]),
    "a tuple": ((1, (2,)), [1, 2], ["x[0]", "x[1][0]"]),
    "a namedtuple": (Pair(1, [2]), [1, 2], ["x[0]", "x[1][0]"]),
    "a dict": ({"w": [1, 2], "b": 3}, [1, 2, 3], ["x['w'][0]", "x['w'][1]", "x['b']"]),
    "an ordered dict": (OrderedDict(z=1, a=2), [1, 2], ["x['z']", "x['a']"]),
    "a defaultdict": (defaultdict(list, {1: 2}), [2], ["x[1]"]),
    "None": (None, [], []),
    "None within": ({"w": 1, "b": None}, [1], ["x['w']"]),
    "nothing": ([], [], []),
    "an array": (np.array([[1.0, 2.0], [3.0, 4.0]]), [1, 2, 3, 4], ["x[0][0]", "x[0][1]", "x[1][0]", "x[1][1]"]),
    "an array of none": (np.empty((0, 2)), [], []),
    "arrays within": ((np.array([1.0]), {"b": np.array([2.0])}), [1, 2], ["x[0][0]", "x[1]['b'][0]"]),
}


def is_same(a, b):
    """Whether two trees are equal, in kind too."""
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.dtype == b.dtype and a.shape == b.shape and bool((a == b).all())
    if isinstance(a, dict):
        return type(a) is type(b) and list(a) == list(b) and all(is_same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(is_same, a, b))
    return a == b


@pytest.mark.parametrize("kind", TREES)
def test_a_tree_keeps_its_form(kind):
    tree, numbers, names = TREES[kind]
    assert numbers_in(tree) == numbers
    assert names_in(tree, "x") == names
    assert is_same(filled(tree, numbers), tree)
    assert numbers_in(map_numbers(lambda x: -float(x), tree)) == [-x for x in numbers]
    assert numbers_like(tree, tree) == numbers


def test_filled_leaves_the_tree_as_it_was():
    tree = OrderedDict(w=[1, 2], b=np.array([3.0]))
    filled(tree, [10, 20, 30])
    assert tree["w"] == [1, 2]
    assert tree["b"].tolist() == [3.0]


def test_lists_tuples_and_arrays_correspond_and_dicts_do_by_their_keys():
    array = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert numbers_like(array, [[1, 2], (3, 4)]) == [1, 2, 3, 4] == numbers_like([(1, 2), [3, 4]], array)
    assert numbers_like({"a": 1, "b": 2}, {"b": 20, "a": 10}) == [10, 20]
    assert is_same(map_numbers(lambda x, y: x + y, (1, 2), [10, 20]), (11, 22))


@pytest.mark.parametrize(
    ("form", "tree"),
    [([1], [1, 2]), ([1], 1), (1, [1]), ({"a": 1}, {"b": 1}), ({"a": 1}, [1]), ([1], {0: 1}), (None, 1), (1, None),
     (None, []), ([], None), ([], {}), (np.ones((2, 3)), np.ones((3, 2))), (np.ones(3), [1, 2])],
)  # fmt: skip
def test_trees_of_another_form_are_refused(form, tree):
    with pytest.raises(ValueError, match="of the same form, but are not"):
        numbers_like(form, tree)


def test_arrays_of_numbers_of_a_kind_of_their_own_are_arrays_of_objects():
    x = np.array([1.0, 2.0])
    values = map_numbers(Value, x)
    assert isinstance(values, np.ndarray)
    assert values.dtype == object
    assert map_numbers(lambda value: value.data, values).dtype == float
    assert numbers_in(np.array([[1, 2]], np.int8)) == [1, 2]
    (unwrapped,) = numbers_in(np.array(values[0], dtype=object))  # as NumPy makes them in passing
    assert unwrapped is values[0]


@pytest.mark.parametrize(
    ("x", "is_one"),
    [(1, True), (1.5, True), (np.float32(1), True), (np.array(2.0), True), (Value(1.0), True), (True, False),
     (np.True_, False), (1j, False), ("1", False), (None, False), (np.datetime64("2020"), False),
     (np.str_("1"), False)],
)  # fmt: skip
def test_what_is_a_number(x, is_one):
    assert is_number(x) is is_one


def test_every_number_has_a_name():
    table = pandas.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    for tree, names in (
        ({"w": (1, [2]), "b": None}, ["x['w'][0]", "x['w'][1][0]"]),
        (np.ones((1, 2)), ["x[0][0]", "x[0][1]"]),
        (np.array([1.0, None, [2.0]], dtype=object), ["x[0]", "x[1]", "x[2]"]),  # of which two are none
        (table, ["x[0][0]", "x[0][1]", "x[1][0]", "x[1][1]"]),
        (np.array(1.0), ["x"]),
    ):
        assert names_in(tree, "x") == names
        assert len(numbers_in(tree)) == len(names)
    with pytest.raises(TypeError, match=r"argument 0\[1\] is None"):
        grad(lambda x: 1.0)(np.array([1.0, None], dtype=object))
    assert check_gradients(lambda x: (x**2).sum(), table).ok


def test_sparse_matrices_are_refused():
    sparse = scipy.sparse.csr_matrix(np.eye(2))
    program = compile(lambda x: x[0] * x[1], inputs=2)
    for take in (numbers_in, sin, softmax, total, program.value, program.value_and_grad, program.hessian, grad(sum)):
        with pytest.raises(TypeError, match=r"a sparse matrix \(csr_matrix\) is not read: .*toarray"):
            take(sparse)
    with pytest.raises(TypeError, match="a sparse matrix"):
        dot(sparse, [1.0, 2.0])
    with pytest.raises(TypeError, match="a sparse matrix"):
        plain_lists(sparse)


def test_masked_arrays_are_refused():
    masked = np.ma.masked_array([1.0, 2.0], [False, True])
    program = compile(lambda x: x[0] * x[1], inputs=2)
    for take in (numbers_in, sin, softmax, program.value, program.value_and_grad, program.hessian, grad(sum)):
        with pytest.raises(TypeError, match="a masked array has numbers that do not count"):
            take(masked if take is not softmax else [masked, masked])
