"""Explains a NameError about an exercise that no cell has defined: Python only says that the name isn't defined."""

import re
import sys
from types import TracebackType

from course_utils.checking.look_alikes import look_alike
from course_utils.exercises import exercise_names
from course_utils.texts import _

SENTENCES = {
    "not_run": _(
        "No cell that has run defines `{name}`. Run the one with your answer. If there are no square brackets in front of it, it is a "
        "Markdown or a raw cell: click beside it, press Y, which makes it a code cell, and run it."
    ),
    "stopped": _("Cell [{number}] was to define `{name}`, and stopped before it had. {why}"),
    "read": _("Read its error, mend it, and run it again."),
}


def explain_missing_names() -> None:
    """In a notebook, add a sentence to each NameError about an exercise."""
    ask = getattr(sys.modules.get("IPython"), "get_ipython", None)
    shell = ask() if ask else None
    if shell is not None and not shell.custom_exceptions:
        shell.set_custom_exc((NameError,), _show)


def _show(shell: object, kind: type, error: NameError, trace: TracebackType, tb_offset: int | None = None) -> None:
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
    if error.name in exercise_names():
        print(_where(error.name, shell.history_manager.input_hist_raw))


def _where(name, inputs):
    """A sentence about a name that isn't there.

    Args:
        name: the exercise's.
        inputs: what was run in this session, by its number; the last is what failed.
    """
    defines = re.compile(rf"\b(?:def|class)\s+{name}\b|^\W*{name}\s*=(?!=)", re.MULTILINE)
    number = next((number for number in range(len(inputs) - 2, 0, -1) if defines.search(inputs[number])), None)
    if number is None:
        return SENTENCES["not_run"].format(name=name)
    why = look_alike(inputs[number]) or SENTENCES["read"]
    return SENTENCES["stopped"].format(name=name, number=number, why=why)
