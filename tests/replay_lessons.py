"""Small lessons for the tests of the replay."""

from workshop.replay.one_lesson import follow
from workshop.steps import Lesson

# A terminal opens in the home directory.
ENTER = "$ cd ~/my_project"
# The steps of these lessons are too small for the real `check`.
SELF_CHECK = """
## Проверьте себя

Тесты step_01_next запускает `python -m pytest`.

Терминал 9:

```console terminal=9
$ python3() { echo "Сделано 1 из 1. Всё как обещано."; }
$ python3 -m workshop check 01
Сделано 1 из 1. Всё как обещано.
```
"""


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
    return follow(lesson, root / "scratch", deadline)


def console(commands, terminal=1):
    """Return the text of a terminal block with its introduction."""
    return f"Терминал {terminal}:\n\n```console terminal={terminal}\n{commands}\n```\n"


def whole_file(path, content, language="python"):
    """Return the text of a whole file with its introduction."""
    return f"Создайте файл `{path}`:\n\n```{language} file\n{content}```\n"
