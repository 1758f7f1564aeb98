"""What a page costs to load, and how it prints."""

import json
import os
from urllib.parse import unquote, urlparse

import pytest
from building.site.chromium import CHROMIUM, DESKTOP, PAGES, PHONE

from course_utils.building.site import weight
from course_utils.learner.questions import LETTERS

chromium = pytest.mark.skipif(not CHROMIUM, reason="no Chromium here; on Debian and Ubuntu: apt-get install chromium")
MOST = 1_000_000  # bytes of a page with all that it loads, uncompressed
PAPER = {"width": 718, "height": 1047}  # points of an A4 sheet within Chromium's margins
TALLEST = 0.42  # of a sheet: what may not be broken goes to the next sheet whole, and leaves its place empty
# What may not be broken in two, and how tall it is.
UNBROKEN = """() => [...document.querySelectorAll('article *')]
    .filter(e => getComputedStyle(e).breakInside === 'avoid' && e.getClientRects().length)
    .map(e => [e.getBoundingClientRect().height, `${e.tagName}.${e.className}: ${e.textContent.slice(0, 60)}`])"""


@chromium
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("name", [name for name in PAGES if not name.startswith("search")])
def test_a_page_is_light(open_page, viewport, name):
    page, loaded = open_page("index.html", viewport=viewport), set()
    page.on("request", lambda request: loaded.add(unquote(urlparse(request.url).path)))
    page.goto(page.url.rpartition("/site/")[0] + f"/site/{name}")
    loaded = {path for path in loaded if path and not path.startswith("image/")}
    weights = {path: os.path.getsize(path) for path in loaded if os.path.isfile(path)}
    assert any(path.endswith(name) for path in weights)
    assert sum(weights.values()) < MOST, sorted(weights.items(), key=lambda one: -one[1])[:8]


def test_one_style_sheet_and_no_script_hold_up_the_first_sight_of_a_page(built_site):
    for name in PAGES:
        head = (built_site / name).read_text("utf-8").partition("</head>")[0]
        assert head.count('rel="stylesheet"') == 1, name
        assert "preload" not in head, name
        scripts = [tag.partition(">")[0] for tag in head.split("<script")[1:]]
        assert all("defer" in script for script in scripts if "src=" in script), name
    assert (built_site / weight.SHEET).stat().st_size < 200_000


def test_a_style_that_no_page_needs_goes_and_every_other_stays():
    css = (
        ".used{color:red}.gone{color:blue}a.used .gone,b{c:d}@media print{.gone{e:f}.used>p{g:h}}"
        "@font-face{font-family:x}:is(.gone,.used){i:j}p:not(.gone){k:l}.m\\:used{n:o}@media screen{.gone{p:q}}"
    )
    kept = weight._of_use(css, {"used"})
    assert ".used{color:red}" in kept
    assert "color:blue" not in kept
    assert "b{c:d}" in kept
    assert "e:f" not in kept
    assert ".used>p{g:h}" in kept
    assert "@font-face" in kept
    assert ":is(.gone,.used){i:j}" in kept
    assert "p:not(.gone){k:l}" in kept
    assert "screen" not in kept


@chromium
@pytest.mark.parametrize("name", [name for name in PAGES if name.startswith(("notebooks/", "exercises/"))])
def test_no_sheet_of_paper_stays_half_empty(open_page, name):
    page = open_page(name, viewport=PAPER)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    for height, what in page.evaluate(UNBROKEN):
        assert height <= TALLEST * PAPER["height"], what


@chromium
def test_what_was_folded_is_on_paper_at_once(open_page):
    page = open_page("notebooks/02_sigmoid.html", viewport=PAPER)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    inside = page.locator("details.hide > div")
    assert inside.count() > 5
    looks = inside.evaluate_all("all => all.map(e => [getComputedStyle(e).animationName, getComputedStyle(e).opacity])")
    assert set(map(tuple, looks)) == {("none", "1")}
    assert page.locator("article summary:visible").count() == 0


@chromium
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_the_answers_to_a_quiz_stand_at_the_end_of_the_paper(open_page, root, scripts):
    quiz = json.loads((root / "course_utils/learner/questions/02_sigmoid.json").read_text("utf-8"))["quiz"]
    page = open_page("notebooks/02_sigmoid.html", scripts=scripts)
    answers = page.locator(".course-answers")
    assert not answers.is_visible()
    page.emulate_media(media="print")
    assert answers.is_visible()
    items = answers.locator("li").all_inner_texts()
    right = [next(n for n, choice in enumerate(one["choices"]) if choice["right"]) for one in quiz]
    assert [item[:2] for item in items] == [f"{LETTERS[place]}." for place in right]
    last = page.locator('[data-kind="quiz"]').last.bounding_box()
    assert answers.bounding_box()["y"] > last["y"] + last["height"]
