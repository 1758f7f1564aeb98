"""The search page: it finds a word, another name for it, and a slip of the pen, says where, and leads there; no server answers."""

import json
import re
import shutil

import pytest
from building.site import firefox
from building.site.chromium import CHROMIUM, PHONE

from course_utils.building.site import search_index

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
chromium = pytest.mark.skipif(not CHROMIUM, reason="no Chromium here; on Debian and Ubuntu: apt-get install chromium")


@pytest.fixture(scope="module")
def known(built_site):
    text = (built_site / search_index.NAME).read_text("utf-8")
    return json.loads(text.removeprefix("courseSearch(").removesuffix(");\n"))


def test_each_section_leads_to_its_place(built_site, known):
    assert len(known["sections"]) > 150
    assert len({section["id"] for section in known["sections"]}) == len(known["sections"])
    for section in known["sections"]:
        page, _, anchor = section["id"].partition("#")
        assert f'id="{anchor}"' in (built_site / page).read_text("utf-8"), section["id"]
        assert section["title"]


def test_the_words_of_a_chapter_are_known_and_its_outputs_are_not(known):
    texts = {section["id"]: section["text"] for section in known["sections"]}
    assert "Verhulst" in texts["notebooks/02_sigmoid.html#the-idea"]
    assert not any("course_utils" in text and "import course_utils" in text for text in texts.values())


def test_no_word_stands_for_two_things():
    words = [word for group in search_index.SYNONYMS for word in group]
    assert len(words) == len(set(words))
    assert all(len(group) > 1 and all(word == word.lower() for word in group) for group in search_index.SYNONYMS)


def search(page, query):
    from playwright.sync_api import expect

    page.goto(page.url.rpartition("/site/")[0] + f"/site/search.html?q={query}")
    expect(page.locator("#search-results [role=status]")).to_be_visible()
    return page.locator("#search-results li")


@chromium
@pytest.mark.parametrize(("query", "word", "page_of_it"), [
    ("xavier", "Glorot", "notebooks/03_relu.html"), ("glorot", "Glorot", "notebooks/03_relu.html"),
    ("swish", "Swish", "notebooks/06_choosing.html"), ("silu", "SiLU", "notebooks/06_choosing.html"),
    ("hyperbolic%20tangent", "tanh", "notebooks/05_tanh.html"), ("Verhulst", "Verhulst", "notebooks/02_sigmoid.html"),
    ("Verhlust", "Verhulst", "notebooks/02_sigmoid.html"), ("temperat", "temperature", "notebooks/04_softmax.html"),
])  # fmt: skip
def test_a_word_or_another_name_for_it_is_found(open_page, query, word, page_of_it):
    found = search(open_page("index.html", viewport=PHONE), query)
    links = found.locator("a").evaluate_all("all => all.map(link => link.getAttribute('href'))")
    assert any(link.startswith(page_of_it + "#") for link in links), links
    assert re.search(word, " ".join(found.locator("mark").all_inner_texts()), re.IGNORECASE)


@chromium
def test_a_result_has_an_excerpt_and_leads_to_the_place(open_page):
    page = open_page("index.html")
    found = search(page, "Verhulst").first
    assert "Verhulst used it in the 1830s" in found.locator(".course-excerpt").inner_text()
    found.locator("a").click()
    page.wait_for_url("**/notebooks/02_sigmoid.html#the-idea")
    page.wait_for_function(
        "scrollY > 100 && Math.abs(document.getElementById('the-idea').getBoundingClientRect().top) < 200"
    )


@chromium
def test_what_is_not_there_is_said_and_markup_stays_text(open_page):
    page = open_page("index.html")
    assert search(page, "zzzzqq").count() == 0
    assert page.locator("#search-results").inner_text().startswith("Nothing on this site has to do with “zzzzqq”.")
    search(page, "%3Cimg%20src%3Dx%3E%20zzzzqq")
    assert page.locator("#search-results img").count() == 0


@pytest.mark.skipif(not FIREFOX, reason="no Firefox here; on Debian: apt-get install firefox-esr")
def test_the_search_in_firefox_from_a_disk(built_site):
    with firefox.started(FIREFOX) as page:
        page.goto((built_site / "search.html").as_uri() + "?q=xavier")
        page.evaluate(
            "new Promise(done => { const look = () => document.querySelector('#search-results mark') ? done() : "
            "setTimeout(look, 50); look(); })"
        )
        assert page.evaluate("document.querySelector('#search-results mark').textContent").lower().startswith("glorot")
        assert page.complaints == []
        assert all(request.startswith(("file:", "data:")) for request in page.requests)
