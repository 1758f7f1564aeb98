"""A Chromium that tests drive, the sizes that they look at, and the pages that the site has."""

import shutil
from pathlib import Path

from course_utils.environment.tools import BROWSERS
from course_utils.exercises import chapters

CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"]  # fmt: skip
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}

ROOT = Path(__file__).resolve().parents[3]
TEXTS = [*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("notebooks/[!0-9]*.md"), *ROOT.glob("docs/[!i]*.md")]
PAGES = ["index.html", "search.html", *(f"exercises/{name}.html" for name in chapters())]
PAGES += sorted(path.relative_to(ROOT).with_suffix(".html").as_posix() for path in TEXTS)
LONG = 300_000  # milliseconds: a limit against standing still, nothing that is measured


def violations(page):
    """What axe finds, one line each."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False}).response["violations"]
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]
