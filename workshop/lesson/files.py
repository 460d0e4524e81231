"""```diff: changes to files, applied to exactly these lines in exactly this place."""

import re

from workshop.lesson.errors import quote

OLD_NAME = re.compile(r"--- a/(\S+)")
NEW_NAME = re.compile(r"\+\+\+ (?:b/(\S+)|/dev/null)")
HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


def takes(block):
    """Tell whether the block is a change."""
    return block.language == "diff" and not block.words


def run(block, learner):
    """Apply the change to each of its files."""
    starts = [number for number, line in enumerate(block.lines) if _is_header(block, number)]
    if not starts or starts[0] != 0:
        raise block.error("изменение должно начинаться строками --- a/путь и +++ b/путь")
    for start, end in zip(starts, [*starts[1:], len(block.lines)], strict=True):
        _change_file(block, learner, start, end)


def _is_header(block, number):
    """A removed line may look like the first line of a header, but not like both and a hunk."""
    names = block.lines[number : number + 3]
    patterns = (OLD_NAME, NEW_NAME, HUNK)
    return len(names) == 3 and all(map(re.match, patterns, names))


def _change_file(block, learner, start, end):
    old_name = OLD_NAME.fullmatch(block.lines[start])
    new_name = NEW_NAME.fullmatch(block.lines[start + 1])
    if not old_name or not new_name or new_name[1] not in (None, old_name[1]):
        raise block.error("непонятные имена файлов в изменении", start)
    path = learner.path(block, old_name[1], start)
    if not path.is_file():
        raise block.error(f"нет файла {old_name[1]}, который нужно изменить", start)
    old = path.read_text(encoding="utf-8").splitlines(keepends=True)
    new = apply(block, start + 2, end, old)
    if new_name[1]:
        path.write_text("".join(new), encoding="utf-8")
    elif new:
        raise block.error(f"удаляемый файл {old_name[1]} показан не весь", start)
    else:
        path.unlink()


def apply(block, start, end, old):
    """Apply the hunks in some lines of a block.

    Takes the block, the numbers of the first line and of the one after the last, and the old
    lines with their ends. Returns the new lines. Raises LessonError if anything does not fit.
    """
    new, done, number = [], 0, start
    while number < end:
        header = HUNK.match(block.lines[number])
        if not header:
            raise block.error("здесь должна начинаться часть изменения: @@ -… +… @@", number)
        old_start, old_count, new_start, new_count = map(int, header.groups("1"))
        # A part without old lines names the line after which the new ones come.
        first = old_start - 1 if old_count else old_start
        new += old[done:first]
        done = first
        if first > len(old) or len(new) != (new_start - 1 if new_count else new_start):
            raise block.error("номера строк в @@ не сходятся с файлом", number)
        number += 1
        while old_count or new_count:
            line = block.lines[number] if number < end else "@"
            # Editors strip the only space of an empty line.
            sign, text = line[:1] or " ", f"{line[1:]}\n"
            if sign not in " -+":
                raise block.error("строк меньше, чем сказано в @@", number)
            if sign != "+":
                _expect(block, number, text, old, done)
                done += 1
                old_count -= 1
            if sign != "-":
                new.append(text)
                new_count -= 1
            if min(old_count, new_count) < 0:
                raise block.error("строк больше, чем сказано в @@", number)
            number += 1
    return new + old[done:]


def _expect(block, number, text, old, position):
    came = old[position] if position < len(old) else "(конец файла)"
    if came != text:
        raise block.error(
            f"изменение не подходит к строке {position + 1} файла\n"
            + quote("ожидалось:", [text.rstrip("\n")])
            + quote("\nпришло:", [came.rstrip("\n")]),
            number,
        )
