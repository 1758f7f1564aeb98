"""A Sphinx extension: formulas become MathML when the site is built, so that no page needs a script to show one.

Every current browser shows MathML, screen readers read it, and it prints. The converter is docutils's own.
"""

import re

from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx

from course_utils.texts import _

ALIASES = {"dots": "ldots", "Big": "Bigl"}  # commands that work in notebooks and that docutils knows by another name


def mathml(tex: str, *, block: bool = False) -> str:
    """A formula as MathML.

    Args:
        tex: str, LaTeX.
        block: True for a formula on a line of its own.

    Returns:
        str.

    Raises:
        ValueError: the formula has a command that the converter doesn't know.
    """
    known = re.sub(r"\\([A-Za-z]+)", lambda command: "\\" + ALIASES.get(command[1], command[1]), tex)
    try:
        return tex2mathml(known, as_block=block)
    except MathError as error:
        sentence = _("The site can't show the formula {formula!r}: {error}")
        raise ValueError(sentence.format(formula=tex, error=error)) from error


def _inline(writer, node):
    writer.body.append(mathml(node.astext()))
    raise _done()


def _block(writer, node):
    writer.body.append(f'<div class="math-block" tabindex="0">{mathml(node.astext(), block=True)}</div>')
    raise _done()


def _done():
    from docutils.nodes import SkipNode

    return SkipNode()


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer with Sphinx; `conf.py` selects it with `html_math_renderer = "mathml"`."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
