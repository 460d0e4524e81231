"""What has to follow a change of the steps, but would only say so after minutes, or never."""

import ast
import hashlib
import re

import pytest

from workshop.lesson.console import read_turns
from workshop.lesson.course import lesson_of, starting_files, states_of
from workshop.lesson.project import read_files
from workshop.lesson.reading import kind_of, read_blocks
from workshop.steps import ROOT, all_steps, find_step

LESSONS = [lesson_of(step) for step in all_steps()]
FORM = "feedback/forms.py"
IMAGES = ROOT / "docs_ru" / "images"
# What each picture shows (the step, the app), and the digest of that when it was made.
PICTURES = {
    "00_form.png": ("00", "feedback", "f2cd59e4"),
    "00_success.png": ("00", "feedback", "f2cd59e4"),
    "03_no_redis.png": ("03", "feedback", "667ffbbf"),
    "03_state.png": ("03", "feedback", "667ffbbf"),
    "05_jokes.png": ("05", "jokes", "689a54eb"),
}


def form_fields(source):
    """The names of the form's fields and their labels: {name: label}."""
    return {
        statement.targets[0].id: [
            keyword.value.value for keyword in value.keywords if keyword.arg == "label"
        ]
        for form in ast.parse(source).body
        if isinstance(form, ast.ClassDef) and form.name == "FeedbackForm"
        for statement in form.body
        if isinstance(statement, ast.Assign)
        and isinstance(value := statement.value, ast.Call)
        and ast.unparse(value.func).endswith("Field")
    }


def shown(lesson):
    """Each block of a lesson with the project's files at that place."""
    states = states_of(lesson)
    files = starting_files(lesson)
    for block in read_blocks(lesson.path):
        while states and states[0].block.line <= block.line:
            files = states.pop(0).files
        yield block, files


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.path.name)
def test_lessons_fill_in_every_field(lesson):
    for block, files in shown(lesson):
        if kind_of(block) == "browser" and block.content.startswith("POST"):
            request = block.content.partition("\n\n")[0]
            filled_in = re.findall(r"^(\w+):", request, re.MULTILINE)
            assert filled_in == list(form_fields(files[FORM])), block.error("другие поля")


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.path.name)
def test_lessons_give_a_task_its_arguments(lesson):
    """In commands like `shell -c "from feedback.tasks import x as task; task.delay(…)"`."""
    for block, files in shown(lesson):
        for turn in read_turns(block) if kind_of(block) == "console" else ():
            code = re.fullmatch(
                r'.* shell -c "from (\S+) import (\w+).*\.delay\((.*)\)"', turn.typed
            )
            if code:
                source = ast.parse(files[code[1].replace(".", "/") + ".py"])
                (task,) = (
                    node for node in ast.walk(source) if getattr(node, "name", "") == code[2]
                )
                given = ast.parse(f"f({code[3]})").body[0].value.args
                assert len(given) == len(task.args.args), block.error(turn.typed)


def test_tools_fill_in_every_field():
    fields = {name for step in all_steps() for name in form_fields(read_files(step)[FORM])}
    for path in [*(ROOT / "tests").rglob("*.py"), *(ROOT / "bench").glob("*.py")]:
        nodes = ast.walk(ast.parse(path.read_text()))
        words = {node.value for node in nodes if isinstance(node, ast.Constant)}
        if {"email", "message"} <= words:
            assert fields <= words, f"{path} fills in the form, but not {fields - words}"


def test_pictures_show_the_steps():
    current = {path.name: (*PICTURES[path.name][:2], digest(path)) for path in IMAGES.iterdir()}
    old = [f"{IMAGES.name}/{name}" for name in PICTURES if PICTURES[name] != current.get(name)]
    assert not old, (
        f"{old} may no longer show the steps: look, make new ones if need be, and then set\n"
        f"PICTURES = {current}"
    )


def digest(image):
    """The digest of what a picture shows: the app's templates and static files, the form."""
    step, app, _ = PICTURES[image.name]
    files = read_files(find_step(step))
    seen = [files[path] for path in files if re.match(rf"{app}/(templates|static)/", path)]
    seen += map(str, form_fields(files[FORM]).items())
    return hashlib.sha256("".join(sorted(seen)).encode()).hexdigest()[:8]
