"""The report's pages in a real browser: axe finds nothing, nothing is asked of a network, a phone is wide enough."""

import pytest
from bank.score import judged
from building.site.chromium import CHROMIUM, DESKTOP, PHONE, violations
from sample_report import Same, written
from sample_submission import CHAPTER

from course_utils.exercises import chapters, exercise
from course_utils.grading import overrides
from course_utils.grading.marks import Override, Row

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium here; on Debian and Ubuntu: apt-get install chromium")
PAGES = ("index.html", "feedback/student%252000.html")


def rows(pass_from):
    """Thirty students who hold the exercises' misconceptions, the more the earlier they come."""
    for number in range(30):
        for place, name in enumerate(chapters()[CHAPTER]):
            wrong = exercise(name).misconceptions
            answer = exercise(name).solution if number > pass_from + 4 * place else wrong[number % len(wrong)].wrong
            notes = ("It reaches for files (`open`).",) if number == 3 else ()
            yield Row(f"student {number:02}", CHAPTER, judged(name, answer), notes)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """A report with every kind of thing in it: changes, a mark by hand, notes, misconceptions, curves."""
    out = tmp_path_factory.mktemp("report")
    for pass_from in (5, 12):
        every = overrides.apply(rows(pass_from), {("student 00", "sigmoid"): Override(0.5, "A good start.")})
        code = "def sigmoid(x):\n    return 1 / 1 + np.exp(-x)  # " + "long " * 30
        written(out, every, sources=Same(code), warnings=["x.ipynb lies in no student's folder."])
    return out


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_report(browser, report, name, viewport, scheme):
    context = browser.new_context(viewport=viewport, color_scheme=scheme)
    page, complaints = context.new_page(), []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("request", lambda asked: asked.url.startswith(("file:", "data:")) or complaints.append(asked.url))
    page.goto(f"{report.as_uri()}/{name}")
    for closed in page.locator("details").all():
        closed.evaluate("element => element.open = true")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    context.close()
    assert complaints == []


def test_no_script_runs_in_a_page_even_where_it_stands(browser, tmp_path):
    from markupsafe import Markup

    from course_utils.grading.report.page import page

    script = Markup("<script>document.title = 'ran'</script><p onclick='1'>text</p>")
    (tmp_path / "page.html").write_text(page("student.html", title="x", points=script, chapters=[]))
    assert "<script>" in (tmp_path / "page.html").read_text()
    opened = browser.new_page()
    opened.goto((tmp_path / "page.html").as_uri())
    assert opened.title() == "x"
    opened.close()
