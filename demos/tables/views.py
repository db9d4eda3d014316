"""Views: what a study found, as parts of its report."""

from collections.abc import Sequence
from html import escape

import numpy as np

from demos.tables.charts import curves, legend, points_on, region_map, spread
from demos.tables.preparation import NumberInput
from demos.tables.study import Study
from demos.tables.words import score_in_words

__all__ = [
    "confusion_table",
    "history_charts",
    "result_table",
    "telling_charts",
    "truth_chart",
    "worth_bars",
    "wrong_rows",
]

MOST_POINTS = 400
GRID = 100


def result_table(study: Study) -> str:
    """Every score on the rows learnt from and on the others; the best of the latter stand out."""
    metrics = [*study.scores[0].on_tested]
    heads = "".join(f"<th>{escape(metric)}<small>tested</small></th>" for metric in metrics)
    heads += f"<th>{escape(metrics[0])}<small>learnt from</small></th>"
    best = {
        metric: (min if "error" in metric else max)(round(score.on_tested[metric], 4) for score in study.scores)
        for metric in metrics
    }
    rows = ""
    for score in study.scores:
        cells = "".join(
            f"<td{' class=best' * (round(score.on_tested[metric], 4) == best[metric])}>"
            f"{score_in_words(metric, score.on_tested[metric])}</td>"
            for metric in metrics
        )
        cells += f"<td>{score_in_words(metrics[0], score.on_trained[metrics[0]])}</td>"
        rows += f"<tr><th>{escape(score.name)}</th>{cells}</tr>"
    return f'<div class="scroll"><table><tr><th></th>{heads}</tr>{rows}</table></div>'


def history_charts(study: Study) -> str:
    """The numbers of every epoch: losses, and accuracies if there are any."""
    groups = [[name for name in study.history if ("accuracy" in name) == wanted] for wanted in (False, True)]
    charts = ""
    for names, what, most in zip(groups, ("loss", "accuracy"), (None, 1.0), strict=True):
        series = {name.replace("_", " "): np.array(study.history[name]) for name in names if study.history[name]}
        if series:
            epochs = np.arange(1, 1 + len(next(iter(series.values()))))
            named = legend([*series], lines=True) if len(series) > 1 else ""
            charts += f"<figure>{curves(epochs, series, 'epoch', what, most)}{named}</figure>"
    return f'<div class="pair">{charts}</div>'


def confusion_table(study: Study) -> str:
    """How many rows of each class were taken for which: a row for what is right, a column for what was said."""
    classes, (X, y) = study.data.labels.classes, study.data.tested
    counts = np.zeros((len(classes), len(classes)), dtype=int)
    np.add.at(counts, (y, study.model.answers(X)), 1)
    heads = "".join(f"<th>{escape(name)}</th>" for name in classes)
    rows = ""
    for k, name in enumerate(classes):
        cells = ""
        for j, count in enumerate(counts[k]):
            share = count / max(1, counts[k].sum())
            kind = "right" if j == k else "wrong"
            cells += f'<td class="{kind}" style="--share:{100 * share:.0f}%">{count or ""}</td>'
        rows += f"<tr><th>{escape(name)}</th>{cells}</tr>"
    return f'<div class="scroll"><table class="confusion"><tr><th></th>{heads}</tr>{rows}</table></div>'


def wrong_rows(study: Study) -> str:
    """The first rows of the test that were taken for something else, by their row in the spreadsheet."""
    data, classes = study.data, study.data.labels.classes
    X, y = data.tested
    said = study.model.answers(X)
    index = data.table.cells.index
    wrong = [
        f"row {index[place]} is {escape(classes[truth])}, taken for {escape(classes[answer])}"
        for place, truth, answer in zip(data.tested_rows, y, said, strict=True)
        if truth != answer
    ]
    more = f"; and {len(wrong) - 8} more" if len(wrong) > 8 else ""
    return f"<p>{'; '.join(wrong[:8])}{more}.</p>" if wrong else "<p>Every one of them is right.</p>"


def truth_chart(study: Study) -> str:
    """What was said against what is right, for numbers; on the line both are the same."""
    X, y = study.data.tested
    points = np.stack([y, study.model.answers(X)], axis=1)[:MOST_POINTS]
    ends = np.array(spread(points.ravel()))
    name = study.data.preparation.target.name
    return f"<figure>{points_on(points, [0] * len(points), name, 'predicted', line=np.stack([ends, ends], 1))}</figure>"


def worth_bars(study: Study) -> str:
    """A bar for each column: what it is worth."""
    most = max([*study.worth.values(), 1e-9])
    shown = {name: worth for name, worth in study.worth.items() if worth > 0} or study.worth
    bars = "".join(
        f"<tr><th>{escape(name)}</th><td><span style='width:{max(0.0, 100 * worth / most):.1f}%'></span></td>"
        f"<td>{worth:.3f}</td></tr>"
        for name, worth in [*shown.items()][:12]
    )
    return f'<table class="bars">{bars}</table>'


def telling_charts(study: Study) -> str:
    """What the model says along the columns that tell most, all others being typical; "" where none holds numbers."""
    numbers = [column for column in study.data.preparation.inputs if isinstance(column, NumberInput)]
    told = sorted(numbers, key=lambda column: -study.worth[column.name])[:2]
    classes = study.data.labels.classes
    if not told:
        return ""
    if not classes:
        return f'<div class="pair">{"".join(_curve_of_numbers(study, column) for column in told)}</div>'
    if len(told) == 1:
        return _curves_of_classes(study, told[0])
    points, y = _points(study, told)
    grid = np.stack(np.meshgrid(*(np.linspace(*spread(column), GRID) for column in points.T)), axis=-1)
    scores = study.model.probabilities(_typical(study, told, grid.reshape(-1, 2))).reshape(GRID, GRID, -1)
    return f"<figure>{region_map(points, y, scores, told[0].name, told[1].name)}{legend(classes)}</figure>"


def _curve_of_numbers(study: Study, column: NumberInput) -> str:
    points, y = _points(study, [column])
    x = np.linspace(*spread(points[:, 0]), GRID)
    line = np.stack([x, study.model.numbers(_typical(study, [column], x[:, None]))], axis=1)
    target = study.data.preparation.target.name
    chart = points_on(np.stack([points[:, 0], y], axis=1), [0] * len(y), column.name, target, line=line)
    return f"<figure>{chart}</figure>"


def _curves_of_classes(study: Study, column: NumberInput) -> str:
    points, _ = _points(study, [column])
    x = np.linspace(*spread(points[:, 0]), GRID)
    probabilities = study.model.probabilities(_typical(study, [column], x[:, None]))
    classes = study.data.labels.classes
    chart = curves(x, dict(zip(classes, probabilities.T, strict=True)), column.name, "probability", 1.0)
    return f"<figure>{chart}{legend(classes, lines=True)}</figure>"


def _points(study: Study, columns: Sequence[NumberInput]) -> tuple[np.ndarray, np.ndarray]:
    """The cells of these columns, as the table has them, and the answers, for some rows of both parts."""
    X, y = (np.concatenate(parts)[-MOST_POINTS:] for parts in zip(study.data.trained, study.data.tested, strict=True))
    places = _places(study)
    return np.stack([X[:, places[column.name]] * column.scale + column.mean for column in columns], axis=1), y


def _typical(study: Study, columns: Sequence[NumberInput], cells: np.ndarray) -> np.ndarray:
    """Inputs of rows that have these cells in some columns, and in all others what is typical."""
    preparation = study.data.preparation
    row = preparation.encode([[column.typical] for column in preparation.inputs])
    X = np.repeat(row, len(cells), axis=0)
    places = _places(study)
    for column, numbers in zip(columns, cells.T, strict=True):
        X[:, places[column.name]] = (numbers - column.mean) / column.scale
    return X


def _places(study: Study) -> dict[str, int]:
    """Where the inputs of each column begin."""
    places, start = {}, 0
    for column in study.data.preparation.inputs:
        places[column.name] = start
        start += column.width
    return places
