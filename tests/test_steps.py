"""The steps differ only in what their stage teaches, and each stands on its own feet."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from workshop.lesson.project import ignored_names, is_ignored, read_files
from workshop.steps import ROOT, all_steps

STEPS = all_steps()
NEIGHBOURS = list(zip(STEPS, STEPS[1:], strict=False))
for_each_step = pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)

# What each stage adds (+), changes (~) and takes away (-); everything else is byte-identical.
CHANGES = {
    "step_01_celery": """
        ~ Procfile
        ~ django_celery/__init__.py
        + django_celery/celery.py
        ~ requirements.txt
        + tests/conftest.py
        + tests/processes.py
        + tests/project.py
        + tests/tasks.py
        + tests/test_celery.py
    """,
    "step_02_redis": """
        ~ django_celery/settings.py
        ~ requirements.txt
        ~ tests/conftest.py
        ~ tests/settings.py
        ~ tests/test_celery.py
        + tests/test_redis.py
    """,
    "step_03_tasks": """
        ~ django_celery/celery.py
        ~ django_celery/settings.py
        ~ feedback/forms.py
        + feedback/static/feedback/mail_state.js
        + feedback/tasks.py
        ~ feedback/templates/feedback/success.html
        ~ feedback/urls.py
        ~ feedback/views.py
        ~ tests/conftest.py
        + tests/smtp_server.py
        - tests/tasks.py
        + tests/test_delivery.py
        ~ tests/test_feedback.py
        + tests/test_options.py
        + tests/test_redelivery.py
        - tests/test_redis.py
        + tests/test_redis_faults.py
        + tests/test_tasks.py
    """,
    "step_04_beat": """
        ~ .gitignore
        ~ Procfile
        ~ django_celery/settings.py
        ~ django_celery/urls.py
        + jokes/__init__.py
        + jokes/apps.py
        + jokes/tasks.py
        + jokes_api/__init__.py
        + jokes_api/apps.py
        + jokes_api/jokes.py
        + jokes_api/urls.py
        + jokes_api/views.py
        ~ requirements.txt
        + tests/api_server.py
        ~ tests/conftest.py
        ~ tests/settings.py
        + tests/test_api_faults.py
        - tests/test_delivery.py
        + tests/test_jokes.py
        - tests/test_options.py
        + tests/test_outage.py
        - tests/test_redelivery.py
        - tests/test_redis_faults.py
    """,
    "step_05_channels": """
        ~ django_celery/asgi.py
        ~ django_celery/settings.py
        ~ django_celery/urls.py
        ~ feedback/templates/feedback/feedback.html
        + jokes/consumers.py
        + jokes/routing.py
        + jokes/static/jokes/jokes.css
        + jokes/static/jokes/jokes.js
        ~ jokes/tasks.py
        + jokes/templates/jokes/index.html
        + jokes/urls.py
        + jokes/views.py
        ~ requirements.txt
        ~ tests/settings.py
        - tests/test_api_faults.py
        + tests/test_channels.py
        - tests/test_outage.py
        + tests/websocket_client.py
    """,
}

# The packages of the steps, and the modules that each of them brings along.
PACKAGES = {
    "django": {"django", "asgiref"},
    "celery": {"celery", "kombu"},
    "redis": {"redis"},
    "channels": {"channels"},
    "channels-redis": {"channels_redis"},
    "daphne": {"daphne"},
    "requests": {"requests"},
    "pytest": {"pytest"},
    "pytest-django": {"pytest_django"},
}


def files(step):
    """The step's files as {relative path: content}, without what running it leaves behind."""
    patterns = ignored_names(step)
    return {
        str(path.relative_to(step)): path.read_bytes()
        for path in step.rglob("*")
        if path.is_file()
        and not any(is_ignored(part, patterns) for part in path.relative_to(step).parts)
    }


def sources(step):
    return {
        step / name: ast.parse(text)
        for name, text in files(step).items()
        if name.endswith(".py")
    }


def requirements(step):
    lines = (step / "requirements.txt").read_text().splitlines()
    return {requirement.name: requirement for requirement in map(Requirement, lines)}


def imported_modules(step):
    """The top-level modules that the step's files import, and the file of each."""
    modules = {}
    for path, tree in sources(step).items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module]
            else:
                continue
            modules |= {name.split(".")[0]: path for name in names}
    return modules


def test_there_are_six_steps():
    assert [step.name for step in STEPS] == ["step_00_initial", *CHANGES]


@pytest.mark.parametrize(("before", "after"), NEIGHBOURS, ids=lambda step: step.name)
def test_stage_changes_only_what_it_teaches(before, after):
    old, new = files(before), files(after)
    changes = {f"+ {path}" for path in new.keys() - old.keys()}
    changes |= {f"- {path}" for path in old.keys() - new.keys()}
    changes |= {f"~ {path}" for path in old.keys() & new.keys() if old[path] != new[path]}
    assert changes == {line.strip() for line in CHANGES[after.name].split("\n") if line.strip()}


@for_each_step
def test_step_imports_nothing_from_outside(step):
    known = set(sys.stdlib_module_names) | {path.name for path in step.iterdir()}
    for package in requirements(step):
        known |= PACKAGES[package]
    foreign = {name: path for name, path in imported_modules(step).items() if name not in known}
    assert not foreign


@for_each_step
def test_requirements_name_what_the_step_uses(step):
    used = set(imported_modules(step))
    settings = (step / "django_celery" / "settings.py").read_text()
    used |= set(re.findall(r'"(\w+)[".]', settings))
    used |= {"pytest_django"} if (step / "pytest.ini").exists() else set()
    named = requirements(step)
    assert {name for name, modules in PACKAGES.items() if modules & used} == set(named)


@for_each_step
def test_requirements_agree_with_the_pins(step):
    text = (ROOT / "requirements.txt").read_text()
    pins = dict(re.findall(r"^([\w-]+)==([\w.]+)", text, re.MULTILINE))
    for name, requirement in requirements(step).items():
        assert [specifier.operator for specifier in requirement.specifier] == ["~="]
        assert requirement.specifier.contains(pins[name])


@for_each_step
def test_step_reads_no_other_environment_variables(step):
    variable = re.compile(r'os\.(?:environ|getenv)\W+(?:get\W+)?"(\w+)"')
    read = set()
    for text in read_files(step).values():
        read.update(variable.findall(text))
    assert read <= {"REDIS_URL", "JOKES_API_URL"}


@for_each_step
def test_each_test_states_its_promise_in_russian(step):
    for path, tree in sources(step).items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                promise = ast.get_docstring(node) or ""
                assert re.fullmatch(r".*[а-я].*\.", promise), f"{path}: {node.name}"


def test_step_runs_on_its_own(tmp_path):
    """What a learner does first: the site's own check, in a step copied elsewhere."""
    for step in STEPS:
        copy = tmp_path / step.name
        for name, content in files(step).items():
            target = copy / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        check = [sys.executable, "manage.py", "check", "--fail-level", "WARNING"]
        result = subprocess.run(check, cwd=copy, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr


def test_everything_is_offline():
    """Pages load nothing from elsewhere, and nobody is sent to the API that is gone."""
    suffixes = {".html", ".css", ".js", ".py"}
    for step in STEPS:
        for name, content in files(step).items():
            if Path(name).suffix in suffixes and not name.startswith("tests/"):
                hosts = set(re.findall(rb"https?://([\w.-]+)", content))
                assert hosts <= {b"docs.djangoproject.com", b"localhost"}, f"{step.name}/{name}"
