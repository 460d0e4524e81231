"""What a section has measured, as a table that fits a terminal and as data."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

SECONDS, PER_SECOND = "с", "писем/с"


@dataclass(frozen=True)
class Row:
    """What was measured (`key` for programs, `label` in Russian); the values of each column."""

    key: str
    label: str
    values: list[list[float]]

    @property
    def medians(self) -> list[float]:
        """The median of each column."""
        return [median(values) for values in self.values]


@dataclass(frozen=True)
class Table:
    """A section's figures. Each row is compared with the one whose key is `base`, if any.

    `unit` is that of the first column at least; `units` has one for each, if they differ.
    """

    note: str
    unit: str
    columns: list[str]
    rows: list[Row]
    base: str | None = None
    units: list[str] = field(default_factory=list)


def from_data(data: dict[str, Any]) -> Table:
    """Make a Table of what `dataclasses.asdict` has made of one."""
    return Table(**{**data, "rows": [Row(**row) for row in data["rows"]]})


def lines(table: Table) -> list[str]:
    """Return the lines of a table: medians, and how they compare."""
    base = next((row.medians for row in table.rows if row.key == table.base), None)
    rows = [("", table.columns)] + [
        (row.label, [_cell(row, column, base, table) for column in range(len(row.values))])
        for row in table.rows
    ]
    first = max(len(label) for label, _ in rows)
    widths = [max(map(len, cells)) for cells in zip(*(cells for _, cells in rows), strict=True)]
    return [
        "  ".join([f"  {label:{first}}", *_aligned(cells, widths)]).rstrip()
        for label, cells in rows
    ]


def _cell(row: Row, column: int, base: Sequence[float] | None, table: Table) -> str:
    value, unit = row.medians[column], table.units[column] if table.units else table.unit
    if base is None:
        return shown(value, unit)
    return f"{shown(value, unit)} {_times(value / base[column]):>5}"


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True)]


def _times(ratio: float) -> str:
    return "×1" if ratio == 1 else f"×{number(ratio)}"


def shown(value: float, unit: str) -> str:
    """Return a value in Russian: «20 с», «1,1 с», «31 мс», «9,8»."""
    if unit != SECONDS:
        return number(value)
    return f"{number(value)} с" if value >= 1 else f"{number(1000 * value)} мс"


def number(value: float) -> str:
    """Return a number with a decimal comma and the two or three digits that mean something."""
    digits = 0 if value >= 9.95 else 1 if value >= 0.995 else 2
    return f"{value:.{digits}f}".replace(".", ",")
