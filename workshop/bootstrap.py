"""Prepares `.venv` for everything else. Uses the standard library alone."""

import fcntl
import hashlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path

from workshop.steps import ROOT, STATE_DIR

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "workshop-stamp"
REQUIREMENTS = ROOT / "requirements.txt"
LOG = STATE_DIR / "install.log"

NO_VENV = """\
В этом Python нет модуля venv, без которого не создать виртуальное окружение.
В Debian, Ubuntu и WSL его ставит команда:
  sudo apt install python3-venv"""
NO_NETWORK = """\
Не удалось скачать пакеты: нет связи с PyPI.
Проверьте интернет и настройки прокси (переменная HTTPS_PROXY) и запустите команду ещё раз."""
NO_PERMISSION = """\
Нет права писать в каталог {root}.
Скопируйте мастерскую туда, где оно у вас есть, например в домашний каталог."""
DISK_FULL = """\
На диске кончилось место: окружению нужно около 450 МБ в каталоге {root}.
Освободите его и запустите команду ещё раз."""
BROKEN = """\
Окружение {venv} испорчено.
Удалите этот каталог и запустите команду ещё раз."""
UNKNOWN = """\
Не удалось установить пакеты. Последние строки установки (все — в {log}):
{tail}"""

SYMPTOMS = (
    (("No space left on device", "Errno 28"), DISK_FULL),
    (
        ("Permission denied", "Errno 13", "Read-only file system", "readonly database"),
        NO_PERMISSION,
    ),
    (
        (
            "NewConnectionError",
            "ConnectTimeoutError",
            "Temporary failure in name resolution",
            "Network is unreachable",
            "ProxyError",
            "Read timed out",
        ),
        NO_NETWORK,
    ),
)


class CannotPrepare(Exception):
    """The environment could not be made; the message says why, in Russian."""


def ensure_environment() -> str | None:
    """Make `.venv` or bring it up to date with requirements.txt.

    Returns the path of its Python, or None if this process runs in it already.
    Raises SystemExit with a message in Russian if the environment cannot be made.
    """
    if VENV.exists() and VENV.samefile(sys.prefix):
        return None
    if sys.executable == str(PYTHON):
        sys.exit(BROKEN.format(venv=VENV))
    if not _is_current():
        try:
            with _lock():
                if not _is_current():
                    _install()
        except CannotPrepare as error:
            sys.exit(str(error))
        except BrokenPipeError:
            raise
        except OSError as error:
            sys.exit(_explain(str(error)))
        except KeyboardInterrupt:
            sys.exit("\nУстановка прервана. Следующий запуск начнёт её заново.")
    return str(PYTHON)


def fingerprint(root: Path = ROOT) -> str:
    """Return what a workshop's `.venv` is known by: its place, the Python, the packages."""
    content = f"{root}\n{sys.version_info[:2]}\n".encode() + REQUIREMENTS.read_bytes()
    return hashlib.sha256(content).hexdigest()


def _is_current() -> bool:
    try:
        is_whole = os.access(PYTHON, os.X_OK) and (VENV / "pyvenv.cfg").exists()
        return STAMP.read_text() == fingerprint() and is_whole
    except FileNotFoundError:
        if not REQUIREMENTS.exists():
            sys.exit(f"Нет файла {REQUIREMENTS}: скачайте мастерскую целиком ещё раз.")
        return False


@contextmanager
def _lock() -> Iterator[None]:
    """Two first runs at once: the second waits for the first one's environment."""
    STATE_DIR.mkdir(exist_ok=True)
    with open(STATE_DIR / "install.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _install() -> None:
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        raise CannotPrepare(NO_VENV)
    print("Готовлю окружение .venv: первый раз это около минуты и 400 МБ на диске.", flush=True)
    if VENV.is_symlink():
        # What it leads to is not ours to clear.
        VENV.unlink()
    STAMP.unlink(missing_ok=True)
    with open(LOG, "w", encoding="utf-8") as log:
        _show_progress([sys.executable, "-m", "venv", "--clear", str(VENV)], log)
        pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check"]
        _show_progress([*pip, "--no-input", "-r", str(REQUIREMENTS)], log)
    STAMP.write_text(fingerprint())
    print("Окружение готово.", flush=True)


def _show_progress(command: list[str], log: TextIOWrapper) -> None:
    """Run an installing command: a line or, in a terminal, a word for each package."""
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=environment,
    )
    assert process.stdout
    tail: list[str] = []
    for line in process.stdout:
        log.write(line)
        tail = [*tail[-200:], line]
        if line.startswith("Collecting "):
            _show(f"  скачиваю {line.split()[1]}")
        elif line.startswith("Installing collected packages"):
            _show("  устанавливаю пакеты")
    if sys.stdout.isatty():
        print("\r\x1b[K", end="", flush=True)
    if process.wait() != 0:
        raise CannotPrepare(_explain("".join(tail)))


def _show(text: str) -> None:
    if sys.stdout.isatty():
        print(f"\r\x1b[K{text}", end="", flush=True)
    else:
        print(text, flush=True)


def known_problem(output: str) -> str | None:
    """Return what to do, in Russian, about a problem that this output shows, or None."""
    for signs, message in SYMPTOMS:
        if any(sign in output for sign in signs):
            return message.format(root=ROOT)
    return None


def _explain(output: str) -> str:
    tail = "\n".join(output.splitlines()[-15:])
    return known_problem(output) or UNKNOWN.format(log=LOG, tail=tail)
