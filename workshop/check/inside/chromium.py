"""Chromium without a window; imports nothing of the workshop."""

import shutil

from selenium import webdriver

ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Not Debian's script of that name in /usr/bin: it would be killed instead of the browser.
WINDOWLESS = "/usr/lib/chromium/chromium-headless-shell"
HOW_TO_INSTALL = "нет chromium и chromedriver (apt install chromium chromium-driver)"


def find_chromium() -> tuple[str, str] | None:
    """Return the paths of the machine's chromium and chromedriver, None without them.

    Where there is one that never has a window, it is taken: it starts in a third of the
    processor time, and takes none while its pages are silent.
    """
    chromium = shutil.which(WINDOWLESS) or shutil.which("chromium")
    driver = shutil.which("chromedriver")
    return (chromium, driver) if chromium and driver else None


def make_options(chromium: str) -> webdriver.ChromeOptions:
    """Return the options that Chromium is started with; its console is kept for reading."""
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    for argument in ARGUMENTS:
        options.add_argument(argument)
    return options
