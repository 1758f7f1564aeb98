"""The notebooks and pages of a hand-out, without what leads out of it: badges, links to solutions, the cell for Colab."""

import json
import posixpath
import re
from collections.abc import Collection

FOR_COLAB = "colab"  # the tag of text that is kept only where the notebook can be opened in Colab
LINK = re.compile(r"(?<!!)\[([^\[\]]*)\]\(([^()\s]+)\)")


def notebook(text: str, place: str, known: Collection[str], intro: str | None = None) -> str:
    """A notebook as it is handed out.

    Args:
        text: of its file.
        place: where it will stand in the hand-out, like "workbooks/02_sigmoid.ipynb".
        known: the places of all pages of the hand-out.
        intro: Markdown that takes the place of what its first cell holds below the title, or None.

    Returns:
        The text of the new file.
    """
    document = json.loads(text)
    cells = [cell for cell in document["cells"] if not _is_for_colab(cell)]
    for cell in cells:
        if cell["cell_type"] == "markdown":
            cell["source"] = page("".join(cell["source"]), place, known).splitlines(keepends=True)
    if intro:
        cells[0]["source"] = [cells[0]["source"][0], "\n", *intro.splitlines(keepends=True)]
    return json.dumps(document | {"cells": cells}, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def page(text: str, place: str, known: Collection[str]) -> str:
    """Markdown as it is handed out: a link that would lead nowhere becomes plain text."""

    def kept(link: re.Match) -> str:
        words, target = link.groups()
        path = target.partition("#")[0]
        if not path or "://" in target or posixpath.normpath(posixpath.join(posixpath.dirname(place), path)) in known:
            return link[0]
        return words

    inside = [
        part for part in text.split("\n\n") if "colab.research.google.com" not in part and "mybinder.org" not in part
    ]
    return LINK.sub(kept, "\n\n".join(inside))


def _is_for_colab(cell):
    return cell["id"].endswith("-colab") or FOR_COLAB in cell["metadata"].get("tags", [])
