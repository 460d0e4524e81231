"""How the difference of two texts is said in a few words."""

import pytest

from workshop.wording import counted, describe, hidden

WANT = "a = 1\nb = 2\n\nc = 3\nd = 4\n"


@pytest.mark.parametrize(
    ("have", "words"),
    [
        (WANT.replace("2", "3"), "другая строка 2"),
        (WANT.replace("3", "5").replace("4", "6"), "другие строки 4–5"),
        (f"{WANT}e = 5\n", "лишняя строка 6"),
        (f"x\ny\n{WANT}", "лишние строки 1–2"),
        ("b = 2\n\nc = 3\nd = 4\n", "в начале не хватает 1 строки"),
        ("a = 1\nb = 2\nc = 3\nd = 4\n", "после строки 2 не хватает 1 строки"),
        ("a = 1\n", "в конце не хватает 4 строк"),
        ("", "в конце не хватает 5 строк"),
        ("a = 1\nb = 2\n\nc\n", "вместо строки 4 нужно другое"),
        ("x\ny\nz\n", "вместо строк 1–3 нужно другое"),
        ("a = 2\nb = 2\n\nc = 4\n", "другая строка 1; вместо строки 4 нужно другое"),
    ],
)
def test_describe(have, words):
    assert describe(have, WANT) == words


def test_only_the_first_places_are_named():
    have, want = ("".join(f"{n % step}\n=\n" for n in range(10)) for step in (100, 2))
    assert describe(have, want).endswith("; и ещё отличий: 5")


@pytest.mark.parametrize(
    ("have", "words"),
    [
        ("a = 1  \n", "лишние пробелы в конце (строка 1)"),
        ("a =\N{NO-BREAK SPACE}1\n", "неразрывный пробел (строка 1)"),
        ("  a = 1\n", "другой отступ (строка 1)"),
        ("a  = 1\n", "другие пробелы (строка 1)"),
        ("а = 1\n", "русская «а» вместо латинской (строка 1)"),
    ],
)
def test_what_the_eye_misses(have, words):
    assert describe(have, "a = 1\n") == words
    assert hidden(f"{have}x\n", "a = 1\n") == [words]


@pytest.mark.parametrize(
    ("have", "want", "words"),
    [
        ("\tpass\n", "    pass\n", "табуляция вместо пробелов (строка 1)"),
        ("соre\n", "core\n", "русские «о», «с» вместо латинских (строка 1)"),
        ("Oтзыв\n", "Отзыв\n", "латинская «O» вместо русской (строка 1)"),
        (" x\n y\nz\n", "x\ny\nz\n", "другой отступ (строки 1–2)"),
    ],
)
def test_more_of_what_the_eye_misses(have, want, words):
    assert hidden(have, want) == [words]


def test_a_line_that_looks_different_is_not_hidden():
    assert hidden("a = 1\n", "a = 2\n") == []


@pytest.mark.parametrize(
    ("number", "words"), [(1, "1 а"), (3, "3 б"), (5, "5 в"), (12, "12 в"), (21, "21 а")]
)
def test_counted(number, words):
    assert counted(number, "а", "б", "в") == words
