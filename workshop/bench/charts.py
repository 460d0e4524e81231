"""Draws what was measured: SVG files that load nothing, and that are the same each time."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pygal
from pygal.style import Style

from workshop.bench.results import Result, Results
from workshop.bench.table import shown

WIDTH, HEIGHT = 750, 440
FONT = "DejaVu Sans, Verdana, Arial, sans-serif"
TEXT = "#1d2129"
# These differ for everybody (Okabe and Ito), and from white; the first is the calm one.
GREEN, BLUE, ORANGE, PURPLE = "#007a5a", "#0072b2", "#c45500", "#8a4f9e"
# Pages are light and dark, so a chart brings its own background.
STYLE = Style(
    background="#ffffff",
    plot_background="#ffffff",
    foreground=TEXT,
    foreground_strong=TEXT,
    foreground_subtle=TEXT,
    guide_stroke_color="#d5d9e0",
    guide_stroke_dasharray="none",
    major_guide_stroke_color="#d5d9e0",
    major_guide_stroke_dasharray="none",
    opacity="1",
    opacity_hover="1",
    transition="0s",
    colors=(GREEN, BLUE, ORANGE, PURPLE),
    value_colors=(TEXT,) * 4,
    font_family=FONT,
    title_font_family=FONT,
    title_font_size=18,
    label_font_size=13,
    major_label_font_size=13,
    legend_font_size=13,
    value_font_size=12,
)
LOGARITHMIC = "Шкала логарифмическая."
# What a user waits for, from top to bottom: section, row, column, label, colour.
ANSWERS = (
    ("answer", "step_02", 0, "Шаг 02, 1 человек", ORANGE),
    ("answer", "step_02", 1, "Шаг 02, {column}", ORANGE),
    ("answer", "step_03", 0, "Шаг 03, 1 человек", GREEN),
    ("answer", "step_03", 1, "Шаг 03, {column}", GREEN),
    ("outage", "celery", 0, "Без Redis, настройки Celery", ORANGE),
    ("outage", "step_03", 0, "Без Redis, настройки шага 03", GREEN),
)


def draw(results: Results, directory: Path) -> list[Path]:
    """Draw a chart of each section that has one. Returns the files that were written."""
    charts = {}
    if "answer" in results or "outage" in results:
        charts["bench_answer.svg"] = _answers(results)
    if "mails" in results:
        charts["bench_mails.svg"] = _mails(results["mails"])
    if "fanout" in results:
        charts["bench_fanout.svg"] = _fanout(results["fanout"])
    directory.mkdir(parents=True, exist_ok=True)
    for name, chart in charts.items():
        # Otherwise each drawing has a name of its own.
        chart.uuid = Path(name).stem
        (directory / name).write_bytes(chart.render() + b"\n")
    return [directory / name for name in charts]


def _answers(results: Results) -> Any:
    bars: list[tuple[str, float, str]] = []
    for section, key, column, label, colour in ANSWERS:
        if section in results:
            table = results[section].table
            row = next(row for row in table.rows if row.key == key)
            label = label.format(column=table.columns[column])
            bars.append((label, row.medians[column], colour))
    # The first of them stands at the bottom.
    bars.reverse()
    result = results.get("answer") or results["outage"]
    if "answer" in results:
        mails = results["answer"].table.rows[0].label.partition(": ")[2]
        note = f"В шаге 02 {mails}. {LOGARITHMIC}"
    else:
        note = LOGARITHMIC
    scale = _logarithmic([value for _, value, _ in bars])
    title = "Сколько ждёт тот, кто отправил форму"
    chart = _chart(pygal.HorizontalBar, title, note, result, show_legend=False, **scale)
    chart.x_labels = [label for label, _, _ in bars]
    chart.add("", [{"value": value, "color": colour} for _, value, colour in bars])
    return chart


def _mails(result: Result) -> Any:
    title = "Сколько писем в секунду отправляет воркер"
    rates = [row.medians[0] for row in result.table.rows]
    step = 10 ** math.floor(math.log10(max(rates)))
    marks = range(0, step * math.ceil(max(rates) / step) + 1, step)
    scale = {
        "range": (0, marks[-1]),
        "y_labels": [{"value": m, "label": str(m)} for m in marks],
    }
    chart = _chart(pygal.Bar, title, result.table.note, result, show_legend=False, **scale)
    chart.x_labels = [row.label for row in result.table.rows]
    chart.add("", rates)
    return chart


def _fanout(result: Result) -> Any:
    rows = result.table.rows
    scale = _logarithmic([value for row in rows for value in row.medians])
    title = "За сколько шутка доходит до последней страницы"
    note = f"{result.table.note} {LOGARITHMIC}"
    options = {"legend_at_bottom": True, "legend_at_bottom_columns": 2}
    chart = _chart(pygal.Bar, title, note, result, **options, **scale)
    chart.x_labels = result.table.columns
    for row in rows:
        chart.add(row.label, row.medians)
    return chart


def _chart(kind: type, title: str, note: str, result: Result, **options: Any) -> Any:
    """Make an empty chart; below it stand a note, the machine and the day of a result."""
    chart = kind(
        width=WIDTH,
        height=HEIGHT,
        # Otherwise a page shows it as large as it can.
        explicit_size=True,
        style=STYLE,
        title=title,
        margin_bottom=54,
        margin_right=30,
        print_values=True,
        print_values_position="top",
        value_formatter=lambda value: shown(value, result.table.unit),
        truncate_label=-1,
        truncate_legend=-1,
        js=[],
        **options,
    )
    chart.add_xml_filter(
        lambda root: _finish(root, kind is pygal.HorizontalBar, note, result.caption)
    )
    return chart


def _logarithmic(values: Sequence[float]) -> dict[str, Any]:
    """Return the options of a logarithmic scale for these seconds, between powers of ten."""
    low = 10.0 ** math.floor(math.log10(min(values)))
    high = 10.0 ** math.ceil(math.log10(max(values)))
    marks = [low]
    while marks[-1] < 0.9 * high:
        marks.append(10 * marks[-1])
    labels = [{"value": mark, "label": _round_seconds(mark)} for mark in marks]
    return {"logarithmic": True, "range": (low, high), "zero": low, "y_labels": labels}


def _round_seconds(mark: float) -> str:
    return f"{mark:.0f} с" if mark > 0.5 else f"{1000 * mark:g} мс"


def _finish(root: Any, is_horizontal: bool, *notes: str) -> Any:
    """Take away the script and the links of pygal from a drawing, and add notes below it."""
    for parent in list(root.iter()):
        for child in list(parent):
            # A comment's tag is a function.
            if callable(child.tag) or child.tag.endswith("script"):
                parent.remove(child)
            elif child.get("class") == "value":
                # Beside the end of its bar, not across it.
                child.set(*(("text-anchor", "start") if is_horizontal else ("dy", "-3")))
    for number, note in enumerate(notes):
        place = {"x": str(WIDTH // 2), "y": str(HEIGHT - 30 + 17 * number)}
        look = {"font-family": FONT, "font-size": "11", "fill": "#555b66"}
        text = root.makeelement("text", place | look | {"text-anchor": "middle"})
        text.text = note
        root.append(text)
    root.set("role", "img")
    return root
