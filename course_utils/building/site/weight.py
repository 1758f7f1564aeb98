"""Removes what no page uses from the built site: the theme's scripts, styles and icons, otherwise two megabytes a page."""

import re
from pathlib import Path

import tinycss2

ICONS_AS_A_SCRIPT = re.compile(r"\s*<script[^>]*/scripts/fontawesome\.js[^>]*></script>")  # its style sheet has them
SPHINX_SEARCHES = re.compile(r'\s*<script src="[^"]*(?:searchtools|language_data|searchindex)\.js[^"]*"></script>')
BRAND = re.compile(r'class="(?:fab|fa-brands) fa-github([^"]*)"')  # the only icon in its font: any other will do
OPTIONS = re.compile(r'<script src="[^"]*documentation_options\.js[^"]*"></script>')
WAITED_FOR = re.compile(r'<script src="(?=[^"]*_static/)')  # such a script blocks rendering; none of them needs to
AT_ONCE = re.compile(
    r'\s*<link rel="preload" as="script"[^>]*>'
)  # the theme's menus, which compete with the style sheet that the first paint waits for
STYLES = re.compile(r'\s*<link(?=[^>]*rel="stylesheet")[^>]*href="([^"?]+)[^"]*"[^>]*>')
IMPORT = re.compile(r'@import "([^":]+)";')  # it would be asked for only when the sheet that imports it is there
WORD = re.compile(r"[\w-]+")
CLASS = re.compile(r"\.((?:[\w-]|\\.)+)")
NOT = re.compile(r":not\([^()]*(?:\([^()]*\)[^()]*)*\)")
SHEET = "_static/styles/site.css"  # beside the theme's, whose URLs are relative to that folder
OURS = ("course.css", "exercise.css")
UNUSED = ("_static/scripts/fontawesome.js", "_static/searchtools.js", "_static/language_data.js", "searchindex.js")


def lighten(folder: Path) -> None:
    """Change the pages, scripts and styles in a folder.

    Args:
        folder: The built site's.
    """
    options = (folder / "_static/documentation_options.js").read_text("utf-8")
    for path in _pages(folder):
        text = ICONS_AS_A_SCRIPT.sub("", path.read_text("utf-8"))
        text = SPHINX_SEARCHES.sub("", BRAND.sub(r'class="fa-solid fa-code-branch\1"', text))
        text = OPTIONS.sub(lambda _: f"<script>{options}</script>", text)
        text = WAITED_FOR.sub('<script defer src="', AT_ONCE.sub("", text))
        path.write_text(text, encoding="utf-8")
    for name in UNUSED:
        (folder / name).unlink(missing_ok=True)
    used = {
        word
        for kind in ("*.html", "*.js")
        for path in folder.rglob(kind)
        for word in WORD.findall(path.read_text("utf-8"))
    }
    _join_styles(folder, used)


def _pages(folder):
    return [path for path in folder.rglob("*.html") if "_static" not in path.parts]


def _join_styles(folder, used):
    """Join the style sheets that pages load into one: each request costs time on a phone."""
    sheets = {}
    for path in _pages(folder):
        text = path.read_text("utf-8")
        own = [(path.parent / address).resolve() for address in STYLES.findall(text)]
        sheets |= dict.fromkeys(own)
        link = f'\n<link rel="stylesheet" href="{"../" * (len(path.relative_to(folder).parts) - 1)}{SHEET}">'
        first, others = text[: STYLES.search(text).start()], text[STYLES.search(text).start() :]
        path.write_text(first + link + STYLES.sub("", others), encoding="utf-8")
    imported = [(s.parent / name).resolve() for s in sheets for name in IMPORT.findall(s.read_text("utf-8"))]
    joined = "\n".join(_read(sheet) if sheet.name in OURS else _of_use(_read(sheet), used) for sheet in sheets)
    for sheet in {*sheets, *imported}:
        sheet.unlink()
    (folder / SHEET).write_text(joined, encoding="utf-8")


def _read(sheet):
    """A style sheet with the text of what it imports in place."""
    return IMPORT.sub(lambda one: (sheet.parent / one[1]).read_text("utf-8"), sheet.read_text("utf-8"))


def _of_use(css, used):
    """A style sheet without the rules for classes that no page and no script mentions."""
    return "".join(
        _kept(rule, used) for rule in tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    )


def _kept(rule, used):
    if rule.type == "qualified-rule":
        selectors = [s for s in _selectors(rule.prelude) if _may_match(s, used)]
        return f"{','.join(selectors)}{{{tinycss2.serialize(rule.content).strip()}}}" if selectors else ""
    if rule.type == "at-rule" and rule.at_keyword in ("media", "supports", "layer") and rule.content is not None:
        inside = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
        kept = "".join(_kept(one, used) for one in inside)
        return f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{kept}}}" if kept else ""
    return rule.serialize()


def _selectors(prelude):
    """The selectors of a rule, split at the commas between them."""
    found, current = [], []
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            found.append(current)
            current = []
        else:
            current.append(token)
    return [tinycss2.serialize(one).strip() for one in [*found, current]]


def _may_match(selector, used):
    if re.search(r":(?:is|where|has)\(", selector):
        return True  # one of several classes is enough
    return all(name.replace("\\", "") in used for name in CLASS.findall(NOT.sub("", selector)) if not name[0].isdigit())
