"""`python3 -m workshop check`: the promises of a step, kept by the learner's project or not."""

import re
import sys
import textwrap
from argparse import Namespace
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from workshop.check.hints import hints
from workshop.check.known import explanation, known_error
from workshop.check.learner import all_files, copy_project, page_tests
from workshop.check.project_round import Promise, in_words, project_promises
from workshop.check.promises import Broken, Outcome, end_leftovers, start_promises
from workshop.check.sections import (
    Change,
    changes_of,
    find_block,
    place_of,
    states_until,
)
from workshop.environment import clean_environment
from workshop.lesson.course import files_of
from workshop.lesson.project import read_files, write_text
from workshop.lesson.promises import later_promises
from workshop.lesson.reading import Block
from workshop.my_project import ProjectError, command, how_to_begin, read_project, shown
from workshop.processes.guard import Guard
from workshop.processes.private_redis import NoRedis, start_redis
from workshop.processes.process import Stopping
from workshop.processes.signals import interrupt_once
from workshop.progress import all_paths, course, find_stretch
from workshop.steps import Lesson, uses_redis

WIDTH = 80
# So many characters of a message or of a line that a process prints.
MOST = 400
REDIS = Stopping(2)
# Runs of the slow tests side by side while the project is not as in the lesson.
SHARES = 3
COMPARISON = re.compile(r"(?:assert )?(Ожидалось: .*)\n\s*(Пришло: .*)")
PLACE = re.compile(r'File "((?!tests/)[\w/]+\.py)", line (\d+)')
# The last line of a traceback, and a warning that is always an error of the learner's.
ERROR = re.compile(
    r"^(?:\w+\.)*[A-Z]\w*(?:Error|Exception|Match|Exist|Configured)\b.*|^.*was never awaited",
    re.MULTILINE,
)

WITHOUT_TESTS = """\
Своих тестов у урока {number} нет: он сам показывает, что работает. Чем ваши файлы отличаются
от тех, что в нём набирают, скажет команда
  {diff}"""


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

    def _mark(self, title: str, is_kept: bool) -> None:
        self.total += 1
        self.kept += is_kept
        _say(title, "✓ " if is_kept else "✗ ", "  ")

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
            _say(sentence, "    ", "    ")


def main(arguments: Namespace) -> int:
    """Check the learner's project and say what to do about the first thing that is wrong.

    Takes the parsed arguments: lesson (None for where the learner is), dir, verbose,
    pytest_arguments. Returns the exit status: 0 if all promises are kept, 1 if not. Raises
    KeyboardInterrupt after a signal.
    """
    points = course()
    try:
        project = read_project(arguments.dir, all_paths(points))
    except ProjectError as error:
        print(error, how_to_begin(arguments.dir), file=sys.stderr)
        return 1
    try:
        files = all_files(project)
        lesson = arguments.lesson
        if not lesson:
            lesson = find_stretch(points, project.files, project.entered).lesson
        if lesson.is_beyond:
            print(
                WITHOUT_TESTS.format(
                    number=lesson.number, diff=command(f"diff {lesson.number}", arguments.dir)
                )
            )
            return 1
        _say(f"Проверяю {shown(arguments.dir)}: всё ли так, как обещает урок {lesson.number}.")
        interrupt_once()
        with Guard() as guard:
            try:
                return _check(guard, files, lesson, arguments)
            except KeyboardInterrupt:
                print("\nПрервано. Ваш проект не изменён.", flush=True)
                raise
            finally:
                guard.stop()
                end_leftovers(guard.scratch)
    except (ProjectError, Broken, NoRedis) as error:
        print(error, file=sys.stderr)
        return 1


def _check(guard: Guard, files: Mapping[str, str], lesson: Lesson, arguments: Namespace) -> int:
    # Python says where a file really is.
    copy = guard.scratch.resolve() / "my_project"
    goal = lesson.step
    if not lesson.is_last:
        goal = guard.scratch / "goal"
        for path, text in files_of(lesson).items():
            write_text(goal / path, text)
    copy_project(files, lesson.step, goal, copy)
    temporary = guard.scratch / "tmp"
    temporary.mkdir()
    environment = clean_environment(
        "REDIS_URL", "JOKES_API_URL", "PYTEST_ADDOPTS", "PYTEST_PLUGINS"
    )
    environment |= {
        "TMPDIR": str(temporary),
        "COLUMNS": str(WIDTH),
        # The facts of a step are collected where it is, and leave nothing there.
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    start = partial(guard.start, env=environment)
    changes = changes_of(states_until(lesson))
    report = Report(lesson, copy, changes, arguments.verbose)
    later = later_promises(lesson)
    is_fatal = False
    for promise in project_promises(start, files, copy, goal, changes):
        report.show(promise)
        is_fatal = promise.is_fatal
    if not is_fatal:
        pages = page_tests(copy)
        # While something is wrong, promises wait for a long time, and take no processor.
        is_done = all(files.get(path) == text for path, text in read_files(goal).items())
        count = 0 if is_done else SHARES
        ours = [f"--ignore={path}" for path in pages]
        shares = [[*ours, "--share", str(turn), str(count)] for turn in range(1 + count)]
        if is_done:
            shares = [ours]
        if pages:
            shares.append(pages)
        runs = []
        for number, share in enumerate(shares):
            # Each test begins with an empty Redis, so each share has one of its own.
            if uses_redis(lesson.step):
                redis_start = partial(start, "redis", stopping=REDIS)
                _, url = start_redis(redis_start, temporary / f"redis-{number}")
                environment = environment | {"REDIS_URL": url}
            wanted = [*share, *arguments.pytest_arguments]
            runs.append(start_promises(guard.start, copy, environment, later, wanted))
        quick, slow, in_browser = runs[0], runs[1 : 1 + count], runs[1 + count :]
        dealt = chain.from_iterable(zip_longest(*slow))
        outcome = None
        for outcome in filter(None, chain(quick, dealt, *in_browser)):
            report.show_outcome(outcome)
        if not outcome:
            raise Broken("Под ваши аргументы pytest не подходит ни один тест.")
    for reason in report.unseen:
        _say(f"Страницы в браузере не проверены: {reason}.", "· ", "  ")
    if later:
        _say(f"Обещания следующих уроков этого шага не проверены: их {len(later)}.", "· ", "  ")
    done = f"\nСделано {report.kept} из {report.total}."
    if report.advice:
        # The first ✗ has scrolled away by now.
        print(f"{done} Начните с первого ✗:")
        for sentence in report.advice:
            _say(sentence, "  ", "  ")
        if is_fatal:
            print("Остальное проверится, когда это будет исправлено.")
        else:
            print(f"Что не так в сделанном, покажет команда\n  {command('', arguments.dir)}")
        return 1
    print(f"{done} Всё как обещано.")
    found = list(hints(files, goal, changes))
    if found:
        print("\nНе ошибка, но в уроке иначе:")
    for hint in found:
        place = f" ({place_of(hint.block)})" if hint.block else ""
        _say(f"{hint.sentence}{place}", "  ", "    ")
    return 0


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


def _say(text: str, first: str = "", indent: str = "") -> None:
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
