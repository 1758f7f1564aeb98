"""The index of the search page: the text of each section of each page, in a script, since a page opened from disk can load nothing else.

`docs/static/search.js` hands it to MiniSearch, which matches prefixes and tolerates typos, and ranks with BM25+. Sphinx's own search
knows which page has a word, but not where, and fetches the page from a server for an excerpt.
"""

import json
import tomllib
from pathlib import Path

from bs4 import BeautifulSoup

from course_utils.texts import _

NAME = "search-index.js"
SYNONYMS = tomllib.loads(Path(__file__).with_name("synonyms.toml").read_text("utf-8"))["groups"]
NOT_SEARCHED = "script, style, .headerlink, .cell, summary, math, .toctree-wrapper"
WORDS = {
    "searching": _("Searching."),
    "none": _("Nothing on this site has to do with “{query}”. Try another word for it, or a shorter one."),
    "found": _("{count} places, the likeliest first:"),
    "one": _("One place:"),
    "also": _("Searched for as well: {words}."),
}


def as_script(folder: Path) -> str:
    """The index of a built site.

    Args:
        folder: The site's.

    Returns:
        JavaScript.
    """
    sections = []
    for path in sorted(folder.rglob("*.html")):
        address = path.relative_to(folder).as_posix()
        if address != "search.html":
            sections += _sections(BeautifulSoup(path.read_text("utf-8"), "html.parser"), address)
    known = {"words": WORDS, "synonyms": SYNONYMS, "sections": sections}
    return f"courseSearch({json.dumps(known, ensure_ascii=False)});\n"


def _sections(page, address):
    article = page.find("article")
    if article is None:
        return []
    for useless in article.select(NOT_SEARCHED):
        useless.decompose()
    found, title = [], _words(article.find("h1"))
    for heading in article.find_all(["h1", "h2", "h3"]):
        section = heading.find_parent("section")
        if section is None or not section.get("id"):
            continue
        parts = [_words(part) for part in section.children if part.name not in ("section", heading.name)]
        found.append(
            {
                "id": f"{address}#{section['id']}",
                "page": title,
                "title": _words(heading),
                "text": " ".join(filter(None, parts)),
            }
        )
    return found


def _words(part):
    return " ".join(part.get_text(" ").split()) if part is not None else ""
