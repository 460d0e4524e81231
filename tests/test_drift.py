"""What has to follow a change of the steps, but would only say so after minutes, or never."""

import ast
import hashlib
import re
from functools import cache
from pathlib import Path

from workshop.bench import charts, results, table
from workshop.lesson.course import exercise_states, files_of, starting_files, states_of
from workshop.lesson.project import read_files
from workshop.lesson.reading import kind_of, read_blocks
from workshop.maintain import times
from workshop.steps import ROOT, all_lessons, all_steps, find_step

FORM = "feedback/forms.py"
IMAGES = ROOT / "docs_ru" / "images"
# What each picture shows (the step, the app), and the digest of that when it was made.
PICTURES = {
    "00_form.png": ("00", "feedback", "b57870c1"),
    "00_success.png": ("00", "feedback", "b57870c1"),
    "03_failed.png": ("03", "feedback", "edceac75"),
    "03_no_redis.png": ("03", "feedback", "edceac75"),
    "03_queued.png": ("03", "feedback", "edceac75"),
    "03_retry.png": ("03", "feedback", "edceac75"),
    "03_sending.png": ("03", "feedback", "edceac75"),
    "03_sent.png": ("03", "feedback", "edceac75"),
    "05_jokes.png": ("05", "jokes", "151ecf49"),
    "05_socket.png": ("05", "jokes", "151ecf49"),
    "05_terminals.png": ("05", "jokes", "151ecf49"),
    "05_two_windows.png": ("05", "jokes", "151ecf49"),
    "workshop.gif": ("03", "feedback", "edceac75"),
}


def form_fields(source):
    """Read the fields of the form: {name: label}."""
    field = r'^    (\w+) = [\w.]+Field\([^)]*?label="(.+?)"'
    return dict(re.findall(field, source, re.MULTILINE))


@cache
def shown():
    """Pairs of each block of the lessons and the project's files at that place."""
    pairs = []
    for lesson in all_lessons():
        states, files = states_of(lesson), starting_files(lesson)
        blocks = read_blocks(lesson.path)
        states += exercise_states(blocks, files_of(lesson), lesson.step.parent)
        for block in blocks:
            while states and states[0].block.line <= block.line:
                files = states.pop(0).files
            pairs.append((block, files))
    return pairs


def filled_in(block):
    """What a block types into a form: {name: value}; nothing if it sends none."""
    request = block.content.partition("\n\n")[0]
    if request.startswith(("POST ", "http://localhost:8000/")):
        return dict(re.findall(r"^([\w-]+): (.*)", request, re.MULTILINE))
    return {}


def test_lessons_fill_in_and_show_every_field():
    wrong = []
    for block, files in shown():
        if kind_of(block) in ("browser", "tab"):
            fields = form_fields(files[FORM])
            answer = block.content.partition("\n\n")[2]
            names = list(filled_in(block))
            if names != list(fields) and (names or block.content.startswith("POST")):
                wrong.append(block.error(f"{names} instead of {list(fields)}"))
            labels = [f"{label}:" for label in fields.values()]
            seen = [line for line in answer.splitlines() if line in labels]
            if seen not in ([], labels):
                wrong.append(block.error(f"{seen} instead of {labels}"))
    assert not wrong, "\n".join(map(str, wrong))


def test_charts_of_the_lessons_show_their_results(tmp_path):
    """They are made by `python3 -m workshop bench --charts docs_ru/bench`."""
    measured = ROOT / "docs_ru" / "bench"
    found = results.read(measured)
    assert not any(result.is_quick for result in found.values())
    for drawn in charts.draw(found, tmp_path):
        assert drawn.read_bytes() == (measured / drawn.name).read_bytes(), drawn.name
    lesson = (ROOT / "docs_ru" / "06_production.md").read_text(encoding="utf-8")
    for section in ("load", "tabs"):
        assert "\n".join(table.lines(found[section].table)) in lesson, section
        assert found[section].caption in " ".join(lesson.split()), section


def test_lessons_say_how_long_they_take():
    """And let nobody type for long without seeing what it does."""
    lessons = {lesson.path: lesson.path.read_text() for lesson in all_lessons()}
    measured = {path: times.measure(path, text) for path, text in lessons.items()}
    wrong = times.complaints(lessons, measured)
    assert not wrong, "\n".join(wrong)


def arguments(text):
    """The arguments of a call: a list of syntax trees."""
    return ast.parse(f"f({text})").body[0].value.args


def parameters(source, name):
    """The names of a function's parameters."""
    functions = (node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
    return [arg.arg for node in functions if node.name == name for arg in node.args.args]


def test_lessons_give_a_task_its_arguments():
    """In commands like `shell -c "from … import x as task; task.delay(…)"`, and in Redis."""
    wrong, posted = [], []
    call = re.compile(r'\$ .* shell -c "from (\S+) import (\w+).*\.delay\((.*?)\)[".)].*')
    for block, files in shown():
        for found in filter(None, map(call.fullmatch, block.lines)):
            wanted = parameters(files[found[1].replace(".", "/") + ".py"], found[2])
            if len(arguments(found[3])) != len(wanted):
                wrong.append(block.error(f"{wanted} is not {found[3]}"))
        if filled_in(block):
            posted = list(filled_in(block).values())
        for stored in re.findall(r'"argsrepr": "\((.*?)(?:, \.\.\.)?\)"', block.content):
            shown_values = [argument.value for argument in arguments(stored)]
            if shown_values != posted[: len(shown_values)]:
                wrong.append(block.error(f"{shown_values} instead of {posted}"))
    assert not wrong, "\n".join(map(str, wrong))


def test_steps_tests_give_the_mail_task_its_arguments():
    wrong = []
    for path in ROOT.glob("step_*/tests/*.py"):
        source = path.parent.parent / "feedback" / "tasks.py"
        for given in re.findall(r"mail_task\.apply_async\(\((.*?)\)", path.read_text()):
            wanted = parameters(source.read_text(), "send_feedback_email_task")
            if len(arguments(given)) != len(wanted):
                wrong.append(f"{path.relative_to(ROOT)}: {wanted} is not {given}")
    assert not wrong, "\n".join(wrong)


def test_tasks_that_are_named_exist():
    known = {
        (app, name)
        for app in ("feedback", "jokes")
        for text in {files.get(f"{app}/tasks.py", "") for _, files in shown()}
        for name in re.findall(r"^(?:def|class) (\w+)", text, re.MULTILINE)
    }
    named = re.compile(r"\b(feedback|jokes)\.tasks(?:\.| import )(\w+)")
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {found[0]}"
        for path in [*(ROOT / "docs_ru").glob("*.md"), *(ROOT / "tests").rglob("*.py")]
        # There, names are wrong on purpose.
        if path.name != "mistakes.py"
        for number, line in enumerate(path.read_text().splitlines(), 1)
        for found in named.finditer(line)
        if found.groups() not in known
    ]
    # Celery's and asyncio's.
    names = {"shared_task", "create_task", *(name for _, name in known)}
    for path in [ROOT / "README.md", *(ROOT / "docs_ru").glob("*.md")]:
        named_alone = set(re.findall(r"\b[a-z]\w*_task\b", path.read_text()))
        wrong += [f"{path.relative_to(ROOT)}: {name}" for name in named_alone - names]
    assert not wrong, "\n".join(wrong)


def test_tools_fill_in_every_field():
    fields = {name for step in all_steps() for name in form_fields(read_files(step)[FORM])}
    wrong = []
    tools = {*(ROOT / "tests").rglob("*.py"), *(ROOT / "workshop" / "bench").glob("*.py")}
    for path in sorted(tools - {Path(__file__)}):
        nodes = ast.walk(ast.parse(path.read_text()))
        words = {node.value for node in nodes if isinstance(node, ast.Constant)}
        if {"email", "message"} <= words and not fields <= words:
            wrong.append(f"{path.relative_to(ROOT)} does not fill in {fields - words}")
    assert not wrong, "\n".join(wrong)


def test_pictures_show_the_steps():
    current = {
        path.name: (*PICTURES[path.name][:2], digest(path)) for path in IMAGES.glob("*.*")
    }
    old = [f"{IMAGES.name}/{name}" for name in PICTURES if PICTURES[name] != current.get(name)]
    assert not old, (
        f"{old} may no longer show the steps: make new ones (python3 -m workshop.maintain "
        f"pictures), look at them, and then set\n"
        f"PICTURES = {current}"
    )


def digest(image):
    """The digest of what a picture shows: the app's templates and static files, the form."""
    step, app, _ = PICTURES[image.name]
    files = read_files(find_step(step))
    seen = [files[path] for path in files if re.match(rf"{app}/(templates|static)/", path)]
    seen += map(str, form_fields(files[FORM]).items() if app == "feedback" else ())
    return hashlib.sha256("".join(sorted(seen)).encode()).hexdigest()[:8]
