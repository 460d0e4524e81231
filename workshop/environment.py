"""The environment of the processes of a step."""

import os

# What leads them to the Celery, the settings or the packages of another project. (Celery reads
# an option of its commands from any CELERY_… variable.)
FOREIGN = {
    "BROKER_URL",
    "DJANGO_CONFIGURATION",
    "DJANGO_SETTINGS_MODULE",
    "LOADER",
    "PYTHONPATH",
    "RESULT_BACKEND",
}


def clean_environment(*more: str) -> dict[str, str]:
    """Return the environment without other projects' variables, and without these ones."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in FOREIGN.union(more) and not name.startswith("CELERY_")
    }
