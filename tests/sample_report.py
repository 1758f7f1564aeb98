"""What the tests of the report share: rows as the grader gives them, a written report, a page that is read back."""

import html.parser

from sample_submission import NAMES

from course_utils.checking.verdict import Verdict
from course_utils.exercises import exercise
from course_utils.grading import store
from course_utils.grading.answers import Code
from course_utils.grading.marks import Row
from course_utils.grading.notebook_files import Cell
from course_utils.grading.report import report_files
from course_utils.grading.submitted_code import Sources

RUN = {"isolation": {"used": "process"}, "students": 1, "warnings": [], "seed": 7, "timeout_seconds": 10.0, "versions": {"python": "3.11"}}  # fmt: skip


def row(
    student, name="sigmoid", status="passed", *, message="Seen.", hint="Try.", wrong="", points=..., reason=None, **more
):
    spec = exercise(name)
    earned = {"passed": spec.points, "not_run": None}.get(status, 0) if points is ... else points
    verdict = Verdict(name, status, earned, spec.points, message, hint, wrong, reason=reason)
    return Row(student, spec.chapter, verdict, **more)


def rows_of(student, statuses):
    return [row(student, name, status) for name, status in zip(NAMES, statuses.split(), strict=True)]


def run_of(rows):
    return RUN | {"rows": report_files.count(rows), "students": len({r.student for r in rows})}


def written(out, rows, *, sources=None, **run):
    chapters = list(dict.fromkeys(r.chapter for r in rows))
    out.mkdir(exist_ok=True)
    with store.open_store(out, {}) as opened:
        return report_files.write(out, rows, chapters, run_of(rows) | run, opened, sources=sources)


class Page(html.parser.HTMLParser):
    """Tags with their attributes, and the text, of a page whose tags all close."""

    OPEN = frozenset(("meta", "rect", "line", "polyline", "br"))

    def __init__(self, text):
        super().__init__()
        self.tags, self.text, self._open = [], "", []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in self.OPEN:
            self._open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.OPEN:
            assert self._open.pop() == tag

    def handle_data(self, data):
        self.text += data + " "

    def __contains__(self, words):
        return words in " ".join(self.text.split())


def read(path):
    return Page(path.read_text(encoding="utf-8"))


class Same(Sources):
    """Sources that give one code to everybody."""

    def __init__(self, code="x = 1"):
        super().__init__()
        self._text = code

    def code(self, student, chapter):
        return Code([Cell(1, self._text)] if self._text else [])
