"""The cells that ask and answer questions: how to recognise them, and what they show without a kernel."""

import re

from nbformat import NotebookNode
from nbformat.v4 import new_output

from course_utils.learner import questions

ASKING = re.compile(r"(predict|reveal|predictions|quiz)\(\"(\w+)\"\)")
SHOWN = {
    "predict": lambda asked, name: questions.asked(asked["predictions"][name]),
    "reveal": lambda asked, name: questions.revealed(asked["predictions"][name], None),
    "predictions": lambda asked, _: questions.reviewed(asked["predictions"], {}),
    "quiz": lambda asked, _: questions.quiz_shown(asked["quiz"]),
}


def asks(cell: NotebookNode) -> re.Match | None:
    """Whether a cell is a question, its answer, or a review: the match has the kind and the name; else None."""
    return ASKING.fullmatch(cell.source) if cell.cell_type == "code" else None


def output_of(cell: NotebookNode, asked: dict) -> NotebookNode:
    """Make the output of a question's cell without a kernel: it depends only on the question's text.

    Args:
        cell: A cell that `asks`.
        asked: The chapter's questions, as its JSON file holds them.
    """
    kind, name = asks(cell).groups()
    shown = SHOWN[kind](asked, name)
    return new_output("execute_result", {"text/plain": shown.text, "text/html": shown.markup})
