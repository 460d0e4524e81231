"""```text tree: the files that the learner should have now."""

import re
from pathlib import Path

from workshop.lesson.project import ignored_names, is_ignored
from workshop.lesson.reading import Block

ENTRY = re.compile(r"((?:│   |    )*)(?:├── |└── )(\S+?)(/?)(?:\s+#.*|  .*)?")
REST = "..."


def compare(block: Block, project: Path) -> None:
    """Compare a tree with a project: what is listed exists, and nothing else does.

    A directory without entries is not looked into; `...` stands for entries that are left out.
    Raises LessonError for the first difference.
    """
    if not block.content.startswith(f"{project.name}/"):
        raise block.error(f"дерево начинается строкой {project.name}/", 0)
    listed: dict[Path, set[str]] = {project: set()}
    parents = [project]
    for number, line in enumerate(block.lines[1:], 1):
        entry = ENTRY.fullmatch(line)
        if not entry or (depth := len(entry[1]) // 4) >= len(parents):
            raise block.error(f"непонятная строка дерева: {line}", number)
        name, is_directory = entry[2], bool(entry[3])
        del parents[depth + 1 :]
        path = parents[depth] / name
        listed.setdefault(parents[depth], set()).add(name)
        if is_directory:
            parents.append(path)
        if name != REST and not (path.is_dir() if is_directory else path.is_file()):
            raise block.error(f"в проекте нет {path.relative_to(project)}", number)
    patterns = ignored_names(project)
    for directory, names in listed.items():
        for path in sorted(directory.iterdir()):
            known = path.name in names or REST in names or is_ignored(path.name, patterns)
            if not known:
                raise block.error(f"в дереве нет {path.relative_to(project)}")
