"""What `check` prints: promises, and an explanation of the first that is not kept."""

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from workshop.check.hints import Hint
from workshop.check.known import explanation, known_error
from workshop.check.project_round import Promise, in_words
from workshop.check.promises import Outcome
from workshop.check.sections import Change, find_block, place_of
from workshop.lesson.promises import later_promises
from workshop.lesson.reading import Block
from workshop.steps import Lesson

WIDTH = 80
# So many characters of a message or of a line that a process prints.
MOST = 400
COMPARISON = re.compile(r"(?:assert )?(Ожидалось: .*)\n\s*(Пришло: .*)")
PLACE = re.compile(r'File "((?!tests/)[\w/]+\.py)", line (\d+)')
# The last line of a traceback, and a warning that is always an error of the learner's.
ERROR = re.compile(
    r"^(?:\w+\.)*[A-Z]\w*(?:Error|Exception|Match|Exist|Configured)\b.*|^.*was never awaited",
    re.MULTILINE,
)


class Report:
    """Prints promises, and explains the first that is not kept."""

    def __init__(
        self, lesson: Lesson, copy: Path, changes: list[Change], verbose: bool
    ) -> None:
        self.lesson, self.copy, self.changes, self.verbose = lesson, copy, changes, verbose
        self.kept = self.total = 0
        self.advice: list[str] = []
        self.unseen: set[str] = set()

    def show(self, promise: Promise) -> None:
        """Print a promise of the project."""
        self._mark(promise.title, not promise.complaints)
        if promise.complaints:
            first, *more = promise.complaints
            sentences = [first]
            if more:
                sentences.append(f"И ещё {len(more)} того же рода.")
            block = promise.block or self._reason(first)
            block = block or find_block(first, self.changes, promise.path)
            self._explain(promise.title, sentences, first, block)

    def show_outcome(self, outcome: Outcome) -> None:
        """Print a promise that tests hold, or remember why it is not known."""
        if outcome.skipped:
            self.unseen.add(outcome.skipped)
            return
        self._mark(outcome.title, outcome.failure is None)
        if failure := outcome.failure:
            inside = f"{self.copy}/"
            message, trace = (failure[key].replace(inside, "") for key in ("message", "trace"))
            sentences = _sentences(message, failure["error"])
            path = "" if message else failure["error"]["path"]
            output = message or failure["error"]["text"]
            block = find_block(sentences[0], self.changes, path)
            block = block or find_block(" ".join(sentences), self.changes)
            self._explain(outcome.title, sentences, output, block or self._reason(output))
            if self.verbose:
                print(textwrap.indent(trace, "    "))

    def sum_up(self, is_fatal: bool, where: str, found: Iterable[Hint]) -> int:
        """Say how much is done, and what to do next. Returns the exit status.

        Takes whether the tests did not even begin, the command that says where somebody is, and
        the hints for a project that keeps everything.
        """
        for reason in self.unseen:
            say(f"Страницы в браузере не проверены: {reason}.", "· ", "  ")
        if later := later_promises(self.lesson):
            say(
                f"Обещания следующих уроков этого шага не проверены: их {len(later)}.",
                "· ",
                "  ",
            )
        done = f"\nСделано {self.kept} из {self.total}."
        if self.advice:
            # The first ✗ has scrolled away by now.
            print(f"{done} Начните с первого ✗:")
            for sentence in self.advice:
                say(sentence, "  ", "  ")
            if is_fatal:
                print("Остальное проверится, когда это будет исправлено.")
            else:
                print(f"Что не так в сделанном, покажет команда\n  {where}")
            return 1
        print(f"{done} Всё как обещано.")
        for number, hint in enumerate(found):
            if number == 0:
                print("\nНе ошибка, но в уроке иначе:")
            place = f" ({place_of(hint.block)})" if hint.block else ""
            say(f"{hint.sentence}{place}", "  ", "    ")
        return 0

    def _mark(self, title: str, is_kept: bool) -> None:
        self.total += 1
        self.kept += is_kept
        say(title, "✓ " if is_kept else "✗ ", "  ")

    def _reason(self, output: str) -> Block | None:
        """Find the block that makes what a known text is about, if a lesson has come to it."""
        known = known_error(output)
        return find_block(known.place, self.changes) if known else None

    def _explain(
        self, title: str, sentences: Sequence[str], output: str, block: Block | None
    ) -> None:
        if self.advice:
            return
        if (known := known_error(output)) and self._reason(output):
            sentences = [*sentences, explanation(known)]
        place = place_of(block) if block else f"урок {self.lesson.number}"
        place = f"{place[0].upper()}{place[1:]}."
        self.advice = [title, f"{sentences[0]} {place}"]
        for sentence in [*sentences, place]:
            say(sentence, "    ", "    ")


def _sentences(message: str, error: Mapping[str, Any]) -> list[str]:
    """Say in Russian what a test expected and what came."""
    if not re.search("[а-яё]", message):
        return [f"Ошибка: {in_words(error)}"]
    said, _, printed = message.partition("\n\n")
    first = textwrap.shorten(said.split("\nassert ")[0], MOST, placeholder="…")
    sentences = [first if first.endswith((".", "!", "?", "…")) else f"{first}."]
    if comparison := COMPARISON.search(said):
        sentences.append(f"{comparison[1]}. {comparison[2]}.")
    if errors := ERROR.findall(printed):
        places = PLACE.findall(printed)[-1:]
        where = "".join(f"`{path}`, строка {line}: " for path, line in places)
        sentences.append(f"Запущенный процесс напечатал: {where}{errors[-1][:MOST]}")
    return sentences


def say(text: str, first: str = "", indent: str = "") -> None:
    """Print a sentence in lines of 80 characters. The first and the others begin as told."""
    print(
        textwrap.fill(
            text,
            WIDTH,
            initial_indent=first,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        ),
        flush=True,
    )
