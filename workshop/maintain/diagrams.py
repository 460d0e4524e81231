"""`python3 -m workshop.maintain diagrams`: the diagrams of the lessons, drawn for the site.

GitHub draws them itself; the site has no network, and mermaid is larger than all the lessons.
"""

import subprocess
import tarfile
from argparse import Namespace

from playwright.sync_api import Error, sync_playwright

from workshop.check.inside.chromium import HOW_TO_INSTALL, find_browser
from workshop.lesson.reading import read_blocks
from workshop.site.source import DIAGRAMS, THEMES, diagram_name
from workshop.steps import ROOT, STATE_DIR

MERMAID = "mermaid@12.3.0"
SCRIPT = "package/dist/mermaid.min.js"
FONT = "'DejaVu Sans', Verdana, sans-serif"
DRAW = """\
async ([text, theme, font]) => {
  mermaid.initialize({
    startOnLoad: false, theme, fontFamily: font, htmlLabels: false,
    flowchart: {htmlLabels: false, wrappingWidth: 400}, deterministicIds: true,
  });
  return (await mermaid.render("diagram", text)).svg;
}
"""
NAMES = {"light": "default", "dark": "dark"}


def main(arguments: Namespace) -> int:
    """Draw each diagram that has no picture yet, and delete the pictures that nobody shows.

    Returns the exit status: 0, or 1 if a diagram can't be drawn. Raises CalledProcessError if
    npm can't bring mermaid.
    """
    blocks = [
        block
        for path in sorted((ROOT / "docs_ru").glob("*.md"))
        for block in read_blocks(path)
        if block.language == "mermaid"
    ]
    directory = ROOT / "docs_ru" / DIAGRAMS
    directory.mkdir(parents=True, exist_ok=True)
    wanted = {
        directory / diagram_name(block, theme): (block, theme)
        for block in blocks
        for theme in THEMES
    }
    for path in set(directory.iterdir()) - wanted.keys():
        path.unlink()
    missing = {path: what for path, what in wanted.items() if not path.exists()}
    if not missing:
        return 0
    if not (browser := find_browser()):
        print(HOW_TO_INSTALL)
        return 1
    with sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=browser).new_page()
        page.add_script_tag(content=_mermaid())
        for path, (block, theme) in missing.items():
            try:
                svg = page.evaluate(DRAW, [block.content, NAMES[theme], FONT])
            except Error as error:
                print(block.error(error.message))
                return 1
            path.write_text(svg + "\n", encoding="utf-8")
    return 0


def _mermaid() -> str:
    """Return mermaid's script, from npm."""
    archive = STATE_DIR / f"{MERMAID.replace('@', '-')}.tgz"
    if not archive.exists():
        command = ["npm", "pack", "--silent", "--pack-destination", str(STATE_DIR), MERMAID]
        subprocess.run(command, check=True)
    with tarfile.open(archive) as package:
        script = package.extractfile(SCRIPT)
        assert script
        return script.read().decode()
