"""The arguments of `python3 -m workshop.maintain …`; each verb has a module of its own."""

import argparse
import importlib
import os
import sys
from pathlib import Path

from workshop import bootstrap, steps


def main(argv: list[str]) -> int:
    """Run a verb. Takes the arguments after the module's name; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python3 -m workshop.maintain", description="Tools for maintainers."
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    carry = verbs.add_parser("carry", help="carry the change of a step through all later steps")
    carry.add_argument("step", type=_step, help="the changed step: 03, tasks, step_03 …")
    carry.add_argument(
        "--since", default="HEAD", metavar="COMMIT", help="carry what changed since then (HEAD)"
    )
    carry.add_argument(
        "--write-conflicts",
        action="store_true",
        help="write files even if some have conflicts, with git's markers in them",
    )
    listings = verbs.add_parser("listings", help="bring the lessons' listings up to the steps")
    listings.add_argument(
        "--check", action="store_true", help="write nothing, only say what is not up to date"
    )
    mistakes = verbs.add_parser("mistakes", help="does `check` explain learners' mistakes?")
    mistakes.add_argument(
        "names", nargs="*", metavar="NAME", help="what their names begin with: 03, 03-form …"
    )
    verbs.add_parser("diagrams", help="draw the lessons' diagrams for their site")
    verbs.add_parser("pictures", help="make the pictures of the lessons and of README anew")
    times = verbs.add_parser("times", help="how long the lessons take, counted from their text")
    times.add_argument(
        "--write", action="store_true", help="write the times into the lessons and the contents"
    )
    times.add_argument(
        "--check", action="store_true", help="only say which times, or stretches, are wrong"
    )
    arguments = parser.parse_args(argv)
    verb = importlib.import_module(f"workshop.maintain.{arguments.verb}")
    status: int = verb.main(arguments)
    return status


def _step(name: str) -> Path:
    try:
        return steps.find_step(name.removeprefix("step_"))
    except LookupError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


if __name__ == "__main__":
    if python := bootstrap.ensure_environment():
        os.execv(python, [python, "-m", "workshop.maintain", *sys.argv[1:]])
    sys.exit(main(sys.argv[1:]))
