"""From a notebook with outputs to a page of the site: pure functions, notebook in, notebook out.

What a kernel would do is done by the page: predictions and quizzes answer through `docs/static/course.js`, which reads the
same questions and the same sentences; each figure gets its description; a solution is opened by a click.
"""

import html
import json
import re

import nbformat

from course_utils.building.question_cells import asks
from course_utils.learner.questions import LETTERS, WORDS
from course_utils.releasing import addresses
from course_utils.texts import _

CHECKING = re.compile(r"check\((\w+)\)(?:\.show\(\))?")  # a cell that checks an answer
LONGEST_ALT = 250  # characters that a screen reader should have to read in one go
# The sentences that a page says and a notebook doesn't, or says otherwise.
PAGE_WORDS = {
    "before": _("Choose before you read on. Your guess stays in this browser."),
    "noted": _("Noted: {letter}. Now read on and see."),
    "none_made": _("You made no predictions on this page yet: guess, then look."),
    "not_guessed": _("You haven't guessed yet."),
    "show": _("Show what was measured"),
    "forget": _("Forget my guesses"),
    "in_words": _("The figure in words"),
    "alt_long": _("{start} … All of it stands below, in words."),
    "solution": _("Show one right answer"),
    "exercises_title": _("Exercises: {title}"),
    "exercises_intro": (
        _(
            "This page shows the exercises. To write an answer and check it, open them in Colab or Binder, or on your own "
            "machine with `course lab`. One right answer to each, with its reasons, opens by a click.\n\n"
            "The chapter is [{title}](../notebooks/{name}.ipynb)."
        )
    ),
}


def chapter_page(notebook, questions):
    """A chapter as a page.

    Args:
        notebook: with outputs; it is not changed.
        questions: the chapter's, as its JSON file holds them.

    Returns:
        A new notebook.
    """
    page = _without_colab(nbformat.from_dict(notebook))
    asking = [cell for cell in page.cells if asks(cell)]
    for place, cell in enumerate(asking):
        cell["outputs"] = [_alive(cell, questions if place == 0 else None)]
        _tag(cell, "remove-input")
    for cell in page.cells:
        if cell.cell_type == "code":
            _describe(cell)
        else:
            cell["source"] = cell.source.replace("](../solutions/", "](../exercises/")
    return page


def exercise_page(exercises, solutions, *, name, title):
    """A chapter's exercises as a page, with the solutions behind a click.

    Args:
        exercises, solutions: notebooks of the same exercises; they are not changed.
        name: the chapter's, like "02_sigmoid".
        title: the chapter's, like "2 Sigmoid".

    Returns:
        A new notebook.
    """
    page = _without_colab(nbformat.from_dict(exercises))
    first = page.cells[0]
    badges = first.source.split("\n\n")[1]
    intro = PAGE_WORDS["exercises_intro"].format(title=title, name=name)
    first["source"] = f"# {PAGE_WORDS['exercises_title'].format(title=title)}\n\n{badges}\n\n{intro}"
    answers = _answers(solutions)
    cells = []
    for cell in page.cells:
        cells.append(cell)
        checked = CHECKING.fullmatch(cell.source)
        if checked:
            cells += _behind_a_click(answers[checked[1]])
    page.cells = cells
    return page


def _answers(solutions):
    """Exercise -> the cells that answer it: the code, and why it is right."""
    answers, cells = {}, solutions.cells
    for place, cell in enumerate(cells):
        checked = CHECKING.fullmatch(cell.source)
        if checked:
            answers[checked[1]] = [cells[place - 1], cells[place + 1]]
    return answers


def _behind_a_click(cells):
    summary = f'<details class="solution"><summary>{PAGE_WORDS["solution"]}</summary>'
    inside = [nbformat.from_dict({**cell, "id": f"{cell.id}-page"}) for cell in cells]
    return [_raw(f"{cells[0].id}-open", summary), *inside, _raw(f"{cells[0].id}-close", "</details>")]


def _raw(name, markup):
    cell = nbformat.v4.new_markdown_cell(markup)
    cell["id"] = name
    return cell


def _without_colab(page):
    """The page without what only notebooks need: Colab's first cell and links, the way to the edition to work in."""
    page.cells = [cell for cell in page.cells if not cell.get("id", "").endswith(("-colab", "-edition"))]
    for cell in page.cells:
        if cell.cell_type == "markdown":
            parts = (part for part in cell.source.split("\n\n") if not addresses.only_for_colab(part))
            cell["source"] = "\n\n".join(parts).replace("](../workbooks/", "](../notebooks/")
    return page


def _alive(cell, questions):
    """A question's output: what the notebook shows, which the page's script replaces; with all questions, once a page."""
    kind, name = asks(cell).groups()
    static = cell.outputs[0].data["text/html"] if cell.outputs else ""
    markup = f'<div class="course-question" data-kind="{kind}" data-name="{name}">{static}</div>'
    return nbformat.v4.new_output("display_data", {"text/html": markup + (_data(questions) if questions else "")})


def _data(questions):
    """The questions and the sentences for the page's script, inside the page: a page from a disk may load no other file."""
    data = {"letters": LETTERS, "words": WORDS | PAGE_WORDS, "questions": questions}
    text = json.dumps(data, ensure_ascii=False, sort_keys=True).replace("</", "<\\/")
    return f'<script type="application/json" id="course-questions">{text}</script>'


def _describe(cell):
    """Give a cell's figure its alternative text and, where that would be long, its description to read."""
    for place, output in enumerate(cell.get("outputs", [])):
        if "image/png" not in output.get("data", {}):
            continue
        lines = output.data["text/plain"].split("\n")
        text = " ".join(lines)
        long = len(text) > LONGEST_ALT
        start = text[:LONGEST_ALT].rsplit(" ", 1)[0]
        alt = PAGE_WORDS["alt_long"].format(start=start) if long else text
        cell.metadata["mystnb"] = {"image": {"alt": alt}}
        if long:
            items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
            words = f"<details class='in-words'><summary>{PAGE_WORDS['in_words']}</summary><ul>{items}</ul></details>"
            cell["outputs"].insert(place + 1, nbformat.v4.new_output("display_data", {"text/html": words}))
            return


def _tag(cell, tag):
    cell.metadata["tags"] = [*cell.metadata.get("tags", []), tag]
