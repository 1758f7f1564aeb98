"""A chapter's exercises as a page of the site: to read, and, if the site includes Python, to answer and check on the page.

`docs/static/exercise.js` makes the editors; the sentences and hints that it shows are in the page, as JSON made here.
"""

import json
import re
from collections.abc import Mapping

import nbformat
from nbformat import NotebookNode

from course_utils.building.site import subset
from course_utils.building.site.pages import without_colab
from course_utils.checking.verdict import marked
from course_utils.exercises import exercise
from course_utils.learner.help import WORDS as NOTEBOOK_WORDS
from course_utils.releasing import badges_and_colab
from course_utils.texts import _

CHECKING = re.compile(r"check\((\w+)\)(?:\.show\(\))?")  # a cell that checks an answer
PATIENCE = 10  # seconds that an answer may take: more than in a notebook, since Python is slower in a browser, and phones are slow
SCRIPTS = ("codemirror.js", "exercise.js")  # in docs/static
WORDS = {
    "title": _("Exercises: {title}"),
    "to_read": _(
        "This page shows the exercises. To write an answer and check it, open them in Colab or Binder, or on your own "
        "machine with `course lab`."
    ),
    "to_answer": _(
        "Write your answers on this page: *Check* runs them with Python in your browser, as a notebook would. The first check "
        "loads Python from this site, {megabytes} MB; nothing that you write leaves your browser. `np` is NumPy. "
        "This Python has no TensorFlow: to answer with it, use Colab or Binder, or your own machine with `course lab`."
    ),
    "solutions": _("One right answer to each, with its reasons, opens by a click."),
    "chapter": _("The chapter is [{title}](../notebooks/{name}.ipynb)."),
    "one_right_answer": _("Show one right answer"),
    "needs": _("This exercise needs {libraries}, which Python in a browser doesn't have: {colab} to answer it."),
    "colab": _('<a href="{address}">open it in Colab</a>'),
    "label": _("Your answer, the function {name}"),
    "check": _("Check"),
    "hint": _("Hint"),
    "solution": _("Solution"),
    "reset": _("Reset"),
    "stop": _("Stop"),
    "first_use": _("The first check loads Python: {megabytes} MB."),
    "loading": _("Python is being loaded: {megabytes} MB."),
    "starting": _("Python starts."),
    "checking": _("Checking."),
    "printed": _("Your code printed:"),
    "stopped": _("Stopped. Your text is as it was."),
    "ended": _(
        "Python on this page has ended, most likely because the memory ran out. Your text is as it was; the next check starts "
        "Python again. Does your code make a very large array?"
    ),
    "came_back": _(
        "The browser closed this page in the middle of a check, most likely because the memory ran out. Your text is as it was. "
        "Does your code make a very large array? To check it elsewhere, {colab}."
    ),
    "not_loaded": _(
        "Python could not be loaded: {what} is missing or damaged. Your text is kept; reload the page, or {colab}."
    ),
    "a_file": _("one of its files"),
    "unable": _(
        "This browser can't run Python, since it has no {what}. Your text is kept; take a newer browser, or {colab}."
    ),
    "not_kept": _(
        "This browser lets the page keep nothing, so your text and your progress last only while the page is open: copy what you "
        "want to keep."
    ),
    "try_first": _(
        "Try first: write an answer and check it. To see one right answer all the same, press Solution once more."
    ),
    "last_hint": _("That was the last hint: {hint} After an attempt, Solution shows one right answer."),
    "was_reset": _("The text is as it was at the beginning."),
    "bring_back": _("Bring my text back"),
    "forget": _("Forget my answers and progress on this page"),
    "progress": NOTEBOOK_WORDS["heading"],
    "passed": NOTEBOOK_WORDS["passed"],
    "tried": NOTEBOOK_WORDS["tried"],
}


def exercise_page(
    exercises: NotebookNode,
    solutions: NotebookNode,
    *,
    name: str,
    title: str,
    repository: str,
    python: Mapping | None = None,
) -> NotebookNode:
    """A chapter's exercises as a page, with the solutions behind a click.

    Args:
        exercises, solutions: notebooks of the same exercises; they are not changed.
        name: the chapter's, like "02_sigmoid".
        title: the chapter's, like "2 Sigmoid".
        repository: str, "owner/name", where Colab finds the notebook.
        python: what `pyodide.scripts` tells a page about Python on the site, or None for a page without editors.

    Returns:
        A new notebook.
    """
    page = without_colab(nbformat.from_dict(exercises))
    colab = WORDS["colab"].format(address=badges_and_colab.colab(repository, f"exercises/{name}.ipynb"))
    answers, cells = _answers(solutions), []
    for cell in page.cells[1:]:
        checked = CHECKING.fullmatch(cell.source)
        if checked and python:
            cells[-1] = _with_place(cells[-1], checked[1], subset.missing_libraries(name, checked[1]), colab)
        else:
            cells.append(cell)
        if checked:
            cells += _behind_a_click(checked[1], answers[checked[1]])
    first = page.cells[0]
    first["source"] = _opening(first.source.split("\n\n")[1], name, title, python)
    if python:
        start = next(
            place for place, cell in enumerate(cells) if cell.cell_type == "markdown"
        )  # after the cells that only a kernel needs
        cells = [_for_the_script(first.id, list(answers), title, python, colab), *cells[start:]]
    page.cells = [first, *cells]
    return page


def _opening(badges, name, title, python):
    how = WORDS["to_answer"].format(megabytes=_megabytes(python)) if python else WORDS["to_read"]
    chapter = WORDS["chapter"].format(title=title, name=name)
    return f"# {WORDS['title'].format(title=title)}\n\n{badges}\n\n{how} {WORDS['solutions']}\n\n{chapter}"


def _megabytes(python):
    return round(python["bytes"] / 1e6)


def _answers(solutions):
    """Exercise -> the cells that answer it: the code, and why it is right."""
    answers, cells = {}, solutions.cells
    for place, cell in enumerate(cells):
        checked = CHECKING.fullmatch(cell.source)
        if checked:
            answers[checked[1]] = [cells[place - 1], cells[place + 1]]
    return answers


def _behind_a_click(name, cells):
    summary = f'<details class="solution" data-exercise="{name}"><summary>{WORDS["one_right_answer"]}</summary>'
    inside = [nbformat.from_dict({**cell, "id": f"{cell.id}-page"}) for cell in cells]
    return [_raw(f"{cells[0].id}-open", summary), *inside, _raw(f"{cells[0].id}-close", "</details>")]


def _raw(name, markup):
    cell = nbformat.v4.new_markdown_cell(markup)
    cell["id"] = name
    return cell


def _with_place(stub, name, lacking, colab):
    """The cell to fill in, with the place for its editor below; the script hides the cell."""
    if lacking:
        said = WORDS["needs"].format(libraries=", ".join(lacking), colab=colab)
        return _showing(stub.id, f'<p class="course-needs">{said}</p>', source=stub.source)
    return _showing(stub.id, f'<div class="course-exercise" data-name="{name}"></div>', source=stub.source)


def _for_the_script(name, exercises, title, python, colab):
    """The sentences, hints and addresses for the page's script, inside the page: a page opened from disk can't fetch a file."""
    fixed = {"megabytes": _megabytes(python), "colab": colab}
    data = {
        "words": {key: _filled(sentence, fixed) for key, sentence in WORDS.items()},
        "python": python,
        "patience": PATIENCE,
        "title": title,
        "exercises": {name: _known(exercise(name)) for name in exercises},
    }
    text = json.dumps(data, ensure_ascii=False, sort_keys=True).replace("</", "<\\/")
    scripts = "".join(f'<script defer src="../_static/{script}"></script>' for script in SCRIPTS)
    return _showing(
        f"{name}-script",
        f'<div class="course-progress"></div><script type="application/json" id="course-exercises">{text}</script>{scripts}',
    )


def _known(spec):
    hints = [
        NOTEBOOK_WORDS["hint"].format(number=number, all=len(spec.hints), name=spec.name, hint=hint)
        for number, hint in enumerate(spec.hints, start=1)
    ]
    last = [WORDS["last_hint"].format(hint=hint) for hint in spec.hints[-1:]]
    return {"points": spec.points, "hints": [marked(hint) for hint in (*hints, *last)]}


def _filled(sentence, fields):
    """A sentence with some of its fields filled in; the script fills in the others."""
    return re.sub(r"\{(\w+)\}", lambda field: str(fields.get(field[1], field[0])), sentence)


def _showing(name, markup, source=None):
    """A code cell with HTML as its output; without a source, only the output is shown."""
    cell = nbformat.v4.new_code_cell(source or "...", outputs=[_html(markup)])  # an empty cell would be left out
    cell["id"] = name
    if source is None:
        cell.metadata["tags"] = ["remove-input"]
    return cell


def _html(markup):
    return nbformat.v4.new_output("display_data", {"text/html": markup})
