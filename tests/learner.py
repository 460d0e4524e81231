"""A learner's directory for the tests of `start`, `diff` and «where am I»."""

from workshop import cli
from workshop.lesson.project import write_text
from workshop.places import find_place
from workshop.progress import course, point_after


def after(name):
    """Return the files (path: text) after a place that is called by this name."""
    points = course()
    return dict(points[point_after(points, find_place(name))].files)


class Learner:
    """A learner at the command line, with a home directory in which my_project may lie."""

    def __init__(self, home, capsys):
        self.directory = home / "my_project"
        self.capsys = capsys

    def has(self, files):
        """Write files (path: text) into my_project; None deletes one."""
        self.directory.mkdir(exist_ok=True)
        for path, text in files.items():
            write_text(self.directory / path, text)

    def types(self, line, status=0):
        """Run the command line with these words. Returns what it prints."""
        try:
            came = cli.main(line.split())
        except SystemExit as end:
            came = end.code
        shown = self.capsys.readouterr()
        assert came == status, shown.out + shown.err
        assert "Traceback" not in shown.err
        return shown.out + shown.err

    def snapshot(self):
        """Return the time, the mode and the bytes of all that is in my_project."""
        found = {}
        for path in [self.directory, *self.directory.rglob("*")]:
            content = path.read_bytes() if path.is_file() else None
            found[path] = (path.stat().st_mode, path.stat().st_mtime_ns, content)
        return found
