"""Figures of a page: large enough to read on a phone, with live sliders, in the page's colours in the light and in the dark."""

import io
import re
import shutil

import nbformat
import pytest
from building.site import firefox
from building.site.chromium import CHROMIUM, DESKTOP, PHONE, ROOT

from course_utils.plotting import narrow

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium here; on Debian and Ubuntu: apt-get install chromium")

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
CHAPTERS = sorted(ROOT.glob("notebooks/*.ipynb"))
LEAST = 9  # pixels of a screen
OPEN_ALL = "document.querySelectorAll('details').forEach(fold => { fold.open = true; })"
SHOWN = """async () => {
    const pictures = [...document.querySelectorAll('.course-figure img')];
    await Promise.all(pictures.map(picture => picture.decode()));
    return pictures.filter(picture => picture.clientWidth).map(picture => (
        [picture.currentSrc.split('/').pop(), picture.clientWidth / picture.naturalWidth]));
}"""


def figures(path):
    """(name of its files, what the notebook stores of its other forms) for each figure of a chapter."""
    for cell in nbformat.read(path, as_version=4).cells:
        for place, output in enumerate(cell.get("outputs", ())):
            if "image/png" in output.get("data", {}):
                yield f"{path.stem}-{cell.id}" + (f"-{place}" if place else ""), output.metadata.get(narrow.KEY, {})


def smallest_text(path):
    """File of a chapter's picture -> the height of its smallest letters in its own pixels."""
    found = {}
    for name, forms in figures(path):
        if "positions" in forms:
            found |= {f"{name}-{n}.png": position["text"] for n, position in enumerate(forms["positions"])}
        else:
            found |= {f"{name}.png": forms["text"], f"{name}-narrow.png": forms["narrow_text"]}
    return found


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_the_letters_of_a_figure_can_be_read(open_page, path, viewport):
    page, letters = open_page(f"notebooks/{path.stem}.html", viewport=viewport), smallest_text(path)
    page.evaluate(OPEN_ALL)
    shown = [(name, scale) for name, scale in page.evaluate(SHOWN) if name in letters]
    assert shown or not letters
    for name, scale in shown:
        assert name.endswith("-narrow.png") == (
            viewport == PHONE and name.removesuffix("-narrow.png") + ".png" in letters
        )
        assert letters[name] * scale >= LEAST, name


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_figure_has_a_form_for_a_phone_in_which_no_texts_touch(path):
    for name, forms in figures(path):
        assert "narrow" in forms or "positions" in forms, name
        assert "faults" not in forms, f"{name}: {forms['faults']}"


def slider(page):
    return page.locator('.course-slider[data-names="weight bias"]').first


def test_a_slider_is_moved_by_keys_and_says_where_it_stands(open_page):
    from playwright.sync_api import expect

    page = open_page("notebooks/02_sigmoid.html", viewport=PHONE)
    place = slider(page)
    weight, said = place.get_by_role("slider", name="weight"), place.get_by_role("status")
    expect(said).to_have_text("weight 2, bias 0")
    expect(place.locator("img:visible")).to_have_count(1)
    before = place.locator("img:visible").get_attribute("src")
    weight.press("ArrowRight")
    expect(said).to_have_text("weight 5, bias 0")
    expect(weight).to_have_attribute("aria-valuetext", "5")
    place.get_by_role("slider", name="bias").press("Home")
    expect(said).to_have_text("weight 5, bias -2")
    picture = place.locator("img:visible")
    assert picture.get_attribute("src") != before
    assert picture.get_attribute("alt").startswith("weight 5, bias -2: x axis x, y axis value; ")


@pytest.mark.skipif(not FIREFOX, reason="no Firefox here; on Debian: apt-get install firefox-esr")
def test_a_slider_in_firefox(built_site):
    with firefox.started(FIREFOX) as page:
        page.goto((built_site / "notebooks/02_sigmoid.html").as_uri())
        page.evaluate("document.querySelector('.course-slider input').focus()")
        page.press("\ue014")  # an arrow to the right
        page.evaluate(
            "new Promise(done => { const look = () => document.querySelector('.course-slider output').textContent === "
            "'weight 5, bias 0' ? done() : setTimeout(look, 50); look(); })"
        )
        shown = "[...document.querySelectorAll('.course-slider')[0].querySelectorAll('figure')].filter(one => one.clientHeight)"
        assert page.evaluate(f"{shown}.map(one => one.dataset.values)") == ["5 0"]
        assert page.complaints == []


@pytest.mark.parametrize("without", ["scripts", "a screen"])
def test_all_positions_stand_side_by_side(open_page, without):
    page = open_page("notebooks/02_sigmoid.html", scripts=without != "scripts")
    if without == "a screen":
        page.emulate_media(media="print")
    figures = slider(page).locator("figure").all()
    boxes = [figure.bounding_box() for figure in figures]
    assert len(boxes) == 12
    assert boxes[0]["y"] == boxes[1]["y"] == boxes[2]["y"] < boxes[3]["y"]
    assert [figure.locator("figcaption").inner_text() for figure in figures[:2]] == [
        "weight 0.5, bias -2",
        "weight 0.5, bias 0",
    ]
    assert slider(page).get_by_role("slider").count() == 0


@pytest.mark.parametrize(("scheme", "paper"), [("light", 255), ("dark", 18)])
def test_a_figure_has_the_colours_of_its_page(open_page, scheme, paper):
    from PIL import Image

    page = open_page("notebooks/02_sigmoid.html", scheme=scheme)
    picture = page.locator(".course-figure picture img").first
    picture.scroll_into_view_if_needed()
    page.evaluate(SHOWN)
    drawn = Image.open(io.BytesIO(picture.screenshot())).convert("L")
    assert abs(drawn.getpixel((2, 2)) - paper) <= 2
    darkest, brightest = drawn.getextrema()
    assert (darkest < 40 and brightest > 250) if scheme == "light" else (brightest > 225 and darkest > 10)


def test_no_sentence_is_true_of_one_theme_only():
    told = re.compile(
        r"\b(?:black|white|dark(?:er)?|bright(?:er)?|pale|lighter) (?:\w+ )?(?:lines?|strokes?|marks?|dots?|pixels?|squares?|background)|mostly white|mostly black|\((?:black|white)\)"
    )
    for path in sorted(ROOT.glob("notebooks/*.md")):
        assert not told.findall(path.read_text("utf-8")), path.name
