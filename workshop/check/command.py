"""`python3 -m workshop check`: the promises of a step, kept by the learner's project or not."""

import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, zip_longest
from pathlib import Path

from workshop.check.hints import hints
from workshop.check.learner import all_files, copy_project, page_tests
from workshop.check.project_round import project_promises
from workshop.check.promises import Broken, Outcome, end_leftovers, start_promises
from workshop.check.report import WIDTH, Report, say
from workshop.check.sections import changes_of, states_until
from workshop.environment import clean_environment
from workshop.lesson.course import files_of
from workshop.lesson.project import read_files, write_text
from workshop.lesson.promises import later_promises
from workshop.my_project import ProjectError, command, how_to_begin, read_project, shown
from workshop.processes.guard import Guard
from workshop.processes.private_redis import NoRedis, start_redis
from workshop.processes.process import Stopping
from workshop.processes.signals import interrupt_once
from workshop.progress import all_paths, course, find_stretch
from workshop.steps import Lesson, uses_redis

REDIS = Stopping(2)
# Runs of the slow tests side by side while the project is not as in the lesson: promises that
# are not kept wait for a long time, and take no processor.
SHARES = 3

WITHOUT_TESTS = """\
Своих тестов у урока {number} нет: он сам показывает, что работает. Чем ваши файлы отличаются
от тех, что в нём набирают, скажет команда
  {diff}"""


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
        say(f"Проверяю {shown(arguments.dir)}: всё ли так, как обещает урок {lesson.number}.")
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
    is_fatal = False
    for promise in project_promises(start, files, copy, goal, changes):
        report.show(promise)
        is_fatal = promise.is_fatal
    if not is_fatal:
        is_done = all(files.get(path) == text for path, text in read_files(goal).items())
        words = arguments.pytest_arguments
        # Whoever wants certain tests has few of them.
        count = 0 if is_done or words else SHARES
        outcome = None
        for outcome in _run_tests(guard, copy, lesson, environment, words, count):
            report.show_outcome(outcome)
        if not outcome:
            raise Broken("Под ваши аргументы pytest не подходит ни один тест.")
    return report.sum_up(is_fatal, command("", arguments.dir), hints(files, goal, changes))


def _run_tests(
    guard: Guard,
    copy: Path,
    lesson: Lesson,
    environment: dict[str, str],
    arguments: Sequence[str],
    count: int,
) -> Iterator[Outcome]:
    """Run the tests: those that wait in so many shares side by side, those of pages last."""
    pages = page_tests(copy)
    ours = [f"--ignore={path}" for path in pages]
    shares = [[*ours, "--share", str(turn), str(count)] for turn in range(1 + count)]
    shares = [*(shares if count else [ours]), *([pages] if pages else [])]
    later = later_promises(lesson)
    runs = []
    for number, share in enumerate(shares):
        # Each test begins with an empty Redis, so each share has one of its own.
        if uses_redis(lesson.step):
            start = partial(guard.start, "redis", env=environment, stopping=REDIS)
            directory = Path(environment["TMPDIR"], f"redis-{number}")
            _, url = start_redis(start, directory)
            environment = environment | {"REDIS_URL": url}
        wanted = [*share, *arguments]
        runs.append(start_promises(guard.start, copy, environment, later, wanted))
    quick, slow, in_browser = runs[0], runs[1 : 1 + count], runs[1 + count :]
    dealt = chain.from_iterable(zip_longest(*slow))
    return filter(None, chain(quick, dealt, *in_browser))
