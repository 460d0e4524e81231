"""How much sooner the form answers once a task sends the mail.

Runs steps 02 and 03 with everything they need, posts the form to each and prints the ratio of
the answer times. Run it with: .venv/bin/python bench/answer.py (about a minute).
"""

import http.cookiejar
import signal
import statistics
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from workshop.processes.ports import free_port  # noqa: E402


def answer_seconds(step, posts):
    """Return the median time, in seconds, in which the step's form answers."""
    port = free_port()
    command = [sys.executable, "-m", "workshop", "run", step, "--port", str(port)]
    runner = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        for line in runner.stdout:
            if line.startswith("Сайт работает"):
                break
        return statistics.median(post(f"http://127.0.0.1:{port}/") for _ in range(posts))
    finally:
        # The second signal does not wait for the mails.
        for _ in range(2):
            runner.send_signal(signal.SIGINT)
            time.sleep(0.5)
        runner.communicate()


def post(site):
    """Post the form as a browser would. Returns the seconds that the answer took.

    Raises HTTPError or SystemExit if that is not the success page.
    """
    cookies = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
    browser.open(site)
    fields = {"email": "anna@example.com", "message": "Мне всё понравилось"}
    (fields["csrfmiddlewaretoken"],) = (cookie.value for cookie in cookies)
    started = time.perf_counter()
    page = browser.open(site, urllib.parse.urlencode(fields).encode())
    seconds = time.perf_counter() - started
    if not page.url.startswith(f"{site}success/"):
        sys.exit(f"The form was refused: the answer is {page.url}")
    return seconds


if __name__ == "__main__":
    before, after = answer_seconds("02", posts=1), answer_seconds("03", posts=5)
    print(f"step 02 {before:.2f} s, step 03 {after:.3f} s, ratio {before / after:.0f}")
