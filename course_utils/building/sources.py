"""Makes notebooks without outputs: chapters from Markdown, exercises and solutions from exercise files."""

import ast
import inspect
import json
import re
import textwrap
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import nbformat
import yaml
from markdown_it import MarkdownIt
from nbformat import NotebookNode

from course_utils.building import bibliography, nbgrader_metadata
from course_utils.checking.spec import Exercise
from course_utils.exercises import chapters, exercise
from course_utils.texts import _, ngettext

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
DIRECTIVE = re.compile(
    r"^```\{(predict|quiz|exercises|sources)\}[ \t]*(\S*)[ \t]*\n(.*?)^```[ \t]*$", re.DOTALL | re.MULTILINE
)
SETUP = "import numpy as np\n\nfrom course_utils import check"
TOOLS, IMPORTS = "from course_utils import check, hint, progress, review, solution", "import numpy as np"

DIFFICULTY = {"easy": _("easy"), "medium": _("medium"), "hard": _("hard")}


class SourceError(ValueError):
    """An author's mistake in a source; the message names the file and says what to do."""


def chapter(path: Path) -> tuple[NotebookNode, dict]:
    """A chapter's notebook and its questions.

    Args:
        path: path of `NN_name.md`, MyST Markdown as jupytext writes it, with blocks `predict`, `quiz`, `exercises` and `sources`.

    Returns:
        (notebook without outputs, questions as a dict with "predictions" and "quiz").

    Raises:
        SourceError: a block is malformed.
    """
    import jupytext

    source = jupytext.read(path, fmt="md:myst")
    cells, questions = [], {"predictions": {}, "quiz": []}
    for cell in source.cells:
        tags = _tagged(cell.metadata.get("tags", []))
        made = (
            [_cell("code", cell.source, **tags)]
            if cell.cell_type == "code"
            else _prose(cell.source, path, questions, tags)
        )
        cells += made
    return _notebook(path.stem, cells, f"notebooks/{path.name}"), questions


def questions_text(questions: Mapping, made_from: str) -> str:
    """A chapter's questions as the text of their JSON file."""
    return json.dumps({"made_from": made_from, **questions}, indent=1, ensure_ascii=False) + "\n"


def exercise_notebook(name: str, title: str) -> NotebookNode:
    """The notebook that a learner fills in: for each exercise its prompt, the function to write, and its check.

    A learner may add imports, so these have their own cell, apart from the one that nbgrader restores.

    Args:
        name: of the chapter, like "02_sigmoid".
        title: of the chapter, for readers.
    """
    cells = [_cell("markdown", EXERCISES_INTRO.format(name=name, title=title))]
    cells += [nbgrader_metadata.as_locked(_cell("code", TOOLS), "tools"), _cell("code", IMPORTS)]
    for spec in map(exercise, chapters()[name]):
        answer = nbgrader_metadata.as_answer(_cell("code", stub(spec)), spec.name)
        verdict = nbgrader_metadata.as_check(_cell("code", f"check({spec.name}).show()"), spec.name, spec.points)
        cells += [_prompt(spec), answer, verdict]
    return _notebook(f"{name}-exercises", cells, _exercise_folder(name))


def solution_notebook(name: str, title: str) -> NotebookNode:
    """The same exercises, answered, with why the answer is right and what the tempting wrong one does; arguments as above."""
    cells = [_cell("markdown", SOLUTIONS_INTRO.format(name=name, title=title)), _cell("code", SETUP)]
    for spec in map(exercise, chapters()[name]):
        answer = textwrap.dedent(inspect.getsource(spec.solution)).rstrip()
        cells += [_prompt(spec), _cell("code", answer), _cell("code", f"check({spec.name})")]
        cells.append(_cell("markdown", spec.explanation.strip()))
    return _notebook(f"{name}-solutions", cells, _exercise_folder(name))


EXERCISES_INTRO = _("""# Exercises: {title}

Replace each `...` with your answer, run the cell, then run the `check` below it. A check takes hardly any time and costs nothing:
use it as often as you like. If the answer is not right yet, it shows you an input where it goes wrong, and a next step. The number
below it is your score. In a cell of your own, `hint(f)` gives one more hint for the function `f` each time, and `solution(f)` shows
a right answer once you have tried.

A number counts as right within a hundred-thousandth of its size, or within a millionth where it is small, so float32 is precise
enough; where rounding errors are larger, so is the tolerance. A loop that never ends is stopped after ten seconds of
computing, except on Windows or inside a library's own code: interrupt the kernel there.

The chapter is [workbooks/{name}.ipynb](../workbooks/{name}.ipynb); one answer to each exercise, with the reasons, is in
[solutions/{name}.ipynb](../solutions/{name}.ipynb).""")

SOLUTIONS_INTRO = _("""# Solutions: {title}

One right answer to each exercise, why it is right, and what the tempting wrong answer does. There are others: whatever
gives the right numbers passes. The exercises are in [exercises/{name}.ipynb](../exercises/{name}.ipynb).""")


def stub(spec: Exercise) -> str:
    """An exercise's function as shipped: its signature, and `...` to replace."""
    function = ast.parse(textwrap.dedent(inspect.getsource(spec.solution))).body[0]
    return f"def {function.name}({ast.unparse(function.args)}):\n    return ..."


def _prompt(spec):
    sentence = ngettext(
        "*{difficulty}, about {minutes} minutes, {points} point*",
        "*{difficulty}, about {minutes} minutes, {points} points*",
        spec.points,
    )
    numbers = sentence.format(difficulty=DIFFICULTY[spec.difficulty], minutes=spec.minutes, points=spec.points)
    return _cell("markdown", f"## {spec.title}: `{spec.name}`\n\n{numbers}\n\n{spec.prompt.strip()}")


def _exercise_folder(name):
    return f"course_utils/exercises/ch{name}/"


def _prose(text, path, questions, tags):
    """Turn a Markdown cell into cells: its text, with the cell's tags, and the cells of each block in it."""
    cells, done = [], 0
    for block in DIRECTIVE.finditer(text):
        cells += _markdown(text[done : block.start()], **tags)
        cells += BLOCKS[block[1]](block[2], block[3], path, questions)
        done = block.end()
    return cells + _markdown(text[done:], **tags)


def _markdown(text, **metadata):
    return [_cell("markdown", text.strip(), **metadata)] if text.strip() else []


def _predict_block(name, body, path, questions):
    asked = _fields(body, path, name, {"question", "choices", "answer", "because"})
    letters = "ABCDEF"[: len(asked["choices"])]
    if name in questions["predictions"] or asked["answer"] not in letters:
        sentence = _("{file}: prediction {name!r} needs a name of its own and an answer out of {letters}.")
        raise SourceError(sentence.format(file=path.name, name=name, letters=letters))
    questions["predictions"][name] = {
        "question": _inline(asked["question"]),
        "choices": [_inline(choice) for choice in asked["choices"]],
        "answer": letters.index(asked["answer"]),
        "because": _inline(asked["because"]),
    }
    return [_cell("code", f'predict("{name}")')]


def _quiz_block(name, body, path, questions):
    """Add a question to the chapter's quiz; one cell, where the first question is, shows them all."""
    asked = _fields(body, path, name, {"question", "choices"})
    choices = [_choice(choice, path, name) for choice in asked["choices"]]
    if sum(choice["right"] for choice in choices) != 1 or len({choice["why"] for choice in choices}) != len(choices):
        sentence = _("{file}: quiz {name!r} needs one right choice, and for each choice a reason of its own.")
        raise SourceError(sentence.format(file=path.name, name=name))
    choices.sort(
        key=lambda choice: sha256(f"{name}: {choice['choice']}".encode()).digest()
    )  # shuffled, the same each time
    questions["quiz"].append({"name": name, "question": _inline(asked["question"]), "choices": choices})
    return [_cell("code", f'quiz("{path.stem}")')] if len(questions["quiz"]) == 1 else []


def _choice(choice, path, name):
    said = [key for key in ("right", "wrong") if isinstance(choice, dict) and key in choice]
    if len(said) != 1 or not choice.get("why"):
        sentence = _("{file}: each choice of quiz {name!r} needs `right:` or `wrong:`, and `why:`.")
        raise SourceError(sentence.format(file=path.name, name=name))
    return {"choice": _inline(choice[said[0]]), "right": said[0] == "right", "why": _inline(choice["why"])}


def _exercises_block(name, body, path, questions):
    rows = [
        f"| [{spec.title}](../exercises/{path.stem}.ipynb) | `{spec.name}` | {DIFFICULTY[spec.difficulty]} | {spec.minutes} |"
        for spec in map(exercise, chapters()[path.stem])
    ]
    return _markdown("\n".join([_("| Exercise | Function | Difficulty | Minutes |"), "|---|---|---|---|", *rows]))


def _sources_block(name, body, path, questions):
    try:
        return _markdown(bibliography.room(f"```{{sources}}\n{body}```"))
    except ValueError as error:
        raise SourceError(f"{path.name}: {error}") from None


BLOCKS = {
    "predict": _predict_block,
    "quiz": _quiz_block,
    "exercises": _exercises_block,
    "sources": _sources_block,
}


def _fields(body, path, name, wanted):
    try:
        fields = yaml.safe_load(body)
    except yaml.YAMLError as error:
        sentence = _("{file}: block {name!r} isn't YAML. A text with a colon and a space in it needs quotes. {error}")
        raise SourceError(sentence.format(file=path.name, name=name, error=error)) from None
    if not isinstance(fields, dict) or set(fields) != wanted or not isinstance(fields["choices"], list):
        sentence = _("{file}: block {name!r} needs exactly the fields {fields}; choices is a list.")
        raise SourceError(sentence.format(file=path.name, name=name, fields=", ".join(sorted(wanted))))
    return fields


def _inline(text):
    """Markdown as HTML, made at build time so that a notebook needs no Markdown library to show a question."""
    return MarkdownIt().renderInline(" ".join(str(text).split()))


def _tagged(tags):
    """A cell's metadata. The site folds cells tagged hide-input; JupyterLab needs its own field for that."""
    folded = {"jupyter": {"source_hidden": True}} if "hide-input" in tags else {}
    return {"tags": tags, **folded} if tags else {}


def _cell(kind, source, **metadata):
    make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    return make(source, metadata=metadata)


def _notebook(name, cells, made_from):
    for place, cell in enumerate(cells, start=1):
        cell["id"] = f"{name.replace('_', '-')}-{place:03}"
    course = {"made_by": "course build", "made_from": made_from}
    metadata = {"course": course, "kernelspec": KERNEL, "language_info": {"name": "python"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)
