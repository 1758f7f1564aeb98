"""Figures of a page: with a second version for phones if the notebook has one, and with a slider if it has all positions.

The pictures themselves become files of the site, in few colours.
"""

import base64
import html
import io
from pathlib import PurePosixPath

from nbformat import NotebookNode
from PIL import Image

from course_utils.plotting import narrow
from course_utils.texts import _

FOLDER = "_images"
PHONE = "(max-width: 600px)"
LONGEST_ALT = 250  # characters that a screen reader should have to read in one go
WORDS = {
    "in_words": _("The figure in words"),
    "alt_long": _("{start} … All of it stands below, in words."),
    "setting": _("{name} {value}"),
}


def figure(output: NotebookNode, name: str, pictures: dict[str, bytes]) -> str:
    """A figure's output as HTML.

    Args:
        output: With a PNG and its description.
        name: The figure's, for its files, like "02_sigmoid-3".
        pictures: Path on the site -> bytes; the figure's files are added.
    """
    forms = output.metadata.get(narrow.KEY, {})
    if "positions" in forms:
        return _slider(forms, name, pictures)
    lines = output.data["text/plain"].split("\n")
    text = " ".join(lines)
    long = len(text) > LONGEST_ALT
    alt = WORDS["alt_long"].format(start=text[:LONGEST_ALT].rsplit(" ", 1)[0]) if long else text
    wide = _image(output.data["image/png"], f"{name}.png", pictures, alt=alt)
    source = ""
    if "narrow" in forms:
        address, width, height = _file(forms["narrow"], f"{name}-narrow.png", pictures)
        source = f'<source media="{PHONE}" srcset="{address}" width="{width}" height="{height}">'
    words = _in_words(lines) if long else ""
    return f'<div class="course-figure"><picture>{source}{wide}</picture></div>{words}'


def _in_words(lines):
    items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    return f"<details class='in-words'><summary>{WORDS['in_words']}</summary><ul>{items}</ul></details>"


def _slider(forms, name, pictures):
    """All positions, one after the other; `docs/static/course.js` shows one of them under its sliders."""
    shown = []
    for place, position in enumerate(forms["positions"]):
        image = _image(
            position["picture"], f"{name}-{place}.png", pictures, alt=" ".join(position["words"].split("\n"))
        )
        setting = ", ".join(
            WORDS["setting"].format(name=parameter.replace("_", " "), value=value)
            for parameter, value in zip(forms["names"], position["values"], strict=True)
        )
        values = html.escape(" ".join(position["values"]), quote=True)
        shown.append(f'<figure data-values="{values}">{image}<figcaption>{html.escape(setting)}</figcaption></figure>')
    names = html.escape(" ".join(forms["names"]), quote=True)
    return f'<div class="course-slider course-figure" data-names="{names}">{"".join(shown)}</div>'


def _image(content, file, pictures, **attributes):
    address, width, height = _file(content, file, pictures)
    more = "".join(f' {name}="{html.escape(value, quote=True)}"' for name, value in attributes.items())
    return f'<img src="{address}" width="{width}" height="{height}" decoding="async"{more}>'


def _file(content, file, pictures):
    """Add a picture to the site's files; return its address, relative to a chapter's page, its width and its height."""
    png = narrow.compact(base64.b64decode(content))
    pictures[str(PurePosixPath(FOLDER, file))] = png
    return f"../{FOLDER}/{file}", *Image.open(io.BytesIO(png)).size
