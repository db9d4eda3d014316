"""A table of one's own: how it is read, what is said of it, what is learnt and predicted, and what is refused."""

import csv
import io
import itertools
import json
import os
import random
import re
import signal
import sys

import pandas as pd
import pytest

import demos.tables.model
from demos.__main__ import main
from demos.tables.columns import describe, number_in
from demos.tables.reading import TableError, read_table
from nn import predict


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stderr", io.StringIO())  # no progress bar: there is nobody to look


@pytest.fixture
def run(capsys):
    """The command, its exit code, what it printed and what it complained of."""

    def run(*arguments):
        capsys.readouterr()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.stderr", io.StringIO())
            code = main([str(argument) for argument in arguments])
            return code, capsys.readouterr().out, re.sub(r"(?m)^.*epoch/s.*\n?|\r.*", "", sys.stderr.getvalue())

    return run


def customers(n=60, seed=0):
    """A table with a column of every kind; `buys` follows from age and city, `premium` from age and income."""
    rng = random.Random(seed)
    rows = [["id", "since", "age", "income", "city", "country", "remark", "premium", "buys"]]
    for i in range(n):
        age, income = rng.randint(18, 80), round(rng.uniform(900, 5000), 2)
        city = rng.choice(["Köln", "Paris", "Roma"])
        buys = "yes" if age > 50 or city == "Roma" else "no"
        day = f"2023-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        rows.append([f"C{i:03}", day, age, income, city, "EU", f"note, {i}", round(age / 2 + income / 100, 1), buys])
    return rows


def written(path, rows, separator=",", decimal=".", encoding="utf-8"):
    file = io.StringIO()
    writer = csv.writer(file, delimiter=separator)
    for row in rows:
        writer.writerow([str(cell).replace(".", decimal) if isinstance(cell, float) else cell for cell in row])
    path.write_bytes(file.getvalue().encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
@pytest.mark.parametrize(("separator", "decimal"), [(",", "."), (";", ","), (";", "."), ("\t", "."), ("\t", ",")])
def test_separator_and_encoding_are_found_out(separator, decimal, encoding, tmp_path):
    rows = customers()
    table = read_table(written(tmp_path / "a.csv", rows, separator, decimal, encoding))
    names = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8 with a BOM", "latin-1": "Latin-1", "utf-16": "UTF-16"}
    assert table.encoding == names[encoding]
    assert table.separator == {",": "commas", ";": "semicolons", "\t": "tabs"}[separator]
    assert [*table.cells.columns] == rows[0]
    assert describe("income", table.cells["income"], table.decimal).cells == [row[3] for row in rows[1:]]
    assert [*table.cells["city"]] == [row[4] for row in rows[1:]]
    assert [*table.cells["remark"]] == [row[6] for row in rows[1:]]  # with commas in it


@pytest.mark.parametrize(
    ("text", "names", "first"),
    [
        ("\n\na,b\n1,2\n", ["a", "b"], {4: ["1", "2"]}),
        ("sep=;\na;b\n1;2\n", ["a", "b"], {3: ["1", "2"]}),
        ("a,a,\n1,2,3\n", ["a", "a.2", "column 3"], {2: ["1", "2", "3"]}),
        ("a,b,\n1,2,\n", ["a", "b"], {2: ["1", "2"]}),  # a comma at the end of each line
        ("a,b\n\n , \n1\n", ["a", "b"], {4: ["1", ""]}),  # a row that is too short lacks what is at its end
        ('a,b\n"x\ny", z \n1,2', ["a", "b"], {2: ["x\ny", "z"], 3: ["1", "2"]}),
        ("a\tb\r1,5\t2\r", ["a", "b"], {2: ["1,5", "2"]}),
    ],
)
def test_odd_but_readable(text, names, first, tmp_path):
    (tmp_path / "a.csv").write_bytes(text.encode())
    cells = read_table(tmp_path / "a.csv").cells
    assert [*cells.columns] == names
    assert {row: [*cells.loc[row]] for row in cells.index} == first


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "has no rows: it is empty"),
        (b"\n\n", "has no rows: it is empty"),
        (b"a,b\n", "nothing below the names"),
        (b"\n\na,b\n1,2\n1,2,3\n", "row 5 has 3 cells, but the first has 2"),
        (b'a,b\n1,2\n1,"2\n3,4\n', "the quote that opens in row 3 is never closed"),
        (b"PK\x03\x04\0\0\0", "is no text: a spreadsheet has to be saved as CSV first"),
    ],
)
def test_what_cannot_be_read_is_said(content, why, tmp_path):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(TableError, match=re.escape(why)):
        read_table(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("1.5", ".", 1.5), ("-.5e3", ".", -500.0), ("1,234,567.5", ".", 1234567.5), ("1,5", ",", 1.5),
        ("1.234,5", ",", 1234.5), ("1 234,5", ",", 1234.5), ("1.5", ",", 1.5), ("\N{MINUS SIGN}3", ".", -3.0),
        ("1,5", ".", None), ("1e999", ".", None), ("inf", ".", None), ("nan", ".", None), ("0x10", ".", None),
        ("1_000", ".", None), ("٣", ".", None), ("", ".", None), ("1e9999999999", ".", None), ("9" * 400, ".", None),
    ],
)  # fmt: skip
def test_numbers(text, decimal, number):
    assert number_in(text, decimal) == number


@pytest.mark.parametrize(
    ("name", "cells", "kind"),
    [
        ("x", ["1.5", "2", "NA", "-3"], "number"),
        ("x", ["a", "b", "a", "b", "?"], "category"),
        ("answer", ["+", "-", "+", "-"], "category"),
        ("x", ["7"] * 4, "constant"),
        ("x", ["1", "1.0", "1.00"], "constant"),
        ("x", ["", "?", "-", "n/a"], "empty"),
        ("x", ["1", "2", "3", "4", "5"], "identifier"),
        ("customer_id", ["17", "4", "90", "33"], "identifier"),
        ("customerId", ["17", "4", "90", "33"], "identifier"),
        ("width", ["17", "4", "90", "33"], "number"),
        ("year", ["2001", "2002", "2003"], "number"),
        ("who", ["Ann", "Bob", "Cid", "Dan", "Eve"], "identifier"),
        ("said", [f"words {i % 70}" for i in range(200)], "text"),
        ("on", ["2024-01-31", "2023-05-06T07:08:09Z"], "date"),
        ("on", ["31.1.2024", "06.05.2023"], "date"),
        ("on", ["1/31/24", "12/1/23 10:30 PM"], "date"),
        ("on", ["31 Jan 2024", "6 May 2023"], "date"),
        ("at", ["10:30", "23:59"], "date"),
    ],
)
def test_kinds_of_columns(name, cells, kind, tmp_path):
    assert describe(name, pd.Series(cells)).kind == kind


def test_a_few_cells_that_are_no_numbers_are_missing_and_named():
    column = describe("x", pd.Series([*map(str, range(5, 25)), "3o", ""], index=range(2, 24)))
    assert (column.kind, column.missing) == ("number", {22: "3o", 23: ""})


def test_a_column_of_numbers_and_texts_says_so():
    column = describe("x", pd.Series([*(f"{i}.5" for i in range(20)), "inf", "two", "three"]))
    assert column.remark == "it names each row, or nearly; 87% are numbers, but others are not, such as 'inf'"


@pytest.mark.parametrize(
    ("cells", "numbers", "unit"),
    [
        (["12%", "7.5 %", "-3%", ""], [12.0, 7.5, -3.0, None], "%"),
        (["$1,200", "$3.50", "-$4", "$-4"], [1200.0, 3.5, -4.0, -4.0], "$"),
        (["€ 1.200,50", "€ 3,50", "€ 0,75"], [1200.5, 3.5, 0.75], "€"),
        (["1 200,5 EUR", "3 EUR", "4,25 EUR"], [1200.5, 3.0, 4.25], "EUR"),
        (["12 km", "3km", "1e3 km"], [12.0, 3.0, 1000.0], "km"),
        (["21 °C", "\N{MINUS SIGN}3 °C", "+7.5 °C"], [21.0, -3.0, 7.5], "°C"),
        ([*map(str, range(20, 40)), "5 kg"], [*map(float, range(20, 40)), None], ""),  # of which unit are the others?
        ([*(f"{i} kg" for i in range(20, 40)), "5 g", "5"], [*map(float, range(20, 40)), None, None], "kg"),
    ],
)
def test_numbers_with_a_unit_are_numbers(cells, numbers, unit):
    column = describe("x", pd.Series(cells))
    assert (column.kind, column.cells, column.unit) == ("number", numbers, unit)


@pytest.mark.parametrize("cells", [["A1", "A2", "A4"], ["3 kg", "3 g", "4 kg"], ["$3", "€3", "$4"], ["#1", "#2", "#4"]])
def test_numbers_of_several_units_or_after_a_word_are_text(cells):
    assert describe("x", pd.Series(cells * 5)).kind == "category"


def test_a_unit_is_read_again_where_a_model_predicts(run, tmp_path):
    rows = [["size", "price"], *([f"{i / 4:.2f} km".replace(".", ","), f"€ {100 + 3 * i},5"] for i in range(40))]
    written(tmp_path / "a.csv", rows, ";")
    code, out, _ = run("a.csv", "--target", "price", "--epochs", 200, "--hidden", "8")
    assert code == 0
    assert "size: number, 0 to 9.75 km" in out
    code, out, _ = run("predict", "out/a/model.json", "a.csv")
    assert code == 0
    assert float(re.search(r"R² ([0-9.]+)", out)[1]) > 0.9
    written(tmp_path / "b.csv", [["size"], ["3 m"], ["4 km"]])
    code, _, err = run("predict", "out/a/model.json", "b.csv")
    assert code == 2
    assert "row 2 has no 'size', a number of km, that can be used, but '3 m'" in err


def test_many_columns_are_weighed_at_once(run, tmp_path, monkeypatch):
    counted = []
    monkeypatch.setattr(demos.tables.model, "predict", lambda network, X: counted.append(len(X)) or predict(network, X))
    rows = [["y", *(f"x{i}" for i in range(30))]]
    rows += [[i % 2, *((i * k) % 37 / 37 for k in range(1, 31))] for i in range(40)]
    written(tmp_path / "wide.csv", rows)
    assert run("wide.csv", "--target", "y", "--epochs", 1)[0] == 0
    assert 30 * 5 * 40 in counted
    assert len(counted) < 30


def test_classes_are_learnt_and_predicted(run, tmp_path):
    rows = customers(100)
    written(tmp_path / "customers.csv", rows, ";", ",", "latin-1")
    code, out, err = run("customers.csv", "--target", "buys", "--hidden", "8", "--epochs", 60, "--skip", "premium")
    assert (code, err) == (0, "")
    for line in (
        "100 rows of 9 columns, separated by semicolons and decimal commas, in Latin-1",
        "id: not used: it names each row",
        "since: not used: it holds dates or times",
        "city: category, 3 categories",
        "country: not used: it is 'EU' in every row",
        "premium: not used: skipped",
        "Classification: 'buys' holds 2 different texts.",
        "scikit-learn's of the same shape",
        "the most frequent class",
    ):
        assert line in out
    assert float(re.search(r"this network +([\d.]+)%", out)[1]) >= 85
    assert {path.name for path in (tmp_path / "out/customers").iterdir()} == {"model.json", "report.html"}
    page = (tmp_path / "out/customers/report.html").read_text(encoding="utf-8")
    for part in ("Results", "Training", "Right and wrong", "The most telling columns", "prefers-color-scheme: dark"):
        assert part in page
    assert not re.search(r"""(?:src|href)=["'](?!data:)""", page), "the report must need no other file"

    code, out, err = run("predict", "out/customers/model.json", "customers.csv")
    assert (code, err) == (0, "")
    assert float(re.search(r"100 rows whose buys is known: accuracy ([\d.]+)%", out)[1]) >= 85
    predicted = read_table(tmp_path / "out/customers/customers-predictions.csv").cells
    assert {*predicted["predicted buys"]} == {"yes", "no"}
    for truth, yes, no in zip(
        predicted["predicted buys"], predicted["probability of yes"], predicted["probability of no"], strict=True
    ):
        assert abs(float(yes) + float(no) - 1) < 1e-5
        assert truth == ("yes" if float(yes) > float(no) else "no")


def test_amounts_are_learnt_and_predicted(run, tmp_path):
    written(tmp_path / "c.tsv", customers(100), "\t")
    code, out, _ = run("c.tsv", "--target", "premium", "--epochs", 100)
    assert code == 0
    assert "Regression: 'premium' holds" in out
    assert float(re.search(r"this network +(-?[\d.]+)", out)[1]) > 0.8  # R²
    assert "the mean" in out
    assert "Predicted and true" in (tmp_path / "out/c/report.html").read_text(encoding="utf-8")
    code, out, _ = run("predict", "out/c/model.json", "c.tsv", "--output", "p.csv")
    assert code == 0
    assert float(re.search(r"R² (-?[\d.]+)", out)[1]) > 0.8
    assert (tmp_path / "p.csv").read_text().startswith("row,")


def test_several_classes_of_whole_numbers_and_the_wish_of_the_user(run, tmp_path):
    rng = random.Random(0)
    rows = [["x", "y"], *([round(k + rng.random(), 3), k] for k in range(3) for _ in range(20))]
    written(tmp_path / "t.csv", rows)
    code, out, _ = run("t.csv", "--target", "y", "--epochs", 30, "--hidden", "none")
    assert code == 0
    assert "Classification: 'y' holds 3 different whole numbers" in out
    assert json.loads((tmp_path / "out/t/model.json").read_text())["preparation"]["target"]["classes"] == [
        "0",
        "1",
        "2",
    ]
    code, out, _ = run("t.csv", "--target", "y", "--epochs", 2, "--task", "regression")
    assert code == 0
    assert "Regression" in out


def test_missing_cells_are_refused_dropped_or_imputed(run, tmp_path):
    rows = customers(60)
    rows[5][2], rows[7][4], rows[9][2], rows[20][8] = "?", "", "NA", "-"
    written(tmp_path / "c.csv", rows)
    code, _, err = run("c.csv", "--target", "buys")
    assert code == 2
    assert err.startswith("row 6 holds '?' in the place of 'age': say --missing drop")
    assert "age in 2 rows (6, 10), city in row 8, buys in row 21" in err
    code, out, _ = run("c.csv", "--target", "buys", "--missing", "drop", "--epochs", 2)
    assert code == 0
    assert "Left out for that: 4 of the rows." in out
    code, out, _ = run("c.csv", "--target", "buys", "--missing", "impute", "--epochs", 2)
    assert code == 0
    assert "Left out for that: 1 of the rows." in out  # what has no answer teaches nothing
    code, _, err = run("predict", "out/c/model.json", "c.csv", "--missing", "refuse")
    assert (code, err[:30]) == (2, "row 6 has no 'age' that can be")
    for action, n in (("drop", 57), ("impute", 60)):
        code, out, _ = run("predict", "out/c/model.json", "c.csv", "--missing", action)
        assert code == 0
        assert f"wrote {n} predictions" in out


def test_a_category_never_seen_is_said(run, tmp_path):
    rows = customers(60)
    written(tmp_path / "c.csv", rows)
    assert run("c.csv", "--target", "buys", "--epochs", 1)[0] == 0
    rows[1][4] = "Oslo"
    written(tmp_path / "d.csv", rows)
    code, out, _ = run("predict", "out/c/model.json", "d.csv")
    assert code == 0
    assert "city holds 'Oslo', never seen in training: 1 such rows" in out


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["missing.csv", "--target", "y"], "there is no file missing.csv"),
        (["tabel.csv", "--target", "y"], "there is no file tabel.csv: did you mean 'table.csv'?"),
        ([".", "--target", "y"], ". is a folder: name a CSV in it"),
        (["table.csv", "--target", "hieght"], "table has no column 'hieght': did you mean 'height'?"),
        (["doubled.csv", "--target", "a"], "doubled has several columns 'a': only one may be called"),
        (["table.csv", "--target", "zzz"], "table has no column 'zzz': there are height, kind, same, day"),
        (["table.csv", "--target", "kind", "--skip", "hight"], "table has no column 'hight': did you mean 'height'?"),
        (["table.csv", "--target", "same"], "column 'same' has one class only: it is 'a' in every row"),
        (["table.csv", "--target", "day"], "column 'day' holds dates or times, which are neither classes nor amounts"),
        (["table.csv", "--target", "kind", "--task", "regression"], "so it is no target for regression"),
        (["table.csv", "--target", "kind", "--skip", "height"], "table has no column to learn from: same: it is 'a'"),
        (["table.csv"], "the following arguments are required: --target"),
        (["table.csv", "--target", "kind", "--hidden", "0,3"], "argument --hidden: must be up to 10 whole numbers"),
        (["table.csv", "--target", "kind", "--hidden", "9" * 5000], "argument --hidden: must be up to 10 whole"),
        (["table.csv", "--target", "kind", "--epochs", "-1"], "argument --epochs: must be a whole number from 1"),
        (["table.csv", "--target", "kind", "--seed", "-1"], "--seed must be a whole number, 0 or more"),
        (["table.csv", "--target", "kind", "--wrong"], "unrecognized arguments: --wrong"),
        (["few.csv", "--target", "kind"], "column 'kind' has 3 classes in 4 rows, which are too few"),
        (["few.csv", "--target", "x"], "4 rows are too few: five are the least"),
        (["predict", "table.csv", "table.csv"], "table.csv is no chalkgrad table model: it is not JSON"),
        (["predict", "nothing.json", "table.csv"], "there is no file nothing.json"),
        (["predict"], "the following arguments are required: MODEL.json, DATA.csv"),
    ],
)
def test_what_is_wrong_is_one_line_and_exit_code_2(arguments, why, run, tmp_path):
    (tmp_path / "table.csv").write_text(
        "height,kind,same,day\n" + "".join(f"{i * 7 % 10}.5,{'ab'[i % 2]},a,2024-01-0{1 + i % 9}\n" for i in range(20))
    )
    (tmp_path / "doubled.csv").write_text("a,a,b\n1.5,2.5,3\n")
    (tmp_path / "few.csv").write_text("x,kind,z\n1.5,a,8.5\n2.5,b,4.5\n3.5,c,7.5\n4,a,5\n")
    code, out, err = run(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert why in err
    assert not (tmp_path / "out").exists()


def damage(document, path, wrong):
    *way, last = path
    inner = document
    for key in way:
        inner = inner[key]
    if wrong is KeyError:
        del inner[last]
    else:
        inner[last] = wrong
    return document


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        *itertools.product([("format",), ("version",), ("preparation",), ("model",)], [KeyError, None, [], 7]),
        *itertools.product([("preparation", key) for key in ("inputs", "target", "missing")], [KeyError, None, [], {}]),
        (("preparation", "inputs", 0, "scale"), 0.0),
        (("preparation", "inputs", 0, "mean"), "1"),
        (("preparation", "inputs", 1, "categories"), []),
        (("preparation", "inputs", 1, "categories"), ["a", "a"]),
        (("preparation", "inputs", 1, "categories", 0), {"__class__": "os.system"}),
        (("preparation", "target", "classes"), ["one"]),
        (("preparation", "target", "classes"), ["a", "b", "c"]),
        (("preparation", "target", "scale"), True),
        (("model", "model", "activation"), "exec"),
        (("model", "model", "widths"), []),
        (("model", "model"), {"part": "Softmax"}),
        (("model", "numbers"), {}),
    ],
)
def test_a_damaged_model_is_one_line_and_exit_code_2(path, wrong, run, tmp_path, trained):
    document = damage(json.loads(trained), path, wrong)
    (tmp_path / "model.json").write_text(json.dumps(document))
    (tmp_path / "t.csv").write_text("age,city\n1,Roma\n")
    code, out, err = run("predict", "model.json", "t.csv")
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert "damaged" in err or "no chalkgrad table model" in err


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The text of a model of a table."""
    folder, before = tmp_path_factory.mktemp("trained"), os.getcwd()
    written(folder / "c.csv", [[row[2], row[4], row[8]] for row in customers(30)])
    os.chdir(folder)
    try:
        assert main(["c.csv", "--target", "buys", "--epochs", "1", "--hidden", "3"]) == 0
    finally:
        os.chdir(before)
    return (folder / "out/c/model.json").read_text()


WORDS = [
    b"", b",", b";", b"\t", b'"', b"\n", b"\r", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"NA", b"?", b"-", b"nan",
    b"inf", b"1e999", b"1e-320", b"1e150", b"0,5", b"1.234,5", "é\u2028\U0001f600".encode(), b"=1+1", b"9" * 400,
    b"w" * 5000, b"2024-01-01", b"<script>", b"id", b"sep=;\n", b"''", b"\\", b"%s{0}", b"\x1b[31m", b"\x1c\x85",
]  # fmt: skip


def mutated(rng, content):
    """A few changes, of a kind that happens to files and of kinds that do not."""
    for _ in range(rng.choice([1, 1, 2, 4, 9])):
        at, end = sorted(rng.randrange(len(content) + 1) for _ in range(2))
        lines = content.split(b"\n")
        content = rng.choice(
            [
                lambda at=at, c=content: c[:at] + rng.choice(WORDS) + c[at:],
                lambda at=at, c=content: c[:at] + bytes([rng.randrange(256)]) + c[at + 1 :],
                lambda at=at, end=end, c=content: c[:at] + c[min(end, at + rng.randrange(60)) :],
                lambda at=at, c=content: c[:at],
                lambda ls=lines: b"\n".join(rng.sample(ls, len(ls))),
                lambda ls=lines: b"\n".join(ls[: rng.randrange(1, 8)]),
                lambda c=content: c.replace(rng.choice([b",", b";", b".", b"a", b"1", b"\n"]), rng.choice(WORDS)),
                lambda ls=lines: b"\n".join(line + rng.choice([b"", b"", b",", b";1"]) for line in ls),
                lambda ls=lines: b"\n".join([ls[0], *[ls[-2 if len(ls) > 1 else 0]] * 12]),
            ]
        )()
    return content


MUTANTS = int(os.environ.get("MUTANTS", "60"))


@pytest.mark.parametrize("batch", range(4))
def test_no_damage_to_a_csv_brings_a_traceback(batch, run, tmp_path, trained):
    def too_long(*_):
        raise AssertionError("it takes longer than half a minute")

    before = signal.signal(signal.SIGALRM, too_long)
    (tmp_path / "model.json").write_text(trained)
    codes = []
    try:
        for seed in range(batch, MUTANTS, 4):
            rng = random.Random(seed)
            separator, decimal = rng.choice([(",", "."), (";", ","), ("\t", ".")])
            encoding = rng.choice(["utf-8", "latin-1", "utf-8-sig"])
            written(tmp_path / "m.csv", customers(rng.choice([8, 25, 40]), seed), separator, decimal, encoding)
            content = mutated(rng, (tmp_path / "m.csv").read_bytes())
            (tmp_path / "m.csv").write_bytes(content)
            options = ["--missing", rng.choice(["refuse", "drop", "impute", "impute"])]
            options += rng.choice([[], [], ["--task", "classification"], ["--task", "regression"]])
            signal.alarm(30)
            target = rng.choice(["buys", "premium", "city", "age"])
            code, _, err = run("m.csv", "--target", target, "--epochs", 1, "--hidden", "3", *options)
            assert code in (0, 2), (seed, err)
            assert err.count("\n") == (code == 2), (seed, err)
            codes.append(code)
            code, _, err = run("predict", "model.json", "m.csv", *options[:2])
            assert code in (0, 2), (seed, err)
            assert err.count("\n") == (code == 2), (seed, err)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    assert {*codes} == {0, 2}  # some are still of use
