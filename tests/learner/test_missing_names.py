"""A check of a name that no cell has defined: the learner is told where the answer may be."""

import os

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_utils.building.kernels import kernel_environment

ANSWER = "def sigmoid(x):\n    return 1 / (1 + np.exp(-x))"
IMPORTS = "import numpy as np\nfrom course_utils import check"
NOT_RUN = (
    "No cell that has run defines `sigmoid`. Run the one with your answer. If there are no square brackets in front of it, it is a "
    "Markdown or a raw cell: click beside it, press Y, which makes it a code cell, and run it.\n"
)
STOPPED = "Cell [2] was to define `sigmoid`, and stopped before it had. "


@pytest.fixture(scope="module")
def said():
    """A function: what the last of some cells says, in a kernel as a learner's notebook has it."""

    def run(*cells):
        notebook = new_notebook(cells=[c if not isinstance(c, str) else new_code_cell(c) for c in (IMPORTS, *cells)])
        client = NotebookClient(notebook, allow_errors=True, kernel_name="python3", timeout=600)
        client.execute(env=kernel_environment(os.environ))
        outputs = notebook.cells[-1].outputs
        return [o.ename for o in outputs if o.output_type == "error"], "".join(o.get("text", "") for o in outputs)

    return run


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (new_markdown_cell(ANSWER), NOT_RUN),
        (
            "\ufeff" + ANSWER,
            STOPPED + "Line 1 holds a character that nobody sees (U+FEFF), before `def sigmoid(x):`. Delete it.\n",
        ),
        (ANSWER.replace(":", ""), STOPPED + "Read its error, mend it, and run it again.\n"),
        ("1 / 0\n" + ANSWER, STOPPED + "Read its error, mend it, and run it again.\n"),
    ],
)
def test_a_check_says_where_the_answer_may_be(said, answer, sentence):
    assert said(answer, "check(sigmoid)") == (["NameError"], sentence)


def test_another_name_is_left_to_python(said):
    assert said(ANSWER, "check(sigmod)") == (["NameError"], "")


def test_an_answer_with_prompts_is_checked(said):
    prompts = ">>> def sigmoid(x):\n...     return 1 / (1 + np.exp(-x))\n"
    assert said(prompts, "print(check(sigmoid).status)") == ([], "passed\n")
