"""systemd for a learner: the user manager and the journal, as logging in brings them.

A lesson that types `systemctl --user` needs them. They run as the learner, in the lesson's own
process namespace, and die with it.
"""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

SYSTEMD = Path("/lib/systemd")
RUNTIME = Path("/run/user/1000")
JOURNAL = Path("/run/log/journal")
# systemd and its journal know a user's services by this path.
MANAGER = "user.slice/user-1000.slice/user@1000.service"
PREFIX = "workshop-"
START_SECONDS = 30
PAUSE_SECONDS = 0.05


# What is typed where services are needed, and the tools that such a lesson uses.
SYSTEMCTL = "$ systemctl --user "
TOOLS = {"nginx": "nginx-light", "openssl": "openssl", "curl": "curl"}


class NoServices(Exception):
    """There is no systemd here, or none can be started; the message says why, in Russian."""


def are_needed(lesson: Path) -> bool:
    """Tell whether a lesson manages services."""
    return SYSTEMCTL in lesson.read_text(encoding="utf-8")


def prepare() -> None:
    """Make what the user manager finds after a boot. As the root of a namespace of its own.

    Raises NoServices.
    """
    if os.getpid() != 1:
        raise NoServices("это не своё пространство процессов")
    places = f"{os.environ.get('PATH', '')}:/usr/sbin"
    missing = [
        package for tool, package in TOOLS.items() if not shutil.which(tool, path=places)
    ]
    missing += [] if (SYSTEMD / "systemd").exists() else ["systemd"]
    if missing:
        raise NoServices(f"нужны пакеты: apt install {' '.join(missing)}")
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
    for path in (Path("/run/systemd/system"), Path("/run/systemd/journal"), JOURNAL, RUNTIME):
        path.mkdir(parents=True)
    RUNTIME.chmod(0o700)
    name = f"{PREFIX}{uuid4().hex}"
    for hierarchy in _hierarchies():
        try:
            # The lesson's processes see its group as the root.
            (hierarchy / name / MANAGER).mkdir(parents=True)
            (hierarchy / name / "cgroup.procs").write_text("0")
        except OSError as error:
            raise NoServices(f"чтобы запустить systemd, нужны права root: {error}") from None


def start(environment: dict[str, str]) -> dict[str, str]:
    """Start the journal and the user manager. As the learner.

    Takes his environment. Returns it with the variable that leads `systemctl` to the manager.
    Raises NoServices.
    """
    environment = environment | {"XDG_RUNTIME_DIR": str(RUNTIME)}
    _start("systemd-journald", [], environment)
    journal = _wait_for(lambda: next(JOURNAL.glob("*/system.journal"), None))
    # The journal of a user that `journalctl --user` reads.
    journal.with_name("user-1000.journal").symlink_to(journal.name)
    _start("systemd", ["--user"], environment, _become_manager)
    socket = RUNTIME / "systemd" / "private"
    _wait_for(lambda: socket if socket.exists() else None)
    return environment


def remove_leftovers() -> None:
    """Remove the control groups of lessons that are over."""
    for hierarchy in _hierarchies():
        for group in hierarchy.glob(f"{PREFIX}*"):
            for directory, _, _ in os.walk(group, topdown=False):
                with suppress(OSError):
                    os.rmdir(directory)


def _hierarchies() -> list[Path]:
    """Return where the control groups are mounted that systemd uses, of either version."""
    found = []
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, target, kind, options, *_ = line.split()
        if kind == "cgroup2" or (kind == "cgroup" and "name=systemd" in options.split(",")):
            found.append(Path(target))
    return found


def _start(
    name: str,
    arguments: list[str],
    environment: dict[str, str],
    prepare: Callable[[], None] | None = None,
) -> None:
    subprocess.Popen(
        [SYSTEMD / name, *arguments],
        env=environment,
        preexec_fn=prepare,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _wait_for(find: Callable[[], Path | None]) -> Path:
    """Wait until something is found, and return it. Raises NoServices if it does not come."""
    end = time.monotonic() + START_SECONDS
    while not (found := find()):
        if time.monotonic() > end:
            raise NoServices(f"systemd не запустился за {START_SECONDS} с")
        time.sleep(PAUSE_SECONDS)
    return found


def _become_manager() -> None:
    group = re.search(rf"/({PREFIX}\w+)", Path("/proc/self/cgroup").read_text())
    assert group, "prepare() has put this process into a group"
    for hierarchy in _hierarchies():
        (hierarchy / group[1] / MANAGER / "cgroup.procs").write_text("0")
