"""What a block types into files: whole files, and changes that fit to the line."""

import posixpath
import re
from dataclasses import dataclass

from workshop.lesson.errors import quote
from workshop.lesson.reading import Block

OLD_NAME = re.compile(r"--- a/(\S+)")
NEW_NAME = re.compile(r"\+\+\+ (?:b/(\S+)|/dev/null)")
HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True)
class Part:
    """What a block does to one file, and which lines of the block (from 0) say so."""

    path: str
    start: int
    end: int
    is_change: bool = False
    deletes: bool = False


@dataclass(frozen=True)
class Hunk:
    """One `@@` of a change: its line in the block, its signs with the lines, its numbers."""

    number: int
    lines: tuple[tuple[str, str], ...]
    old_start: int
    old_count: int
    new_start: int
    new_count: int

    def side(self, other_sign: str) -> list[str]:
        """Return the lines of one side: without those that have the other side's sign."""
        return [text for sign, text in self.lines if sign != other_sign]


def parts(block: Block) -> list[Part]:
    """Return the parts of a block of the kind `files`. Raises LessonError if it has none."""
    if block.words == ["file"]:
        if not block.code_spans or not block.introduction.endswith(":"):
            raise block.error("абзац перед файлом должен кончаться его путём в `` и двоеточием")
        path = _inside(block, block.code_spans[-1])
        return [Part(path, 0, len(block.lines))]
    starts = [number for number, line in enumerate(block.lines) if _is_header(block, number)]
    if not starts or starts[0] != 0:
        raise block.error("изменение должно начинаться строками --- a/путь и +++ b/путь")
    ends = [*starts[1:], len(block.lines)]
    return [_change(block, start, end) for start, end in zip(starts, ends, strict=True)]


def apply(block: Block, part: Part, old: str | None) -> str | None:
    """Apply a part of a block to a file.

    Takes the block, its part and the file's text (None if there is no file). Returns the new
    text, None if the file is deleted. Raises LessonError if the change does not fit exactly.
    """
    if not part.is_change:
        return block.content
    if old is None:
        raise block.error(f"нет файла {part.path}, который нужно изменить", part.start)
    lines, new, done = old.splitlines(keepends=True), [], 0
    for hunk in hunks(block, part):
        removed, added = hunk.side("+"), hunk.side("-")
        if (len(removed), len(added)) != (hunk.old_count, hunk.new_count):
            raise block.error("строк не столько, сколько сказано в @@", hunk.number)
        # A hunk without old lines names the line after which the new ones come.
        first = hunk.old_start - 1 if removed else hunk.old_start
        new += lines[done:first]
        if not done <= first <= len(lines) or len(new) != hunk.new_start - bool(added):
            raise block.error("номера строк в @@ не сходятся с файлом", hunk.number)
        done = first
        for number, (sign, text) in enumerate(hunk.lines, hunk.number + 1):
            if sign != "+":
                _expect(block, number, text, lines, done)
                done += 1
        new += added
    new += lines[done:]
    if part.deletes and new:
        raise block.error(f"удаляемый файл {part.path} показан не весь", part.start)
    return None if part.deletes else "".join(new)


def hunks(block: Block, part: Part) -> list[Hunk]:
    """Read the hunks of a change, whatever their numbers say. Raises LessonError."""
    found, number = [], part.start + 2
    while number < part.end:
        header = HUNK.match(block.lines[number])
        if not header:
            raise block.error("здесь должна начинаться часть изменения: @@ -… +… @@", number)
        lines = []
        for line in block.lines[number + 1 : part.end]:
            # Editors strip the only space of an empty line.
            sign, text = line[:1] or " ", f"{line[1:]}\n"
            if sign not in " -+":
                break
            lines.append((sign, text))
        found.append(Hunk(number, tuple(lines), *map(int, header.groups("1"))))
        number += 1 + len(lines)
    return found


def _inside(block: Block, name: str, number: int | None = None) -> str:
    path = posixpath.normpath(name)
    if path.startswith(("/", "..")) or path == ".":
        raise block.error(f"путь {name} ведёт за пределы проекта", number)
    return path


def _is_header(block: Block, number: int) -> bool:
    """A removed line may look like the first line of a header, but not like both and a hunk."""
    names = block.lines[number : number + 3]
    patterns = (OLD_NAME, NEW_NAME, HUNK)
    return len(names) == 3 and all(map(re.match, patterns, names))


def _change(block: Block, start: int, end: int) -> Part:
    old_name = OLD_NAME.fullmatch(block.lines[start])
    new_name = NEW_NAME.fullmatch(block.lines[start + 1])
    if not old_name or not new_name or new_name[1] not in (None, old_name[1]):
        raise block.error("непонятные имена файлов в изменении", start)
    path = _inside(block, old_name[1], start)
    return Part(path, start, end, is_change=True, deletes=new_name[1] is None)


def _expect(block: Block, number: int, text: str, old: list[str], position: int) -> None:
    came = old[position] if position < len(old) else "(конец файла)"
    if came != text:
        raise block.error(
            f"изменение не подходит к строке {position + 1} файла\n"
            + quote("ожидалось:", [text.rstrip("\n")])
            + quote("\nпришло:", [came.rstrip("\n")]),
            number,
        )
