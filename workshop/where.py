"""`python3 -m workshop`: where in the course the learner is, file by file."""

import os
import shutil
import socket
import sys
import textwrap
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import suppress
from urllib.parse import urlsplit

from workshop.misplaced import misnamed, put_right
from workshop.my_project import (
    Project,
    ProjectError,
    command,
    how_to_begin,
    read_project,
    remarks_of,
    shown,
    some,
)
from workshop.places import Section, sections_of, title_of
from workshop.progress import (
    Point,
    Stretch,
    all_paths,
    course,
    find_stretch,
    lines_between,
    maker,
    origin,
    place_of,
    position,
    touched,
)
from workshop.steps import ROOT, all_lessons
from workshop.syntax import syntax_errors
from workshop.welcome import verbs
from workshop.wording import describe, lines_of

SETTINGS = "django_celery/settings.py"
# So long a Redis may take to answer.
SECONDS = 0.5
# How many files are named that are not as in the lessons.
MOST_FILES = 8
DONE, BEGUN, WRONG, TO_DO = "✓", "…", "✗", "·"


def main(arguments: Namespace) -> int:
    """Say where the learner is, what is done and what comes next; then name the verbs.

    Takes the parsed arguments: dir and verbs. Returns the exit status: 1 if the directory, or a
    file in it, can't be read.
    """
    points = course()
    try:
        project = read_project(arguments.dir, all_paths(points))
    except ProjectError as error:
        print(error, how_to_begin(arguments.dir), file=sys.stderr)
        return 1
    put_right(points, project)
    stretch = find_stretch(points, project.files, project.entered)
    paragraphs = [*_report(points, stretch, project), verbs(arguments)]
    print("\n\n".join(paragraphs))
    return 1 if project.unread else 0


def _report(points: Sequence[Point], stretch: Stretch, project: Project) -> Iterator[str]:
    """Yield the paragraphs of the answer."""
    yield f"{title_of(stretch.lesson)}\n{stretch.lesson.path.relative_to(ROOT)}"
    here, place = shown(project.directory), place_of(points, stretch)
    wrong = list(_wrong_before(points, stretch, project))
    if len(wrong) > MOST_FILES:
        headline = f"{here} больше всего похож на проект {place}, но отличий много:"
        yield "\n".join([_filled(headline), *_listed(wrong)])
    elif wrong:
        yield "\n".join([f"В {here} всё как {place}, кроме этого:", *_listed(wrong)])
    else:
        yield f"В {here} всё как {place}."
    at_hand = [
        (path, *_finding(points, stretch, project, path)) for path in touched(points, stretch)
    ]
    if at_hand:
        title = _title(sections_of(stretch.lesson)[position(stretch.lesson, stretch.heading)])
        yield "\n".join([title, *_listed(at_hand, len(at_hand))])
    for sentence, _ in syntax_errors(project.files):
        yield _filled(f"Python не понимает {sentence}")
    if project.remarks:
        yield "\n".join(map(_filled, remarks_of(project)))
    if project.others:
        yield _filled(f"В уроках этого нет: {some(project.others)}.")
    # Beyond the steps Redis is a service, at another address.
    knows_redis = "REDIS_URL" in project.files.get(SETTINGS, "")
    needs_redis = at_hand and knows_redis and not stretch.lesson.is_beyond
    if needs_redis and (address := _silent_redis()):
        yield _filled(
            f"Redis сейчас не отвечает ({address}), а сайту и воркеру он нужен: запустите его "
            "в терминале 2, как в уроке 02."
        )
    if wrong and not at_hand:
        yield f"Как должно быть, покажет команда\n  {command('diff', project.directory)}"
    is_begun = any(mark != TO_DO for _, mark, _ in at_hand)
    is_wrong = any(mark == WRONG for _, mark, _ in (*wrong, *at_hand))
    yield from _next(points, stretch, project, is_begun, is_wrong)


def _finding(
    points: Sequence[Point], stretch: Stretch, project: Project, path: str
) -> tuple[str, str]:
    """Return a mark and words for a file that the section at hand touches."""
    if path in project.unread:
        return WRONG, project.unread[path]
    if path in project.misplaced:
        return WRONG, misnamed(project, path)
    have = project.files.get(path)
    before, after = (points[n].files.get(path) for n in (stretch.before, stretch.after))
    if have == after:
        return DONE, "готово"
    if have == before:
        return TO_DO, f"ещё не {'создан' if before is None else 'изменён'}"
    if have is None:
        return WRONG, "нет файла"
    if after is None:
        return TO_DO, "ещё не удалён"
    known = {*lines_of(before or ""), *lines_of(after)}
    if known.issuperset(lines_of(have)):
        return BEGUN, describe(have, after)
    made = maker(points, stretch.after, path, have)
    earlier = f" ({origin(points[made])})" if made <= stretch.before else ""
    return WRONG, f"{describe(have, after)}{earlier}"


def _wrong_before(
    points: Sequence[Point], stretch: Stretch, project: Project
) -> Iterator[tuple[str, str, str]]:
    """Yield path, mark and words for each file that is not as it is before the stretch.

    Those that the stretch touches are left to it.
    """
    wanted = points[stretch.before].files
    at_hand = touched(points, stretch)
    for path in sorted({*all_paths(points), *project.unread} - {*at_hand}):
        if path in project.unread:
            yield path, WRONG, project.unread[path]
        elif path in project.misplaced:
            yield path, WRONG, misnamed(project, path)
        elif project.files.get(path) != wanted.get(path):
            yield path, *_history(points, stretch.before, path, project.files.get(path))


def _history(points: Sequence[Point], now: int, path: str, have: str | None) -> tuple[str, str]:
    """Say how a file differs from what it is at a point, and which section is about it.

    Returns its mark and the words.
    """
    blocks = [number for number, point in enumerate(points) if path in point.paths]
    past = [number for number in blocks if number <= now]
    if have is None:
        return WRONG, f"нет файла ({origin(points[past[0]])})"
    for number in past[1:]:
        if points[number - 1].files.get(path) == have:
            return WRONG, f"ещё не изменён ({origin(points[number])})"
    for number in blocks[len(past) :]:
        if points[number].files.get(path) == have:
            return BEGUN, f"уже такой, каким станет позже ({origin(points[number])})"
    want = points[now].files.get(path)
    if want is None:
        return BEGUN, f"понадобится позже ({origin(points[blocks[0]])})"
    typed = past[-1], *blocks[len(past) :]
    meant = min(typed, key=lambda number: lines_between(have, points[number].files.get(path)))
    words = describe(have, points[meant].files.get(path) or "")
    return WRONG, f"{words} ({origin(points[maker(points, meant, path, have)])})"


def _next(
    points: Sequence[Point],
    stretch: Stretch,
    project: Project,
    is_begun: bool,
    is_wrong: bool,
) -> Iterator[str]:
    """Yield the paragraphs about what comes next, with the command to type."""
    lesson, sections = stretch.lesson, sections_of(stretch.lesson)
    done = position(lesson, points[stretch.before].heading)
    at_hand = position(lesson, stretch.heading) if stretch.heading else len(sections)
    silent = [f"{section.number}" for section in sections[done + 1 : at_hand] if section.number]
    if silent and not is_begun:
        *others, last = silent
        if others:
            words = f"Разделы {', '.join(others)} и {last} файлов не меняют: сделаны ли они"
        else:
            words = f"Раздел {last} файлов не меняет: сделан ли он"
        yield _filled(f"{words}, по файлам не видно.")
    numbered = [section for section in sections[at_hand:] if section.number]
    if numbered:
        words = f"diff {lesson.number}.{numbered[0].number}"
        yield (
            f"Что осталось до конца раздела {numbered[0].number}, покажет команда\n"
            f"  {command(words, project.directory)}"
        )
    later = [section for section in sections[at_hand + 1 :] if section.number]
    then = "Потом" if is_wrong else "Дальше"
    if later:
        yield f"{then} — раздел {later[0].heading}."
        return
    words = f"{then} — «Проверьте себя» в конце урока."
    if not lesson.is_beyond:
        check = command(f"check {lesson.number}", project.directory)
        words += f" Проверит ваш проект команда\n  {check}"
    yield words
    for following in all_lessons():
        if following.path > lesson.path:
            yield f"Потом — {title_of(following)}\n  {following.path.relative_to(ROOT)}"
            return


def _silent_redis() -> str:
    """Return the address at which no Redis listens, "" if something does."""
    url = urlsplit(os.environ.get("REDIS_URL", "redis://localhost:6379"))
    with suppress(OSError, ValueError):
        address = url.hostname or "localhost", url.port or 6379
        with socket.create_connection(address, SECONDS):
            return ""
    return url.netloc.rpartition("@")[2]


def _listed(files: Sequence[tuple[str, str, str]], most: int = MOST_FILES) -> Iterator[str]:
    """Yield the lines about files: path, mark and words of each."""
    for path, mark, words in files[:most]:
        yield _filled(f"{mark} {path}: {words}", "  ", "      ")
    if len(files) > most:
        yield f"  … и ещё файлов: {len(files) - most}"


def _filled(text: str, first: str = "", indent: str = "  ") -> str:
    """Break a line for the terminal, but no path in it."""
    return textwrap.fill(
        text,
        min(shutil.get_terminal_size().columns, 96),
        initial_indent=first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _title(section: Section) -> str:
    return section.heading if section.number is None else f"Раздел {section.heading}"
