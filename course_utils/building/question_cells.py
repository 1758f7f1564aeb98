"""The cells that ask and answer questions: how to recognise them, what they show without a kernel, and what is folded after them."""

import re
from collections.abc import Sequence
from itertools import pairwise

from nbformat import NotebookNode
from nbformat.v4 import new_output

from course_utils.learner import questions
from course_utils.texts import _

ASKING = re.compile(r"(predict|reveal|predictions|quiz)\(\"(\w+)\"\)")
# What isn't about the answer any more.
NEXT = re.compile(r"^(?=#+ |\*\*Your turn|\*\*What this can't tell you)", re.MULTILINE)
TOLD = """\
<details class="course-told" data-name="{name}">
<summary>{summary}</summary>

{text}

</details>

"""
OPEN_AFTER = _("After your guess: what this shows")
SHOWN = {
    "predict": lambda asked, name: questions.asked(asked["predictions"][name]),
    "reveal": lambda asked, name: questions.revealed(asked["predictions"][name], None),
    "predictions": lambda asked, _: questions.reviewed(asked["predictions"], {}),
    "quiz": lambda asked, _: questions.quiz_shown(asked["quiz"]),
}


def asks(cell: NotebookNode) -> re.Match | None:
    """Whether a cell is a question, its answer, or a review: the match has the kind and the name; else None."""
    return ASKING.fullmatch(cell.source) if cell.cell_type == "code" else None


def fold_what_is_told(cells: Sequence[NotebookNode]) -> None:
    """Fold the text after each answer to a prediction, up to the next heading or task.

    A reader who has only come to the question sees that text, too, and it tells the answer.
    """
    for before, cell in pairwise(cells):
        asked = asks(before)
        if asked and asked[1] == "reveal" and cell.cell_type == "markdown":
            text, *rest = NEXT.split(cell.source, maxsplit=1)
            if text:
                fold = TOLD.format(name=asked[2], summary=OPEN_AFTER, text=text.strip())
                cell["source"] = (fold + "".join(rest)).rstrip()


def output_of(cell: NotebookNode, asked: dict) -> NotebookNode:
    """Make the output of a question's cell without a kernel: it depends only on the question's text.

    Args:
        cell: A cell that `asks`.
        asked: The chapter's questions, as its JSON file holds them.
    """
    kind, name = asks(cell).groups()
    shown = SHOWN[kind](asked, name)
    return new_output("execute_result", {"text/plain": shown.text, "text/html": shown.markup})
