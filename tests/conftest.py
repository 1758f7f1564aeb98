"""What all tests share: no screen, no figure left open, no live front end."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import matplotlib
import pytest

matplotlib.use("agg")

# The files that take a minute or more, the longest first: begun first, so that none is left to one worker at the end.
LONG = (
    "test_attacks.py",
    "test_answering.py",
    "test_nbgrader_metadata.py",
    "test_bank_on_pyodide.py",
    "test_portable.py",
    "test_session.py",
    "test_store.py",
    "test_binder.py",
    "test_texts.py",
    "test_grading.py",
    "test_in_browser.py",
)


def pytest_collection_modifyitems(items):
    places = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path.name, len(LONG)))


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


@pytest.fixture(autouse=True)
def _history_of_its_own(tmp_path, monkeypatch):
    """No test writes into the history of whoever runs it."""
    from course_utils.learner.history import history

    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data"))
    history.cache_clear()
    yield
    history.cache_clear()


@pytest.fixture
def root(request):
    """The repository."""
    return request.config.rootpath


@pytest.fixture(scope="session")
def pyodide_folder(request):
    """Where the pinned files of Python for the pages are: what COURSE_PYODIDE names, or what `make site` has kept; "" for none."""
    from course_utils.building.site import pyodide
    from course_utils.building.site.make_site import CACHE

    if chosen := os.environ.get("COURSE_PYODIDE"):
        return chosen
    kept = request.config.rootpath / CACHE
    try:
        pyodide.from_folder(kept)
    except pyodide.PyodideError:  # a download that was broken off, for one
        return ""
    return str(kept)


@pytest.fixture(scope="session")
def pyodide_files(pyodide_folder):
    """The pinned files of Python for the pages, name -> bytes, or None where they are not on this machine."""
    from course_utils.building.site import pyodide

    return pyodide.from_folder(Path(pyodide_folder)) if pyodide_folder else None


@pytest.fixture(scope="session")
def built_site(request, tmp_path_factory, pyodide_folder):
    """The site: the one that COURSE_SITE names, as in CI, or made once for all of xdist's workers.

    It is made in a process of its own: Sphinx changes the process that it runs in.
    """
    import fcntl

    if made := os.environ.get("COURSE_SITE"):
        return Path(made)
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared
    out, done = shared / "site", shared / "site-is-made"
    with (shared / "site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            _make_site(request.config.rootpath, out, pyodide_folder)
            done.touch()
    return out


def _make_site(root, out, pyodide_folder):
    command = [sys.executable, "-m", "course_utils.building.site.make_site", str(out)]
    environment = os.environ | {"COURSE_PYODIDE": pyodide_folder}
    made = subprocess.run(command, cwd=root, capture_output=True, text=True, env=environment)
    assert made.returncode == 0, made.stderr
    assert made.stderr == ""


@pytest.fixture(scope="session")
def copy_repository(request):
    """Copies into a folder all that is under version control, as a fork or a fresh clone has it."""
    root = request.config.rootpath

    def copy(folder):
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True).stdout.decode()
        for name in filter(None, listed.split("\0")):
            if (root / name).is_file():  # else it was removed, and not yet committed
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(root / name, folder / name)
        return folder

    return copy


@pytest.fixture(scope="module")
def browser():
    """A Chromium without a window."""
    from building.site.chromium import CHROMIUM, FLAGS, LONG

    if not CHROMIUM:
        pytest.skip("no Chromium here; on Debian and Ubuntu: apt-get install chromium")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=LONG)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def open_page(browser, built_site):
    """Open a page of the site from the disk; whatever the browser complains of is a failure at the end."""
    from building.site.chromium import DESKTOP, LONG

    complaints, contexts = [], []

    def opened(name, *, viewport=DESKTOP, scheme="light", scripts=True):
        context = browser.new_context(viewport=viewport, color_scheme=scheme, java_script_enabled=scripts)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(LONG)
        page.on("console", lambda said: said.type in ("error", "warning") and complaints.append(f"{name}: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(f"{name}: {error}"))
        if scripts:  # without them, each script that is not loaded has "failed"
            page.on("requestfailed", lambda request: complaints.append(f"{name}: {request.url}"))
        page.on("request", lambda r: r.url.startswith(("file:", "data:")) or complaints.append(f"{name}: {r.url}"))
        page.goto((built_site / name).as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
