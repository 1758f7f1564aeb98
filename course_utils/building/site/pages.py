"""Turns a notebook with outputs into a page of the site: pure functions, notebook in, notebook out.

The page does what a kernel would do: `docs/static/course.js` runs the predictions and quizzes, with the same questions and
the same sentences; each figure gets its description.
"""

import json
import re
from collections.abc import Mapping, Sequence

import nbformat
from nbformat import NotebookNode

from course_utils.building.question_cells import asks, fold_what_is_told
from course_utils.building.site import figures, tables
from course_utils.learner.questions import LETTERS, WORDS
from course_utils.releasing import badges_and_colab
from course_utils.texts import _

UNTIL = "until-"  # with a prediction's name, the tag of a cell whose output is folded until the reader has guessed
HEADING = re.compile(r"^#+ ", re.MULTILINE)
# The sentences that only a page shows, or that it words differently from a notebook.
PAGE_WORDS = {
    "before": _("Choose before you read on. Your guess stays in this browser."),
    "noted": _("Noted: {letter}. Now read on and see."),
    "none_made": _("You made no predictions on this page yet: guess, then look."),
    "not_guessed": _("You haven't guessed yet."),
    "show": _("Show what was measured"),
    "hide": _("Hide what was measured"),
    "forget": _("Forget my guesses"),
    "answers": _("Answers to the quiz"),
}


def chapter_page(
    notebook: NotebookNode, questions: Mapping, name: str = "", pictures: dict[str, bytes] | None = None
) -> NotebookNode:
    """A chapter as a page.

    Args:
        notebook: with outputs; it is not changed.
        questions: the chapter's, as its JSON file holds them.
        name: The chapter's, like "02_sigmoid"; its pictures are named after it.
        pictures: Path on the site -> bytes, to which the page's pictures are added.

    Returns:
        A new notebook.
    """
    page = without_colab(nbformat.from_dict(notebook))
    _fold(page)
    fold_what_is_told(page.cells)
    asking = [cell for cell in page.cells if asks(cell)]
    for place, cell in enumerate(asking):
        cell["outputs"] = [_alive(cell, questions if place == 0 else None)]
        _tag(cell, "remove-input")
    pictures = {} if pictures is None else pictures
    for cell in page.cells:
        if cell.cell_type == "code":
            _give_figures(cell, f"{name}-{cell.id}", pictures)
            _give_tables(cell)
        else:
            cell["source"] = cell.source.replace("](../solutions/", "](../exercises/")
    if questions.get("quiz"):
        page.cells.append(_answers(questions["quiz"]))
    return page


def _answers(quiz):
    """The right choices with their reasons, shown only in print, where no button can be pressed."""
    items = []
    for question in quiz:
        place, right = next((n, choice) for n, choice in enumerate(question["choices"]) if choice["right"])
        items.append(f"<li>{LETTERS[place]}. {right['choice'].rstrip('.')}. {right['why']}</li>")
    markup = (
        f'<div class="course-answers"><p><strong>{PAGE_WORDS["answers"]}</strong></p><ol>{"".join(items)}</ol></div>'
    )
    cell = nbformat.v4.new_code_cell("...", outputs=[nbformat.v4.new_output("display_data", {"text/html": markup})])
    cell["id"] = "quiz-answers"
    _tag(cell, "remove-input")
    return cell


def _fold(page):
    """Fold the measurements that answer each prediction: `course.js` opens them once the reader has guessed."""
    for place, cell in enumerate(page.cells):
        asked = asks(cell)
        if asked and asked[1] == "reveal":
            for measuring in measured_by(page.cells[:place], asked[2]):
                _tag(measuring, UNTIL + asked[2])
    for cell in page.cells:
        if any(tag.startswith(UNTIL) for tag in cell.metadata.get("tags", ())):
            _tag(cell, "hide-output")
            cell.metadata["mystnb"] = {"code_prompt_show": PAGE_WORDS["show"], "code_prompt_hide": PAGE_WORDS["hide"]}


def measured_by(cells: Sequence[NotebookNode], name: str) -> list[NotebookNode]:
    """The cells with outputs between a prediction, or the last heading after it, and its answer.

    A chapter's first question is asked long before the section that answers it; the cells in between are not folded.

    Args:
        cells: the chapter's, up to the answer.
        name: the prediction's.
    """
    found = []
    for cell in reversed(cells):
        asked = asks(cell)
        if (asked and asked.groups() == ("predict", name)) or (
            cell.cell_type == "markdown" and HEADING.search(cell.source)
        ):
            return found
        if cell.get("outputs") and not asked:
            found.insert(0, cell)
    raise ValueError(_("The prediction {name!r} is answered before it is asked.").format(name=name))


def without_colab(page: NotebookNode) -> NotebookNode:
    """The page without what only notebooks need: Colab's first cell and links, and the link to the edition to work in."""
    page.cells = [cell for cell in page.cells if not cell.get("id", "").endswith(("-colab", "-edition"))]
    for cell in page.cells:
        if cell.cell_type == "markdown":
            parts = (part for part in cell.source.split("\n\n") if not badges_and_colab.only_for_colab(part))
            cell["source"] = "\n\n".join(parts).replace("](../workbooks/", "](../notebooks/")
    return page


def _alive(cell, questions):
    """A question's output: the notebook's, for the page's script to replace, and, if given, the data of all questions."""
    kind, name = asks(cell).groups()
    static = cell.outputs[0].data["text/html"] if cell.outputs else ""
    if kind == "reveal":
        static = f"<details><summary>{PAGE_WORDS['show']}</summary>{static}</details>"
    markup = f'<div class="course-question" data-kind="{kind}" data-name="{name}">{static}</div>'
    return nbformat.v4.new_output("display_data", {"text/html": markup + (_data(questions) if questions else "")})


def _data(questions):
    """The questions and the sentences for the page's script, inside the page: a page opened from disk can't fetch a file."""
    data = {"letters": LETTERS, "words": WORDS | PAGE_WORDS, "questions": questions}
    text = json.dumps(data, ensure_ascii=False, sort_keys=True).replace("</", "<\\/")
    return f'<script type="application/json" id="course-questions">{text}</script>'


def _give_tables(cell):
    """Turn pandas's tables, and lines that were printed in columns, into tables that a phone can scroll."""
    for place, output in enumerate(cell.get("outputs", [])):
        data = output.get("data", {})
        if "text/html" in data:
            data["text/html"] = tables.boxed(data["text/html"])
        elif output.output_type == "stream" or set(data) == {"text/plain"}:
            markup = tables.printed(output.text if output.output_type == "stream" else data["text/plain"])
            if markup:
                cell["outputs"][place] = nbformat.v4.new_output("display_data", {"text/html": markup})


def _give_figures(cell, name, pictures):
    for place, output in enumerate(cell.get("outputs", [])):
        if "image/png" in output.get("data", {}):
            markup = figures.figure(output, name if place == 0 else f"{name}-{place}", pictures)
            cell["outputs"][place] = nbformat.v4.new_output("display_data", {"text/html": markup})


def _tag(cell, *tags):
    cell.metadata["tags"] = [*cell.metadata.get("tags", []), *tags]
