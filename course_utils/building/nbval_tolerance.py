"""What `pytest --nbval` means in this course: nbval compares and reports, nbclient runs, floats have a tolerance.

nbval alone reports differences that a reader never sees: a trailing `;`, `clear_output`, `update_display` and
ipywidgets' output are handled by the front end, which nbval does not imitate and nbclient (`jupyter execute`) does.
The root conftest.py hooks `with_tolerance` in. Images are not compared: their text/plain descriptions are.
"""

import copy
import json
import math
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import zip_longest
from typing import NamedTuple

import nbval.plugin as nbval
import pytest
from jupyter_client import AsyncKernelManager
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager

from course_utils.building.kernels import kernel_environment, new_client
from course_utils.texts import _

RTOL = 1e-5  # a float32 has 7 digits, of which the last two may differ between CPUs
ATOL = 1e-12  # no larger: a saturated sigmoid(-20) = 2.06e-09 must still be verified
LOOSEST_RTOL = 1e-4  # the most that a cell's tag may ask for; at 1e-3 a change in the 4th digit would pass
RTOL_TAG = "nbval-rtol-"

WORD = re.compile(
    r"""(?P<number>
            (?: (?<![A-Za-z_]) [-+] | (?<![\w\#]) (?<!\d\.) (?<![A-Za-z_]-) )  # not in x1.5, #0000e5, 2.21.0, tf-2.1
            (?: \d+\.\d* | \.\d+ | \d+(?=[eE][-+]?\d) ) (?: [eE][-+]?\d+ )?
            (?: (?=j\b) | (?! \w | \.\d ) )  # the parts of a complex number end in j
        ) | \w+ | [^\w\s]""",
    re.VERBOSE | re.ASCII,  # so that a Chinese character before a number does not make it part of a word
)
WHOLE = re.compile(r"[-+]?\d+\.0*")
FLOAT32_WHOLE = 2**24  # below this a float32 holds each whole number exactly
INLINE_IMAGE = re.compile(r"(data:image/(?:png|jpeg|gif|webp);base64,)[\w+/=\s]+")


class Word(NamedTuple):
    """A word of an output: a float, a run of letters and digits (integers too), or one punctuation mark."""

    text: str
    is_float: bool


def words(text: str) -> list[Word]:
    """Split an output's text at whitespace and punctuation; nan, inf, integers and versions are plain words."""
    text = INLINE_IMAGE.sub(r"\1", text)  # the bytes of an image depend on Matplotlib's version, as nbval's images do
    return [Word(match[0], match["number"] is not None) for match in WORD.finditer(text)]


def is_close(stored: str, now: str, *, rtol: float = RTOL) -> bool:
    """Tell whether two printed floats agree; a printed plus sign and a whole number (`235146.`) must agree exactly."""
    old, new = float(stored), float(now)
    if not (math.isfinite(old) and math.isfinite(new)):  # 1e400 and 1e500 are both inf
        return False
    if max(abs(old), abs(new)) > ATOL and stored.startswith("+") != now.startswith("+"):
        return False
    if WHOLE.fullmatch(stored) and WHOLE.fullmatch(now) and abs(old) < FLOAT32_WHOLE:
        return old == new
    return math.isclose(old, new, rel_tol=rtol, abs_tol=ATOL)


def first_difference(stored: str, now: str, *, rtol: float = RTOL) -> str | None:
    """Say where two outputs first differ, or None if they agree word by word, and floats within the tolerance.

    Examples:
        >>> first_difference("loss 0.2852190", "loss   0.2852191")
        >>> first_difference("loss 0.2852", "loss 0.2853")
        "Word 2 differs: stored '0.2852', now '0.2853' (relative difference 3.5e-04, allowed 1e-05)."
    """
    for place, (old, new) in enumerate(zip_longest(words(stored), words(now)), start=1):
        if old is None:
            return _("Word {place} differs: the stored output ends there, now follows {new!r}.").format(
                place=place, new=new.text
            )
        if new is None:
            return _("Word {place} differs: stored {old!r}, the new output ends there.").format(
                place=place, old=old.text
            )
        both_floats = old.is_float and new.is_float
        if old == new or (both_floats and is_close(old.text, new.text, rtol=rtol)):
            continue
        fields = {"place": place, "old": old.text, "new": new.text}
        if not both_floats:
            return _("Word {place} differs: stored {old!r}, now {new!r}.").format(**fields)
        sentence = _("Word {place} differs: stored {old!r}, now {new!r} ({distance}, allowed {rtol:.2g}).")
        return sentence.format(**fields, distance=_how_far(old.text, new.text), rtol=rtol)
    return None


def _how_far(stored: str, now: str) -> str:
    old, new = float(stored), float(now)
    largest = max(abs(old), abs(new))
    if not 0 < largest < math.inf:
        return _("both not comparable")
    return _("relative difference {size:.1e}").format(size=abs(old - new) / largest)


class Text(str):
    """An output's text, equal to another when they have no `first_difference`: what nbval compares with `!=`."""

    __hash__ = None  # equal texts would need equal hashes

    def __new__(cls, text: str, rtol: float = RTOL) -> "Text":
        self = super().__new__(cls, text)
        self.rtol = rtol
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and first_difference(self, other, rtol=self.rtol) is None

    def __ne__(self, other: object) -> bool:
        return not self == other


def rtol_of(tags: Iterable[str]) -> float:
    """Read the relative tolerance from a cell's tags, such as `nbval-rtol-1e-4`; without one it is `RTOL`.

    Raises:
        ValueError: The tag doesn't end in a number, or is looser than `LOOSEST_RTOL`.
    """
    rtol = RTOL
    for tag in (tag for tag in tags if tag.startswith(RTOL_TAG)):
        try:
            rtol = float(tag.removeprefix(RTOL_TAG))
        except ValueError:
            sentence = _("The tag {tag!r} does not end in a number, such as {example}1e-4.")
            raise ValueError(sentence.format(tag=tag, example=RTOL_TAG)) from None
        if not 0 <= rtol <= LOOSEST_RTOL:
            sentence = _(
                "The tag {tag!r} is looser than {example}1e-4, the most that a cell may ask for. "
                "Do not store what varies more: assert a band in the cell."
            )
            raise ValueError(sentence.format(tag=tag, example=RTOL_TAG))
    return rtol


class VerifiedNotebook(nbval.IPyNbFile):
    """A notebook as nbval collects it, run by nbclient with a fresh kernel in the notebook's folder."""

    def collect(self) -> Iterator[nbval.IPyNbCell]:
        for cell in super().collect():
            yield VerifiedCell.from_parent(
                self, name=cell.name, cell_num=cell.cell_num, cell=cell.cell, options=cell.options
            )

    def setup(self) -> None:
        self.setup_sanitize_files()
        option = self.config.option
        self.client = new_client(
            copy.deepcopy(self.nb),
            km=AsyncKernelManager(kernel_name=self._kernel_name(), kernel_spec_manager=NbvalKernelspecManager()),
            timeout=math.ceil(option.nbval_cell_timeout),
            startup_timeout=math.ceil(option.nbval_kernel_startup_timeout),
            skip_cells_with_tag="",  # nbclient would skip such a cell, and nbval does not
            resources={"metadata": {"path": str(self.path.parent)}},
        )
        self.kernel_is_up = ExitStack()
        self.kernel_is_up.enter_context(
            self.client.setup_kernel(env=kernel_environment(os.environ), cleanup_kc=True),
        )

    def teardown(self) -> None:
        if hasattr(self, "kernel_is_up"):
            self.kernel_is_up.close()

    def _kernel_name(self) -> str:
        option = self.config.option
        if option.nbval_current_env:
            return CURRENT_ENV_KERNEL_NAME
        return option.nbval_kernel_name or self.nb.metadata.get("kernelspec", {}).get("name", "python3")

    def code_cell(self, number: int) -> tuple[int, nbval.NotebookNode]:
        """Find the running copy of the code cell that nbval calls `Cell number`, and its place among all cells."""
        code_cells = [(place, cell) for place, cell in enumerate(self.client.nb.cells) if cell.cell_type == "code"]
        return code_cells[number]

    def widget_errors(self) -> list[nbval.NotebookNode]:
        """Collect the exceptions that were shown in an Output widget, as those in an interact callback are."""
        outputs = (output for state in self.client.widget_state.values() for output in state.get("outputs", ()))
        return [output for output in outputs if output["output_type"] == "error"]

    def has_a_run_cell(self) -> bool:
        return any(cell.get("execution_count") for cell in self.nb.cells)


class VerifiedCell(nbval.IPyNbCell):
    """A code cell as nbval reports it, executed by nbclient and compared with the tolerance."""

    def runtest(self) -> None:
        if self.options["skip"]:
            pytest.skip(_("The cell is marked to be skipped."))
        if self.parent.timed_out:
            self.raise_cell_error(_("Not run, because an earlier cell stopped the kernel."))
        outputs = self.test_outputs = self._execute()
        self.rtol = self._rtol()
        if self.options["check"]:
            self._compare(outputs, nbval.coalesce_streams(copy.deepcopy(self.cell.outputs)))

    def _execute(self) -> list[nbval.NotebookNode]:
        place, cell = self.parent.code_cell(self.cell_num)
        client, may_raise = self.parent.client, bool(self.options["check_exception"])
        client.allow_errors = may_raise
        cell.outputs = []  # nbclient skips an empty cell and would leave its outputs
        known = self.parent.widget_errors()
        try:
            client.execute_cell(cell, place)
        except CellExecutionError as error:
            self.raise_cell_error(_("Cell execution caused an exception"), str(error))
        except (CellTimeoutError, DeadKernelError) as error:
            self.parent.timed_out = True
            self.raise_cell_error(_("The kernel stopped: {error}").format(error=error))
        if not may_raise:
            self._raise_shown_errors(_("Cell execution showed an exception"), cell.outputs)
            new = [error for error in self.parent.widget_errors() if not any(error is old for old in known)]
            self._raise_shown_errors(_("A widget's callback caused an exception"), new)
        return nbval.coalesce_streams(cell.outputs)

    def _raise_shown_errors(self, message: str, outputs: list[nbval.NotebookNode]):
        for output in outputs:
            if output["output_type"] == "error":
                self.raise_cell_error(message, "\n".join(output["traceback"]))

    def _rtol(self) -> float:
        try:
            return rtol_of(self.cell.metadata.get("tags", ()))
        except ValueError as error:
            place = {"file": self.path.name, "number": self.cell_num, "name": self.cell.get("id")}
            self.raise_cell_error(_("{file}, cell {number} (id {name}): {error}").format(**place, error=error))

    def _compare(self, outputs: list[nbval.NotebookNode], stored: list[nbval.NotebookNode]):
        if self.cell.execution_count is None:
            if stored:
                self.raise_cell_error(_("Unrun reference cell has outputs"))
            if outputs and self.parent.has_a_run_cell():
                self.raise_cell_error(_("The stored cell was cleared or never run. Make the notebook afresh."))
        elif not self.compare_outputs(outputs, stored):
            self.raise_cell_error(_("Cell outputs differ"), "\n".join(self.comparison_traceback))

    def sanitize(self, output: object) -> Text:
        """Sanitize as nbval does, into a `Text` that compares with the tolerance; JSON becomes text first."""
        text = output if isinstance(output, str) else json.dumps(output, sort_keys=True)
        return Text(super().sanitize(text), self.rtol)

    def format_output_compare(self, key: str, left: str, right: str) -> None:
        """Put the first difference before nbval's listing, which also marks what the tolerance allows."""
        self.comparison_traceback.append(first_difference(left, right, rtol=self.rtol))
        super().format_output_compare(key, str(left), str(right))


def with_tolerance(collector: pytest.Collector) -> pytest.Collector:
    """Replace nbval's collector of a notebook with the course's; any other collector stays as it is."""
    if type(collector) is nbval.IPyNbFile:
        return VerifiedNotebook.from_parent(collector.parent, path=collector.path)
    return collector
