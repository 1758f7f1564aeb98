"""Fills in the pages' templates. Jinja2 escapes every text; the exceptions are marked here."""

from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from course_utils.checking.verdict import Verdict, as_html, marked
from course_utils.grading.files import file_name, shown
from course_utils.grading.marks import shown_points


def page(template: str, **content: object) -> str:
    """A self-contained HTML page.

    Args:
        template: the name of a file in `templates/`.
        content: the values of its fields; every text is escaped.
    """
    return _templates.get_template(template).render(content)


def checked(verdict: Verdict) -> Markup:
    """What the check shows to a learner: HTML with a picture; `as_html` has escaped the learner's part."""
    return Markup(as_html(verdict))


def _marked(text):
    """Text with `code` as code elements; `marked` escapes it first."""
    return Markup(marked(text))


def _address(student):
    return f"feedback/{quote(file_name(student))}.html"


_templates = Environment(
    loader=PackageLoader(__package__),
    autoescape=True,
    undefined=StrictUndefined,
    extensions=["jinja2.ext.do"],
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_templates.filters |= {"address": _address, "marked": _marked, "points": shown_points, "shown": shown}
