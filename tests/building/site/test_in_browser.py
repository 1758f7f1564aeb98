"""What a reader sees, in a real browser: the site's pages, and a chapter and its exercises in JupyterLab.

Skipped where no Chromium is installed; `.ci/run` installs one.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from building.site.chromium import CHROMIUM, LONG, PAGES, PHONE, violations

from course_utils import cli

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium here; on Debian and Ubuntu: apt-get install chromium")

ROOT = Path(__file__).resolve().parents[3]


def shown(locator):
    """Wait until it is in sight: what a key press or a click starts need not be done when the press is."""
    from playwright.sync_api import expect

    expect(locator).to_be_visible()


def hidden(locator):
    """Wait until it is out of sight."""
    from playwright.sync_api import expect

    expect(locator).to_be_hidden()


def says(locator, words):
    """Wait until it says these words, as text or as a pattern."""
    from playwright.sync_api import expect

    expect(locator).to_have_text(words, use_inner_text=True)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_without_complaints_and_open_to_everyone(open_page, name):
    assert violations(open_page(name)) == []


@pytest.mark.parametrize(
    "name", ["index.html", "notebooks/02_sigmoid.html", "notebooks/06_choosing.html", "exercises/02_sigmoid.html"]
)
def test_a_page_on_a_phone_in_the_dark(open_page, name):
    page = open_page(name, viewport=PHONE, scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 18, 18)"
    assert violations(page) == []


def test_no_page_is_wider_than_a_phone(open_page):
    page = open_page("index.html", viewport=PHONE)
    for name in PAGES:
        page.goto(page.url.rpartition("/site/")[0] + f"/site/{name}")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name


def test_axe_finds_what_is_wrong(open_page):
    page = open_page("index.html")
    page.evaluate("document.querySelector('article img').removeAttribute('alt')")
    assert any(line.startswith("image-alt: ") for line in violations(page))


def test_a_prediction_is_made_by_keyboard_kept_and_judged(open_page):
    page = open_page("notebooks/02_sigmoid.html")
    asked = page.locator('[data-kind="predict"][data-name="ten_layers"]')
    revealed = page.locator('[data-kind="reveal"][data-name="ten_layers"]')
    assert "less than a millionth" not in revealed.inner_text()
    asked.locator("button").nth(0).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    says(asked.get_by_role("status"), "Noted: B. Now read on and see.")
    says(revealed, re.compile("^You guessed B. It is D: less than a millionth of it."))
    page.reload()
    says(asked.get_by_role("button", pressed=True), "B. about a hundredth of it")
    says(page.locator('[data-kind="predictions"]'), re.compile("Your predictions: 0 of 1 right, 5 skipped."))
    page.get_by_role("button", name="Forget my guesses").click()
    hidden(asked.get_by_role("button", pressed=True))
    says(revealed, re.compile("You haven't guessed yet."))


def test_what_was_measured_opens_with_the_guess_or_when_it_is_asked_for(open_page):
    page = open_page("notebooks/02_sigmoid.html")
    asked = page.locator('[data-kind="predict"][data-name="largest_slope"]')
    measured = page.locator('.cell[class*="tag_until-largest_slope"] .cell_output').first
    fold = page.locator('.cell[class*="tag_until-largest_slope"] details.hide > summary').first
    told = page.locator('details.course-told[data-name="largest_slope"] p').first
    hidden(measured)
    fold.press("Enter")
    shown(measured)
    fold.press("Enter")
    hidden(measured)
    hidden(told)
    asked.locator("button").first.press("Enter")
    shown(measured)
    shown(told)
    page.wait_for_timeout(200)  # the browser stores the guess a little later than the page does
    page.reload()
    shown(measured)
    page.get_by_role("button", name="Forget my guesses").click()
    hidden(measured)
    hidden(told)


def test_whoever_does_not_guess_can_look(open_page):
    page = open_page("notebooks/02_sigmoid.html")
    revealed = page.locator('[data-kind="reveal"][data-name="largest_slope"]')
    hidden(revealed.get_by_text("It is C: one quarter."))
    revealed.locator("summary", has_text="Show what was measured").press("Enter")
    shown(revealed.get_by_text("It is C: one quarter."))


ANSWER_ALL = """() => [...document.querySelectorAll('[data-kind="quiz"] fieldset')].map(field =>
    [...field.querySelectorAll('button')].map(button => {
        button.click();
        return field.querySelector('[role="status"]').textContent;
    }))"""
TEXT = "markups => markups.map(m => { const p = document.createElement('p'); p.innerHTML = m; return p.textContent; })"


def test_every_choice_of_every_quiz_explains_itself(open_page, root):
    page = open_page("index.html")
    for path in sorted((root / "course_utils/learner/questions").glob("*.json")):
        page.goto(page.url.rpartition("/site/")[0] + f"/site/notebooks/{path.stem}.html")
        said = page.evaluate(ANSWER_ALL)
        for question, answers in zip(json.loads(path.read_text("utf-8"))["quiz"], said, strict=True):
            verdicts = ("Yes." if choice["right"] else "No." for choice in question["choices"])
            why = page.evaluate(TEXT, [choice["why"] for choice in question["choices"]])
            wanted = [
                f"{letter}. {verdict} {text}" for letter, verdict, text in zip("ABCDEF", verdicts, why, strict=False)
            ]
            assert answers == wanted


def test_a_solution_opens_without_scripts(open_page):
    page = open_page("exercises/02_sigmoid.html", scripts=False)  # with them, the button Solution opens it
    solution = page.locator("details.solution").first
    code = solution.locator("pre")
    hidden(code)
    solution.locator("summary").press("Enter")
    shown(code)
    assert "1 / (1 + np.exp(-x))" in code.inner_text()


def test_search_without_a_server(open_page):
    page = open_page("index.html")
    page.goto(page.url.replace("index.html", "search.html?q=Verhulst"))
    page.locator("#search-results a", has_text="2 Sigmoid").first.wait_for()


def test_what_is_folded_is_printed(open_page):
    page = open_page("notebooks/02_sigmoid.html")
    folded = page.locator("details:not([open], .in-words)")
    before = folded.count()
    assert before > 0
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert folded.count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert folded.count() == before
    assert page.pdf().startswith(b"%PDF-")


# Where JupyterLab and the course keep what they know: for the test, nowhere else.
PLACES = ("COURSE_DATA", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_WORKSPACES_DIR")


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab on a copy of two chapters and the exercises of one, in an empty home: its address and the token."""
    folder = tmp_path_factory.mktemp("lab")
    for name in ("workbooks/00_start_here.ipynb", "workbooks/02_sigmoid.ipynb", "exercises/02_sigmoid.ipynb"):
        (folder / "course" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / "course" / name)
    settings = folder / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    (settings / "tracker.jupyterlab-settings").write_text(
        '{"windowingMode": "none"}'
    )  # else cells out of sight are not there
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "JUPYTER", "COURSE"))}
    places = {name: str(folder / name.lower()) for name in PLACES}
    environment = kept | places | {"HOME": str(folder), "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings")}
    environment |= cli.lab_environment(environment)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--ServerApp.port={port}", *cli.OFFLINE,
               "--ServerApp.ip=127.0.0.1", "--IdentityProvider.token=a-test", f"--ServerApp.root_dir={folder / 'course'}"]  # fmt: skip
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        _wait_until_up(f"http://127.0.0.1:{port}/api/status?token=a-test", server, folder / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


def _wait_until_up(address, server, log):
    for _ in range(9000):
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text())


@pytest.fixture
def open_notebook(browser, lab):
    """Open a notebook in JupyterLab and wait until the status bar calls the kernel idle: before, *Run All Cells* runs nothing."""
    contexts = []

    def opened(path):
        context = browser.new_context(viewport={"width": 1280, "height": 1000})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(LONG)
        page.goto(f"{lab}/lab/tree/{path}?token=a-test&reset")
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()


ERRORS = '[data-mime-type="application/vnd.jupyter.stderr"], [data-mime-type="application/vnd.jupyter.error"]'
# A cell whose source is hidden, as a chapter's set-up is, has an empty prompt: JupyterLab never shows its number.
DONE = r"""errors => document.querySelector(errors) ||
    [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].every(p => /^(\[\d+\]:)?$/.test(p.textContent))"""


def run_all(page):
    """*Run*, then *Run All Cells*, until each code cell has its number, or an error stands there."""
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
    page.locator(".lm-Menu-itemLabel", has_text="Run All Cells").first.click()
    page.wait_for_function(DONE, arg=ERRORS)
    assert page.locator(ERRORS).all_inner_texts() == []


def test_a_chapter_in_jupyterlab(open_notebook):
    """The chapter that trains nothing: it is through in seconds, where chapter 2 keeps two cores busy for a minute."""
    page = open_notebook("workbooks/00_start_here.ipynb")
    assert page.get_by_text("Would you like to get notified").count() == 0
    run_all(page)

    slider = page.locator(".jp-CodeCell", has_text="widgets.explore_neuron").first
    picture = slider.locator(".jp-OutputArea-output img").last
    before = picture.get_attribute("src")
    slider.locator(".noUi-handle").first.press("ArrowRight")
    page.wait_for_function("([image, before]) => image.isConnected === false || image.src !== before",
                           arg=[picture.element_handle(), before])  # fmt: skip
    picture.wait_for()
    assert picture.get_attribute("src") != before

    guess = page.locator(".jp-CodeCell", has_text='predict("start_halving")').first
    guess.get_by_role("button", name="B", exact=True).click()
    guess.get_by_text("Noted: B. Now run on and see.").wait_for()
    assert page.locator(ERRORS).count() == 0


def test_what_only_tests_and_teachers_need_is_not_in_jupyterlab(open_notebook, lab):
    """The environment of the tests is the learner's, once somebody has said `make test`."""
    page = open_notebook("exercises/02_sigmoid.ipynb")
    furniture = {entry.name for entry in (Path(sys.prefix) / "share/jupyter/labextensions").glob("@jupyter/*")}
    assert "nbgrader" in furniture  # it is there, and switched off
    bar = page.locator(".lm-MenuBar-itemLabel").all_inner_texts()
    assert bar == ["File", "Edit", "View", "Run", "Kernel", "Tabs", "Settings", "Help"]
    tools = page.locator(".jp-NotebookPanel-toolbar")
    assert tools.get_by_text("Validate").count() == tools.get_by_text("Notebook", exact=True).count() == 0
    assert page.locator('[title*="Assignment"], [data-id*="nbgrader"]').count() == 0
    page.locator(".lm-MenuBar-itemLabel", has_text="File").first.click()
    menu = page.locator(".lm-Menu-itemLabel")
    shown(menu.get_by_text("New Launcher"))
    assert menu.get_by_text("Jupytext").count() == menu.get_by_text("New Text Notebook").count() == 0
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{lab}/formgrader?token=a-test")


def test_a_quiz_in_jupyterlab(open_notebook, root):
    """Without the cells above it, some of which train: the quiz's cell brings its import itself."""
    page = open_notebook("workbooks/02_sigmoid.ipynb")
    quiz = page.locator(".jp-CodeCell", has_text='quiz("02_sigmoid")').first
    quiz.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text('from course_utils import quiz; quiz("02_sigmoid")')
    page.keyboard.press("Control+Enter")
    asked = json.loads((root / "course_utils/learner/questions/02_sigmoid.json").read_text("utf-8"))
    choices = asked["quiz"][0]["choices"]
    place, right = next((place, choice) for place, choice in enumerate(choices) if choice["right"])
    quiz.get_by_role("button", name="ABCD"[place], exact=True).first.click()
    quiz.get_by_text(right["why"][:40]).wait_for()
    says(quiz.locator("button.mod-success"), "ABCD"[place])
    assert page.locator(ERRORS).count() == 0


def test_a_check_in_jupyterlab(open_notebook):
    page = open_notebook("exercises/02_sigmoid.ipynb")
    answer = page.locator(".jp-CodeCell", has_text="def sigmoid(x):").first
    for wrong_or_right, said in (
        ("1 / 1 + np.exp(-x)", "At x = 0 your result is 2, outside the range from 0 to 1."),
        ("1 / (1 + np.exp(-x))", "sigmoid: passed, 1 of 1 points."),
    ):
        answer.locator(".cm-content").click()
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(f"def sigmoid(x):\n    return {wrong_or_right}")
        run_all(page)
        verdict = page.locator(".jp-CodeCell", has_text="check(sigmoid)").first.locator(".jp-OutputArea-output").first
        verdict.get_by_text(said).first.wait_for()
