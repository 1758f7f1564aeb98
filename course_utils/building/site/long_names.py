"""A Sphinx extension: a long name in code may wrap after punctuation, such as a dot or an underscore, never inside a word."""

import re

from sphinx.application import Sphinx

NAME = re.compile(r'(?<=<span class="pre">)[^<\s]{16,}(?=</span>)')  # shorter ones fit on any line
SEAM = re.compile(r"(?<=[\w\])])([._/=,(]+)(?=\w)")


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("html-page-context", _offer_breaks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _offer_breaks(app, page, template, context, doctree):
    if "body" in context:
        context["body"] = NAME.sub(lambda name: SEAM.sub(r"\1<wbr>", name[0]), context["body"])
