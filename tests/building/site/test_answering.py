"""Exercises answered on their pages, in Chromium and in Firefox: from a disk and from a server, on a desktop and on a phone.

Skipped where the browser is not installed, or the files of Python for the pages are not there; `.ci/run` has all of them.
"""

import contextlib
import functools
import http.server
import json
import shutil
import threading

import psutil
import pytest
from building.site import firefox
from building.site.chromium import CHROMIUM, DESKTOP, FLAGS, PHONE, violations

from course_utils.building.site.exercise_pages import PATIENCE, WORDS
from course_utils.checking.verdict import as_html
from course_utils.learner.answer_text import judged

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
PAGE = "exercises/02_sigmoid.html"
LONG = 600_000  # milliseconds: a limit against standing still, nothing that is measured
KEYS = {"Control": "\ue009", "Enter": "\ue006", "Tab": "\ue004"}  # WebDriver's


@pytest.fixture(scope="module", autouse=True)
def _python_is_there(pyodide_files):
    if pyodide_files is None:
        pytest.skip("needs the files of course_utils/building/site/pyodide.toml in the folder COURSE_PYODIDE")


class Chromium:
    """One page in a Chromium, with the commands of `firefox.Firefox`."""

    def __init__(self, context):
        self.context, self.requests, self.complaints = context, [], []
        self.new_tab()

    def new_tab(self):
        self.page = self.context.new_page()
        self.page.set_default_timeout(LONG)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def resize(self, width, height):
        self.page.set_viewport_size({"width": width, "height": height})

    def goto(self, address):
        self.page.goto(address)

    def evaluate(self, expression):
        return self.page.evaluate(f"async () => {expression}")

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press("+".join(key) if isinstance(key, list) else key)


class Exercise:
    """An exercise on an open page, used as a person would."""

    def __init__(self, browser, name="sigmoid"):
        self.browser, self.name = browser, name
        self.place = f"""document.querySelector('.course-exercise[data-name="{name}"]')"""

    def keys(self, *keys):
        if isinstance(self.browser, firefox.Firefox):
            keys = [[KEYS.get(k, k) for k in key] if isinstance(key, list) else KEYS.get(key, key) for key in keys]
        self.browser.press(*keys)

    def find(self, selector, what="textContent"):
        return self.browser.evaluate(f"{self.place}.querySelector({json.dumps(selector)})?.{what}")

    def write(self, text):
        """Type a text in place of what is there; lines are indented by the editor."""
        self.find(".cm-content", "focus()")
        self.keys(["Control", "a"])
        for place, line in enumerate(text.splitlines()):
            self.keys(*["Enter"] * (place > 0), *line.strip())

    @property
    def text(self):
        lines = f"[...{self.place}.querySelectorAll('.cm-line')].map(line => line.textContent)"
        return "\n".join(self.browser.evaluate(lines))

    def click(self, word):
        buttons = f"[...{self.place}.querySelectorAll('button')]"
        self.browser.evaluate(f"{buttons}.find(button => button.textContent === {json.dumps(word)}).click()")

    def wait(self, condition):
        self.browser.evaluate(
            f"new Promise(done => {{ const look = () => {condition} ? done() : setTimeout(look, 50); look(); }})"
        )

    def check(self):
        self.click(WORDS["check"])
        self.wait(f"""!{self.place}.querySelector('[aria-disabled="true"]')""")

    @property
    def said(self):
        return self.find(".course-said")

    def shows(self, html):
        """Whether the verdict is this HTML, as the browser writes it."""
        return self.browser.evaluate(
            f"(() => {{ const d = document.createElement('div'); d.innerHTML = {json.dumps(html)};"
            f"return d.innerHTML === {self.place}.querySelector('.course-verdict').innerHTML; }})()"
        )


def verdict_here(text, name="sigmoid"):
    """The verdict that a notebook gives; an answer without an end is not run."""
    found = []

    def limit(seconds, verdict):
        found.append(verdict)
        return contextlib.nullcontext()

    if "while True" in text:
        judged("def sigmoid(x):\n    return x", name, patience=PATIENCE, limit=limit)
        return found[1]
    return judged(text, name, patience=PATIENCE, limit=limit)[0]


@pytest.fixture(scope="module")
def addresses(built_site):
    """Where the site is: on the disk, and on a server of this machine."""
    handler = functools.partial(_Silent, directory=str(built_site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield {"file": f"{built_site.as_uri()}/", "http": f"http://127.0.0.1:{server.server_address[1]}/"}
        server.shutdown()


class _Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextlib.contextmanager
def opened(which, request):
    if which == "firefox":
        if not FIREFOX:
            pytest.skip("no Firefox here; on Debian: apt-get install firefox-esr")
        with firefox.started(FIREFOX) as browser:
            yield browser
    else:
        context = request.getfixturevalue("browser").new_context()
        yield Chromium(context)
        context.close()


ANSWERS = {
    "wrong": "def sigmoid(x):\n    return 1 / 1 + np.exp(-x)",
    "nearly right": "def sigmoid(x):\n    return 1 / (1 + np.exp(-np.clip(x, -10, 10)))",
    "forbidden": "def sigmoid(x):\n    import tensorflow as tf\n    return tf.sigmoid(x)",
    "raising": "def sigmoid(x):\n    y = unknown / x\n    return y",
    "unreadable": "def sigmoid(x)\nreturn x",
    "another name": "def sigmod(x):\n    return x",
    "endless": "def sigmoid(x):\n    while True: x = x + 1",
    "right": "def sigmoid(x):\n    return 1 / (1 + np.exp(-x))",
}


@pytest.mark.parametrize(
    ("which", "scheme", "size", "kinds"),
    [
        ("chromium", "file", PHONE, ANSWERS),
        ("chromium", "http", DESKTOP, ["wrong", "right"]),
        ("firefox", "file", DESKTOP, ["wrong", "right"]),
        ("firefox", "http", PHONE, ["raising", "endless", "right"]),
    ],
    ids=["chromium-file", "chromium-http", "firefox-file", "firefox-http"],
)
def test_each_kind_of_answer_gets_the_notebooks_verdict(which, scheme, size, kinds, addresses, request):
    """All kinds once; in the other browser, and where Python is loaded in another way, those that could differ there."""
    with opened(which, request) as browser:
        browser.resize(**size)
        browser.goto(addresses[scheme] + PAGE)
        answer = Exercise(browser)
        assert answer.find(".course-first-use", "hidden") is False
        for kind in kinds:
            answer.write(ANSWERS[kind])
            written = answer.text
            assert written == ANSWERS[kind], kind
            answer.check()
            assert answer.shows(as_html(verdict_here(written))), (kind, answer.find(".course-verdict"))
            assert answer.text == written, kind
            assert answer.said == "", kind
        assert answer.find(".course-first-use", "hidden") is True
        assert answer.find(".course-state") == "passed"
        assert browser.evaluate("document.documentElement.scrollWidth") <= size["width"]
        browser.goto(addresses[scheme] + PAGE)
        assert answer.text == written
        progress = browser.evaluate("document.querySelector('.course-progress p').textContent")
        assert progress.endswith(": 1 of 6 exercises, 1 of 8 points")
        answer.browser.evaluate("document.querySelector('.course-progress button').click()")
        assert answer.text == "def sigmoid(x):\n    return ..."
        assert browser.evaluate("Object.keys(localStorage).filter(key => key.startsWith('course:exercise'))") == []
        outside = [url for url in browser.requests if not url.startswith((addresses[scheme], "data:", "blob:"))]
        assert outside == []
        assert browser.complaints == []


# ---- what goes wrong, in Chromium


@pytest.fixture
def chromium(browser):
    context = browser.new_context(viewport=PHONE)
    yield Chromium(context)
    context.close()


@pytest.fixture
def answer(chromium, addresses):
    chromium.goto(addresses["file"] + PAGE)
    return Exercise(chromium)


def sentence(name, **fields):
    """How a sentence of the page begins, up to its link."""
    return WORDS[name].partition("{colab}")[0].format(**fields)


def test_the_keyboard_alone_is_enough_and_the_page_with_a_verdict_is_open_to_everyone(answer):
    answer.find(".cm-content", "focus()")
    answer.keys("Tab")
    assert answer.browser.evaluate("document.activeElement.textContent") == WORDS["check"]
    assert answer.find(".cm-content", "getAttribute('aria-label')") == WORDS["label"].format(name="sigmoid")
    answer.write("print(1)\n" + ANSWERS["wrong"])
    answer.keys(["Control", "Enter"])
    answer.wait(f"{answer.place}.querySelector('.course-verdict').textContent")
    answer.click(WORDS["hint"])
    assert answer.find(".course-verdict pre") == "1\n"
    for scheme in ("light", "dark"):
        answer.browser.page.emulate_media(color_scheme=scheme)
        assert violations(answer.browser.page) == [], scheme


def test_hints_solution_and_reset(answer):
    hidden = "document.querySelector('details[data-exercise=\"sigmoid\"]').checkVisibility()"
    assert answer.browser.evaluate(hidden) is False
    answer.click(WORDS["hint"])
    assert answer.said.startswith("Hint 1 of 3 for sigmoid: ")
    answer.click(WORDS["solution"])
    assert answer.said == WORDS["try_first"]
    answer.click(WORDS["solution"])
    assert answer.browser.evaluate(hidden) is True
    answer.write("x = 1")
    answer.click(WORDS["reset"])
    assert answer.text == "def sigmoid(x):\n    return ..."
    answer.click(WORDS["bring_back"])
    assert answer.text == "x = 1"
    for number in (2, 3):
        answer.click(WORDS["hint"])
        assert answer.said.startswith(f"Hint {number} of 3")
    answer.click(WORDS["hint"])
    assert answer.said.startswith("That was the last hint: ")


def test_a_check_is_stopped_and_the_next_one_works(answer):
    answer.write("while True: pass")
    answer.click(WORDS["check"])
    answer.wait(f"[...{answer.place}.querySelectorAll('button')].some(button => button.textContent === 'Stop')")
    answer.click(WORDS["stop"])
    answer.wait(f"!{answer.place}.querySelector('[aria-disabled=\"true\"]')")
    assert answer.said == WORDS["stopped"]
    answer.write(ANSWERS["right"])
    answer.check()
    assert answer.find(".course-state") == "passed"


# Browsers that are forbidden something, by their own settings.
RESTRICTED = {
    "no WebAssembly": {"firefox": {"javascript_options_wasm": False}, "chromium": ["--js-flags=--jitless"]},
    "storage forbidden": {
        "firefox": {"network_cookie_cookieBehavior": 2},
        "chromium": {"profile": {"default_content_setting_values": {"cookies": 2}}},
    },
    "no storage at all": {"firefox": {"dom_storage_enabled": False}},
}


@contextlib.contextmanager
def restricted(which, how, request, folder):
    settings = RESTRICTED[how][which]
    if which == "firefox":
        if not FIREFOX:
            pytest.skip("no Firefox here; on Debian: apt-get install firefox-esr")
        with firefox.started(FIREFOX, **settings) as browser:
            yield browser
        return
    arguments = [*FLAGS, *(settings if isinstance(settings, list) else ())]
    if isinstance(settings, dict):
        (folder / "Default").mkdir()
        (folder / "Default/Preferences").write_text(json.dumps(settings), encoding="utf-8")
    kind = request.getfixturevalue("browser").browser_type
    context = kind.launch_persistent_context(str(folder), executable_path=CHROMIUM, args=arguments)
    yield Chromium(context)
    context.close()


@pytest.mark.parametrize("which", ["chromium", "firefox"])
def test_a_browser_without_webassembly(which, addresses, request, tmp_path):
    with restricted(which, "no WebAssembly", request, tmp_path) as browser:
        browser.goto(addresses["http"] + PAGE)
        answer = Exercise(browser)
        answer.write("x = 1")
        answer.check()
        assert answer.said.startswith(sentence("unable", what="WebAssembly"))
        assert "colab.research.google.com" in answer.find(".course-said a", "href")
        browser.goto(addresses["http"] + PAGE)
        assert answer.text == "x = 1"
        assert browser.complaints == []


@pytest.mark.parametrize(
    ("which", "how"),
    [("chromium", "storage forbidden"), ("firefox", "storage forbidden"), ("firefox", "no storage at all")],
)
def test_a_browser_that_stores_nothing(which, how, addresses, request, tmp_path):
    """Neither do the theme's scripts stop there in the middle: the page is dark where it is asked to be."""
    with restricted(which, how, request, tmp_path) as browser:
        browser.goto(addresses["http"] + "notebooks/02_sigmoid.html")
        browser.evaluate("document.querySelector('[data-kind=predict] button').click()")
        assert browser.evaluate("document.querySelector('[data-kind=predict] [aria-pressed=true]') !== null")
        assert browser.evaluate("document.documentElement.dataset.theme") == "light"
        browser.goto(addresses["http"] + PAGE)
        answer = Exercise(browser)
        assert WORDS["not_kept"] in browser.evaluate("document.querySelector('.course-progress').textContent")
        answer.write(ANSWERS["right"])
        answer.check()
        assert answer.find(".course-state") == "passed"
        assert answer.text == ANSWERS["right"]
        assert browser.complaints == []


@pytest.mark.parametrize("which", ["chromium", "firefox"])
def test_memory_that_runs_out(which, addresses, request):
    with opened(which, request) as browser:
        browser.goto(addresses["http"] + PAGE)
        answer = Exercise(browser)
        answer.write("def sigmoid(x):\n    return [np.empty(2**26) for _ in range(9)]")
        written = answer.text
        answer.check()
        assert "raised MemoryError: Unable to allocate 512. MiB" in answer.find(".course-verdict")
        assert answer.text == written
        answer.write(ANSWERS["right"])
        answer.check()
        assert answer.find(".course-state") == "passed"


@pytest.mark.parametrize("damage", ["missing", "altered", "another"])
@pytest.mark.parametrize("which", ["chromium", "firefox"])
def test_a_file_of_python_that_is_missing_or_damaged(which, built_site, tmp_path, damage, request):
    site = tmp_path / "site"
    shutil.copytree(built_site, site)
    broken = site / "python" / "05.js"
    before = broken.read_text("utf-8")
    if damage == "missing":
        broken.unlink()
    else:
        broken.write_text(
            before[:99] + "AAAAAAAA" + before[107:] if damage == "altered" else before.replace('"', '"0', 1)
        )
    with opened(which, request) as browser:
        browser.goto(f"{site.as_uri()}/{PAGE}")
        answer = Exercise(browser)
        answer.write(ANSWERS["right"])
        answer.check()
        what = WORDS["a_file"] if damage == "altered" else "python/05.js"
        assert answer.said.startswith(sentence("not_loaded", what=what))
        assert answer.text == ANSWERS["right"]
        if damage != "missing":
            return
        broken.write_text(before)
        browser.goto(f"{site.as_uri()}/{PAGE}")
        answer.check()
        assert (answer.find(".course-state"), answer.said, answer.text) == ("passed", "", ANSWERS["right"])


def test_python_that_ends_in_the_middle(answer):
    answer.write("import pyodide_js\nraise pyodide_js._api.fatal_error(RuntimeError('memory'))")
    answer.check()
    assert answer.said == WORDS["ended"]
    answer.write(ANSWERS["right"])
    answer.check()
    assert answer.find(".course-state") == "passed"


ENDLESS = "def sigmoid(x):\n    while True: x = x + 1"


def begin_a_check(browser, addresses):
    browser.goto(addresses["http"] + PAGE)
    answer = Exercise(browser)
    answer.write(ENDLESS)
    answer.click(WORDS["check"])
    answer.wait("JSON.parse(localStorage.getItem('course:exercise:sigmoid')).running")
    return answer


def processes_of_pages():
    """The processes in which this process's browsers have their pages, and the processor time of each."""
    found = {}
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):  # it has just ended
            command = child.cmdline()
            if "--type=renderer" in command or command[-1:] == ["tab"]:
                found[child] = child.cpu_times().user
    return found


@pytest.mark.parametrize("which", ["chromium", "firefox"])
def test_a_page_whose_process_was_ended_during_a_check(which, addresses, request):
    """As the system does it where memory runs out."""
    before = processes_of_pages()
    with opened(which, request) as browser:
        begin_a_check(browser, addresses)
        # Of the new processes, the one that computes has the page. The others wait for the next tab, which would never open.
        worked = {process: seconds for process, seconds in processes_of_pages().items() if process not in before}
        page = max(worked, key=worked.get)
        page.kill()
        page.wait()
        browser.new_tab()
        browser.goto(addresses["http"] + PAGE)
        answer = Exercise(browser)
        answer.wait(f"{answer.place}.querySelector('.course-said').textContent")
        assert answer.said.startswith(sentence("came_back"))
        assert answer.text == ENDLESS
        answer.write(ANSWERS["right"])
        answer.check()
        assert answer.find(".course-state") == "passed"


@pytest.mark.parametrize("which", ["chromium", "firefox"])
def test_a_check_that_runs_in_another_tab_was_not_ended(which, addresses, request):
    with opened(which, request) as browser:
        begin_a_check(browser, addresses)
        browser.new_tab()
        browser.goto(addresses["http"] + PAGE)
        browser.evaluate("navigator.locks.query().then(() => new Promise(done => setTimeout(done, 100)))")
        answer = Exercise(browser)
        assert answer.said == ""
        assert answer.text == ENDLESS


def test_a_page_that_the_browser_closed_during_a_check(chromium, addresses):
    """What such a page leaves behind is written before each check; `pagehide`, which takes it back, doesn't come then."""
    left = json.dumps(json.dumps({"text": "x = 1", "running": True}))
    chromium.page.add_init_script(f"localStorage.length || localStorage.setItem('course:exercise:sigmoid', {left})")
    chromium.goto(addresses["file"] + PAGE)
    answer = Exercise(chromium)
    assert answer.text == "x = 1"
    assert answer.said.startswith(sentence("came_back"))
    chromium.goto(addresses["file"] + PAGE)
    assert answer.said == ""
