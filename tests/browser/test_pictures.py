"""The pictures of the lessons still show what the steps' pages show."""

import io

import pytest
from PIL import Image, ImageChops

from workshop.check.inside.chromium import HOW_TO_INSTALL, find_browser
from workshop.maintain.pictures import ANIMATION, IMAGES, make, pictures
from workshop.steps import STATE_DIR

# Its times and identifiers are others each time.
CHANGES = "05_terminals.png"
# By so much two grey values may differ, and in so many of a thousand pixels more than that.
GREY, MOST = 48, 0.1


@pytest.mark.skipif(find_browser() is None, reason=HOW_TO_INSTALL)
@pytest.mark.skipif("chrome" in (find_browser() or ""), reason="Chrome draws letters otherwise")
def test_pictures_are_what_the_pages_show():
    made = {name: Image.open(io.BytesIO(content)) for name, content in make(pictures)}
    assert {path.name for path in IMAGES.glob("*.*")} == {*made, ANIMATION}
    different = {}
    for name, new in made.items():
        with Image.open(IMAGES / name) as old:
            assert old.size == new.size, name
            both = ImageChops.difference(old.convert("L"), new.convert("L"))
        marked = both.point(lambda grey: 255 if grey > GREY else 0)
        share = 1000 * marked.histogram()[255] / (new.width * new.height)
        if share > MOST and name != CHANGES:
            directory = STATE_DIR / "pictures"
            directory.mkdir(parents=True, exist_ok=True)
            marked.save(directory / name)
            different[name] = f"{share:.1f} of 1000 pixels, marked in {directory / name}"
    assert not different, different
