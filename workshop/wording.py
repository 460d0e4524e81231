"""Says in Russian, in a few words, how the lines of one text differ from those of another."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby

# Cyrillic letters, and the Latin ones that look the same.
TWINS = str.maketrans("АВЕКМНОРСТХаеорсух", "ABEKMHOPCTXaeopcyx")
MOST_PLACES = 3


def lines_of(text: str) -> list[str]:
    """Return the lines of a text that is empty or ends one: as editors count them."""
    return text.split("\n")[:-1]


def describe(have: str, want: str) -> str:
    """Say where a learner's text is not the one wanted: the first places of it."""
    places = [words for words, _ in _places(lines_of(have), lines_of(want))]
    more = [f"и ещё отличий: {len(places) - MOST_PLACES}"] if len(places) > MOST_PLACES else []
    return "; ".join([*places[:MOST_PLACES], *more])


def hidden(have: str, want: str) -> list[str]:
    """Say what the eye would miss in the difference of two texts: the first places of it."""
    places = _places(lines_of(have), lines_of(want))
    return [words for words, is_hidden in places if is_hidden][:MOST_PLACES]


def look(line: str) -> str:
    """Return what two lines have in common that the eye takes for the same."""
    return " ".join(line.translate(TWINS).split())


def counted(number: int, one: str, few: str, many: str) -> str:
    """Return a number with its noun: «21 строка», «2 строки», «12 строк»."""
    if number % 10 == 1 and number % 100 != 11:
        return f"{number} {one}"
    if number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14):
        return f"{number} {few}"
    return f"{number} {many}"


def _places(have: Sequence[str], want: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Yield a phrase for each place in which lines differ, and whether the eye misses it."""
    looks = [[look(line) for line in lines] for lines in (have, want)]
    matcher = SequenceMatcher(None, looks[0], looks[1], autojunk=False)
    for kind, start, end, first, last in matcher.get_opcodes():
        if kind == "equal":
            for words in _hidden(start, have[start:end], want[first:last]):
                yield words, True
        elif kind == "insert":
            yield _missing(start, len(have), last - first), False
        elif kind == "delete":
            lines = _numbers(start, end)
            yield f"{'лишняя' if end - start == 1 else 'лишние'} {lines}", False
        elif end - start == last - first:
            lines = _numbers(start, end)
            yield f"{'другая' if end - start == 1 else 'другие'} {lines}", False
        else:
            yield f"вместо {_numbers(start, end, 'строки', 'строк')} нужно другое", False


def _hidden(start: int, have: Sequence[str], want: Sequence[str]) -> Iterator[str]:
    """Yield a phrase for neighbouring lines that only look as they should, for one reason."""
    pairs = zip(have, want, strict=True)
    reasons = ("" if one == other else _why_hidden(one, other) for one, other in pairs)
    for reason, group in groupby(enumerate(reasons, start), lambda pair: pair[1]):
        numbers = [number for number, _ in group]
        if reason:
            yield f"{reason} ({_numbers(numbers[0], numbers[-1] + 1)})"


def _why_hidden(have: str, want: str) -> str:
    if have.split() != want.split():
        return _foreign_letters(have, want)
    if have.rstrip() == want:
        return "лишние пробелы в конце"
    if have.replace("\N{NO-BREAK SPACE}", " ") == want:
        return "неразрывный пробел"
    if have.expandtabs(4) == want:
        return "табуляция вместо пробелов"
    return "другой отступ" if have.strip() == want.strip() else "другие пробелы"


def _foreign_letters(have: str, want: str) -> str:
    pairs = zip("".join(have.split()), "".join(want.split()), strict=True)
    wrong = sorted({one for one, other in pairs if one != other})
    letters = ", ".join(f"«{letter}»" for letter in wrong)
    is_cyrillic = ord(wrong[0]) in TWINS
    if len(wrong) == 1:
        kinds = ("русская", "латинской") if is_cyrillic else ("латинская", "русской")
    else:
        kinds = ("русские", "латинских") if is_cyrillic else ("латинские", "русских")
    return f"{kinds[0]} {letters} вместо {kinds[1]}"


def _missing(start: int, length: int, number: int) -> str:
    place = f"после строки {start}" if start else "в начале"
    place = "в конце" if start == length else place
    return f"{place} не хватает {counted(number, 'строки', 'строк', 'строк')}"


def _numbers(start: int, end: int, one: str = "строка", many: str = "строки") -> str:
    """Name the lines from one to another, which are counted from 0 here."""
    if end - start == 1:
        return f"{one} {end}"
    return f"{many} {start + 1}–{end}"
