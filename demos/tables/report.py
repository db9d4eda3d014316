"""The report of a study: one page that needs nothing else, readable by day and by night, on a desk and on a phone."""

from html import escape
from pathlib import Path

from demos.tables.options import Options
from demos.tables.study import Study
from demos.tables.views import (
    confusion_table,
    history_charts,
    result_table,
    telling_charts,
    truth_chart,
    worth_bars,
    wrong_rows,
)
from demos.tables.words import columns_in_words, score_in_words
from engine.files import write_atomically

__all__ = ["finding", "write_report"]

STYLE = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")


def finding(study: Study) -> str:
    """What the study found, in a sentence."""
    data, (ours, _, baseline) = study.data, study.scores
    metric = next(iter(ours.on_tested))
    score, least = (score_in_words(metric, found.on_tested[metric]) for found in (ours, baseline))
    n, name = len(data.tested[0]), data.preparation.target.name
    if data.labels.classes:
        words = f"Of {n} rows that it never saw, the network gets {name} right for {score}"
        return f"{words}; {baseline.name} would be right for {least}."
    error = score_in_words("error", ours.on_tested["mean error"])
    plain = score_in_words("error", baseline.on_tested["mean error"])
    words = f"On {n} rows that it never saw, the network misses {name} by {error} on average"
    return f"{words} (R² {score}); {baseline.name} misses it by {plain}."


def write_report(study: Study, options: Options, path: Path) -> None:
    """Write the report; OSError if it cannot be written."""
    data, classes = study.data, study.data.labels.classes
    target, name = data.preparation.target.name, data.table.name
    sections = [("Results", _lead(study) + result_table(study)), ("Training", history_charts(study))]
    if classes:
        words = "<p>A row for what is right, a column for what was said; rows never seen in training.</p>"
        sections.append(("Right and wrong", words + confusion_table(study) + wrong_rows(study)))
    else:
        sections.append(("Predicted and true", "<p>Rows never seen in training.</p>" + truth_chart(study)))
    if charts := telling_charts(study):
        words = "What the network says along the columns of numbers that tell most, all other columns being typical."
        sections.append(("The most telling columns", f"<p>{words}</p>{charts}"))
    metric = next(iter(study.scores[0].on_tested))
    words = f"How much {metric} is lost where the cells of a column are shuffled among the rows."
    sections.append(("What each column is worth", f"<p>{words}</p>{worth_bars(study)}"))
    sections.append(("The table", _columns(study, options)))
    sections.append(("The network", _network(study, options)))
    body = "".join(f"<section><h2>{escape(title)}</h2>{content}</section>" for title, content in sections)
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    head += f"<style>{STYLE}</style><title>{escape(target)}, from {escape(name)}</title>"
    top = f"<p>{escape(name)}</p><h1>{escape(target)}</h1><p class=lead>{escape(finding(study))}</p>"
    body = f"<header>{top}</header><main>{body}</main>"
    page = f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>\n'
    write_atomically(path, page.encode("utf-8", "replace"))


def _lead(study: Study) -> str:
    data = study.data
    n, n_tested = len(data.trained[0]), len(data.tested[0])
    return f"<p>{escape(data.labels.why)}. Learnt from {n:,} rows, tested on {n_tested:,} others.</p>"


def _columns(study: Study, options: Options) -> str:
    data = study.data
    found = (line.partition(": ") for line in columns_in_words(data, options.skip))
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(use)}</td></tr>" for name, _, use in found)
    notes = "".join(f"<p>{escape(note)}</p>" for note in data.notes)
    return f"<p>{escape(str(data.table))}.</p>{notes}<div class=scroll><table class=words>{rows}</table></div>"


def _network(study: Study, options: Options) -> str:
    data = study.data
    n_outputs = len(study.model.network.layers[-1].neurons)
    widths = " → ".join(map(str, (data.preparation.width, *options.hidden, n_outputs)))
    n_parameters = len(study.model.network.parameters())
    command = f"python -m demos predict out/{data.table.name}/model.json DATA.csv"
    epochs, best = study.history.epochs, study.history.best_epoch
    kept = f"; those weights were kept that were best, after {best}, for rows set aside" if best else ""
    return (
        f"<p>{widths} numbers, {n_parameters:,} parameters, {epochs} epochs of Adam{kept}. It is in "
        f"model.json, and predicts other tables with these columns:</p><pre>{escape(command)}</pre>"
    )
