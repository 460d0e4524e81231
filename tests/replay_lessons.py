"""Small lessons for the tests of the replay."""

from workshop.lesson.course import Lesson
from workshop.replay.one_lesson import follow

# A terminal opens in the home directory.
ENTER = "$ cd ~/my_project"
SELF_CHECK = "\n## Проверьте себя\n\nТесты step_01_next запускает `python -m pytest`.\n"


def write_files(root, files):
    """Write the files of a dictionary (path: text) below a directory, and return it."""
    root.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def write_lesson(root, text, previous, following):
    """Write a lesson and the steps around it; return the Lesson."""
    lesson = write_files(root / "docs_ru", {"01_next.md": text}) / "01_next.md"
    step_before = write_files(root / "step_00_previous", previous)
    return Lesson(lesson, step_before, write_files(root / "step_01_next", following))


def run_lesson(root, text, previous=None, following=None, deadline=30):
    """Replay a lesson in this process.

    Takes a scratch directory, the lesson's text, the files of the previous and of the next step
    and the deadline in seconds. Returns what `one_lesson.follow` returns.
    """
    lesson = write_lesson(root, text, previous or {}, following or {})
    return follow(*lesson, root / "scratch", deadline)


def console(commands, terminal=1):
    """Return the text of a terminal block with its introduction."""
    return f"Терминал {terminal}:\n\n```console terminal={terminal}\n{commands}\n```\n"


def whole_file(path, content, language="python"):
    """Return the text of a whole file with its introduction."""
    return f"Создайте файл `{path}`:\n\n```{language} file\n{content}```\n"
