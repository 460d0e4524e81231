#!/usr/bin/env python
"""Команды управления проектом: `python manage.py …`."""

import os
import sys


def main():
    """Выполняет команду из командной строки."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "django_celery.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as exc:
        raise ImportError(
            "Не удалось импортировать Django. Установлены ли пакеты из "
            "requirements.txt и активировано ли виртуальное окружение?"
        ) from exc
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
