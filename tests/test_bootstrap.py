"""The first run on a machine: `.venv` is made, or the reason is said in plain words."""

import ast
import os
import shutil
import subprocess
import sys
import tempfile

import pip
import pytest

from workshop.environment import clean_environment
from workshop.lesson.project import copy_step
from workshop.steps import ROOT

from .conftest import RUNNING_LEAVES

# Stands in for the module `venv`: no `ensurepip`, which takes five seconds; pip is a link.
QUICK_VENV = f"""
import os, sys, sysconfig
sys.path.pop(0)
import venv
venv.create(sys.argv[-1], clear=True, symlinks=True)
packages = sysconfig.get_path("purelib", "venv", {{"base": sys.argv[-1]}})
os.symlink({os.path.dirname(pip.__file__)!r}, packages + "/pip")
"""
PYTHON = sys.base_prefix + "/bin/python3"
PIP_WITHOUT_NETWORK = {
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_INDEX_URL": "http://127.0.0.1:1/simple",
    "PIP_EXTRA_INDEX_URL": "",
    "PIP_FIND_LINKS": "",
    "PIP_RETRIES": "1",
}


@pytest.fixture
def bare(tmp_path):
    """The command line, one step, no `.venv` yet, and an empty list of packages for it."""
    root = tmp_path / "workshop"
    shutil.copytree(ROOT / "workshop", root / "workshop", ignore=RUNNING_LEAVES)
    copy_step(ROOT / "step_00_initial", root / "step_00_initial", tests=False)
    (root / "requirements.txt").touch()
    return root


def bootstrap(root, *, before="", env=None, **options):
    """Run the command line with the system's Python, after some lines that spoil it."""
    code = f"import runpy, sys\n{before}\nsys.argv = ['workshop', 'run', '00']\n"
    code += "runpy.run_module('workshop', run_name='__main__')"
    return subprocess.run(
        [PYTHON, "-c", code],
        cwd=root,
        env={**clean_environment(), "PYTHONDONTWRITEBYTECODE": "1", **(env or {})},
        capture_output=True,
        text=True,
        timeout=120,
        **options,
    )


def hasten(root):
    """Let the next environments be made in a moment."""
    (root / "venv.py").write_text(QUICK_VENV)


def refuses(result, *reasons):
    """Check that the run has ended, and said why in plain words."""
    assert result.returncode == 1
    for reason in reasons:
        assert reason in result.stderr
    assert "Traceback" not in result.stderr


def test_entry_point_can_be_read_by_an_old_python():
    source = (ROOT / "workshop" / "__main__.py").read_text()
    ast.parse(source, feature_version=(3, 7))


def test_old_python(bare):
    result = bootstrap(bare, before="sys.version_info = (3, 9, 2, 'final', 0)")
    refuses(result, "Нужен Python 3.11 или новее, а этот — 3.9.")


def test_windows(bare):
    result = bootstrap(bare, before="sys.platform = 'win32'")
    refuses(result, "в Windows мастерская работает только внутри WSL")


def test_environment_is_made_when_it_has_to_be(bare, tmp_path):
    """The environment is empty here, so the run itself ends at its first import."""
    somebody_elses = tmp_path / "file"
    somebody_elses.touch()
    (bare / ".venv").symlink_to(tmp_path)
    first = bootstrap(bare)
    assert "Готовлю окружение .venv" in first.stdout
    assert "Окружение готово." in first.stdout
    assert somebody_elses.exists()
    hasten(bare)
    assert "Готовлю окружение" not in bootstrap(bare).stdout
    # Without its configuration, the Python in `.venv` is the system's.
    (bare / ".venv" / "pyvenv.cfg").unlink()
    inside = [bare / ".venv" / "bin" / "python", "-m", "workshop", "run", "00"]
    result = subprocess.run(inside, cwd=bare, capture_output=True, text=True, timeout=10)
    refuses(result, f"Окружение {bare}/.venv испорчено")
    assert "Готовлю окружение .venv" in bootstrap(bare).stdout
    (bare / "requirements.txt").write_text("django==5.2.19\n")
    without_network = bootstrap(bare, env=PIP_WITHOUT_NETWORK)
    assert "Готовлю окружение .venv" in without_network.stdout
    refuses(without_network, "нет связи с PyPI")


def test_nobody_reads_on(bare):
    """As with `| head -n 1`: nothing is wrong with the installation."""
    hasten(bare)
    command = f"{PYTHON} -m workshop run 00 2>errors | head -n 1"
    subprocess.run(command, shell=True, cwd=bare, check=True, capture_output=True, timeout=60)
    assert (bare / "errors").read_text() == ""


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_no_venv(bare, module):
    """Debian without python3-venv."""
    hide = (
        "import importlib.util as util; find = util.find_spec\n"
        f"util.find_spec = lambda name, *rest: name != {module!r} and find(name, *rest)"
    )
    refuses(bootstrap(bare, before=hide), "sudo apt install python3-venv")


def test_unknown_failure_shows_the_last_lines(bare):
    hasten(bare)
    (bare / "requirements.txt").write_text("это не пакет\n")
    refuses(bootstrap(bare), "Последние строки установки", "Invalid requirement")


def test_missing_requirements(bare):
    (bare / "requirements.txt").unlink()
    refuses(bootstrap(bare), "скачайте мастерскую целиком")


def test_no_permission(bare):
    """The directory belongs to somebody else; root, who may write anywhere, becomes nobody."""
    options = {}
    if os.geteuid() == 0:
        options = {"user": "nobody", "executable": "/usr/bin/python3"}
        if not os.path.exists(options["executable"]):
            pytest.skip("нет Python, который может запустить обычный пользователь")
    # The tests' own temporary directory is closed to others.
    with tempfile.TemporaryDirectory(dir="/tmp") as place:
        os.chmod(place, 0o755)
        root = shutil.copytree(bare, f"{place}/workshop")
        os.chmod(root, 0o555)
        result = bootstrap(root, **options)
    refuses(result, "Нет права писать в каталог")


def test_disk_full(bare, tmp_path):
    """A disk of two megabytes; only root may mount one."""
    if os.geteuid() != 0:
        pytest.skip("маленький диск может подключить только root")
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("здесь нельзя подключить маленький диск")
    try:
        result = bootstrap(shutil.copytree(bare, disk / "workshop"))
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    refuses(result, "На диске кончилось место")
