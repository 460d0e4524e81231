"""Entry point. Must stay readable by old Pythons, so that they can say that they are old."""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "Нужен Python 3.11 или новее, а этот — {}.{}. "
        "Установите новый (https://www.python.org/) "
        "и запустите мастерскую им, например: "
        "python3.13 -m workshop run".format(*sys.version_info[:2])
    )

if sys.platform == "win32":
    sys.exit(
        "Воркеру Celery нужны процессы Unix, поэтому в Windows мастерская работает только "
        "внутри WSL: https://learn.microsoft.com/ru-ru/windows/wsl/install"
    )

from workshop.cli import main
from workshop.processes.printer import silence

try:
    sys.exit(main(sys.argv[1:]))
except KeyboardInterrupt:
    sys.exit(130)
except BrokenPipeError:
    silence()
    sys.exit(1)
