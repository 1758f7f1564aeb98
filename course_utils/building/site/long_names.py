"""A Sphinx extension: a long name in code goes over two lines after a dot, an underscore or a slash, never inside a word."""

import re

from sphinx.application import Sphinx

NAME = re.compile(r'(?<=<span class="pre">)[^<\s]{16,}(?=</span>)')  # shorter ones fit in any line
SEAM = re.compile(r"(?<=[\w\])])([._/=,(]+)(?=\w)")


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("html-page-context", _offer_breaks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _offer_breaks(app, page, template, context, doctree):
    if "body" in context:
        context["body"] = NAME.sub(lambda name: SEAM.sub(r"\1<wbr>", name[0]), context["body"])
