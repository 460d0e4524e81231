import runpy
from importlib import import_module

import pytest

from .processes import BASE_DIR


def written(module, name):
    """Возвращает то, что написано в модуле проекта; если его там нет, тест падает."""
    __tracebackhide__ = True
    path = module.replace(".", "/")
    path += "/__init__.py" if (BASE_DIR / path).is_dir() else ".py"
    if not (BASE_DIR / path).exists():
        pytest.fail(f"Нет файла `{path}`.")
    try:
        found = import_module(module)
    except Exception as error:
        pytest.fail(f"Файл `{path}` не импортируется: {error!r}")
    if not hasattr(found, name):
        pytest.fail(f"В `{path}` нет `{name}`.")
    return getattr(found, name)


def task(name):
    """Возвращает задачу проекта по её полному имени."""
    __tracebackhide__ = True
    module, _, function = name.rpartition(".")
    found = written(module, function)
    try:
        if hasattr(found, "delay"):
            return found
    except Exception as error:
        pytest.fail(f"Проверьте параметры `@shared_task` у `{function}`: {error!r}")
    pytest.fail(f"Функция `{function}` — не задача: проверьте `@shared_task`.")


def setting(name):
    """Возвращает настройку проекта, какой она написана, без поправок `tests/settings.py`."""
    __tracebackhide__ = True
    try:
        settings = runpy.run_path(str(BASE_DIR / "django_celery" / "settings.py"))
    except Exception as error:
        pytest.fail(f"Проверьте `{name}` в `django_celery/settings.py`: {error!r}")
    if name not in settings:
        pytest.fail(f"В `django_celery/settings.py` нет `{name}`.")
    return settings[name]
