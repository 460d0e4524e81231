"""The figures of all sections in one file, each with the machine and the day."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from babel.dates import format_date

from workshop.bench import table
from workshop.bench.table import Table

NAME = "results.json"


@dataclass(frozen=True)
class Result:
    """What a section has measured; on which machine, on which day (in Russian), how well."""

    table: Table
    machine: str
    day: str
    is_quick: bool

    @property
    def caption(self) -> str:
        """What stands below a chart."""
        quick = ", короткое измерение" if self.is_quick else ""
        return f"{self.machine}. {self.day}{quick}"


# By the name of the section.
Results = dict[str, Result]


def today() -> str:
    """Return this day as a Russian writes it: «29 ноября 2026»."""
    return format_date(date.today(), "d MMMM y", locale="ru")


def read(directory: Path) -> Results:
    """Read the results in a directory: none if there is no file, or not one of these."""
    try:
        data: dict[str, dict[str, Any]] = json.loads((directory / NAME).read_text("utf-8"))
        return {
            section: Result(**{**one, "table": table.from_data(one["table"])})
            for section, one in data.items()
        }
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return {}


def write(directory: Path, results: Results) -> None:
    """Write results; those of the sections that were not measured now stay as they are."""
    data = {section: asdict(one) for section, one in {**read(directory), **results}.items()}
    directory.mkdir(parents=True, exist_ok=True)
    text = json.dumps(data, ensure_ascii=False, indent=1)
    (directory / NAME).write_text(text + "\n", encoding="utf-8")
