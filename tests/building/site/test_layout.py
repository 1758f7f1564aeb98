"""Nothing on a page is cut without a sign, at the width of a desk and of a phone."""

import pytest
from building.site.chromium import CHROMIUM, DESKTOP, PAGES, PHONE

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium here; on Debian and Ubuntu: apt-get install chromium")

WIDTHS = pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
OPEN_ALL = "document.querySelectorAll('details').forEach(fold => { fold.open = true; })"

# Whatever holds more than it shows: its tag and class, what becomes of the rest, and whether a shadow stays at the edge.
CUT = """() => [...document.querySelectorAll('article, article *')]
    .filter(e => e.clientWidth && e.scrollWidth > e.clientWidth + 1 && !e.closest('math') && !e.closest('.cm-editor'))
    .filter(e => getComputedStyle(e).overflowX !== 'visible' && !e.matches('.visually-hidden, .sr-only'))
    .map(e => {
        const { overflowX, backgroundAttachment } = getComputedStyle(e);
        return { name: `${e.tagName}.${e.className}`, scrolls: ['auto', 'scroll'].includes(overflowX),
                 sign: backgroundAttachment.includes('local') && backgroundAttachment.includes('scroll'),
                 kind: e.closest('.cell_output pre') ? 'printed' : e.querySelector('table') ? 'table' : 'other' };
    })"""
# The first cell of each row of a table that was scrolled to its end: how far it stands from the table's box.
FIRST_CELLS = """() => [...document.querySelectorAll('.course-table, .pst-scrollable-table-container')]
    .filter(box => box.scrollWidth > box.clientWidth + 1)
    .flatMap(box => {
        box.scrollLeft = box.scrollWidth;
        const left = box.getBoundingClientRect().left + box.clientLeft, room = box.clientWidth;
        return [...box.querySelectorAll('tr > :first-child')].map(cell => {
            const place = cell.getBoundingClientRect();
            return { off: Math.abs(place.left - left), share: place.width / room };
        });
    })"""
# Names in code that go over to another line inside a word.
BROKEN = """() => [...document.querySelectorAll('article code.literal')].filter(code => code.getClientRects().length).flatMap(code => {
    const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT), broken = [], range = document.createRange();
    let before = null;
    while (walker.nextNode()) {
        const text = walker.currentNode.data;
        for (let at = 0; at < text.length; at++) {
            range.setStart(walker.currentNode, at);
            range.setEnd(walker.currentNode, at + 1);
            const place = range.getClientRects()[0];
            if (before && place && place.top > before.top + 4 && /[A-Za-z0-9]/.test(before.letter) && /[A-Za-z0-9]/.test(text[at]))
                broken.push(code.textContent);
            if (place) before = { top: place.top, letter: text[at] };
            else if (before) before.letter = ' ';
        }
    }
    if (code.closest('table') && code.getClientRects().length > 1 && !/\\s/.test(code.textContent)) broken.push(code.textContent);
    return broken;
})"""


def unfolded(page):
    """The name of each page of the site, while the browser shows it with nothing folded."""
    for name in PAGES:
        page.goto(page.url.rpartition("/site/")[0] + f"/site/{name}")
        page.evaluate(OPEN_ALL)
        yield name


@WIDTHS
def test_what_is_wider_than_the_page_says_so_and_scrolls(open_page, viewport):
    page, scrolling = open_page("index.html", viewport=viewport), 0
    for name in unfolded(page):
        for cut in page.evaluate(CUT):
            scrolling += 1
            assert cut["scrolls"], f"{name}: {cut}"
            assert cut["sign"], f"{name}: {cut}"
            assert cut["kind"] != "printed", f"{name}: {cut}"
    assert scrolling > 10


@WIDTHS
def test_a_table_keeps_its_first_column_in_sight_and_a_name_in_code_its_words(open_page, viewport):
    page, tables = open_page("index.html", viewport=viewport), 0
    for name in unfolded(page):
        for cell in page.evaluate(FIRST_CELLS):
            tables += 1
            assert cell["off"] < 1.5, f"{name}: {cell}"
            assert cell["share"] < 0.5, f"{name}: {cell}"
        assert page.evaluate(BROKEN) == [], name
    assert tables > 20 or viewport == DESKTOP


def test_the_sign_is_in_sight_until_the_end_is_reached(open_page):
    page = open_page("notebooks/07_todays_networks.html", viewport=PHONE)
    page.evaluate(OPEN_ALL)
    page.evaluate("Promise.all(document.getAnimations().map(fade => fade.finished))")  # the theme fades in what opens
    for selector in (".cell_input .highlight pre", ".pst-scrollable-table-container"):
        box = page.locator(selector).evaluate_all(
            "all => { const e = all.find(e => e.scrollWidth > e.clientWidth + 40 && e.checkVisibility()); e.id = 'looked-at'; "
            "e.style.setProperty('color', 'transparent'); e.querySelectorAll('*').forEach(inside => "
            "inside.style.cssText += 'color: transparent; background: none; border-color: transparent'); return e.id; }"
        )
        edge = {}
        for place, left in (("start", 0), ("end", 100_000)):
            page.evaluate("([id, left]) => { document.getElementById(id).scrollLeft = left; }", [box, left])
            edge[place] = _right_edge(page.locator(f"#{box}").screenshot())
        assert edge["start"] < edge["end"] - 20, f"{selector}: {edge}"  # grey levels: a shadow, and then none
        page.evaluate("document.getElementById('looked-at').id = ''")


def _right_edge(png):
    """How bright the last pixels of a picture are, on average over its middle."""
    import io

    from PIL import Image

    picture = Image.open(io.BytesIO(png)).convert("L")
    width, height = picture.size
    strip = picture.crop((width - 6, height // 4, width - 2, height // 3 + 1))
    return sum(strip.get_flattened_data()) / (strip.width * strip.height)
