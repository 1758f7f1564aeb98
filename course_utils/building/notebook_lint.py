"""Finds what a notebook must not contain and a comparison of outputs would miss. Pure functions: notebook in, sentences out.

`pytest --nbval` skips images and cells without a run number, and compares neither metadata nor tracebacks.
"""

import base64
import binascii
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course_utils.learner.setup import FIGURE
from course_utils.texts import _

Finding = tuple[NotebookNode | None, str]  # the cell, or None for the notebook itself, and a sentence

REBUILD = _("Make the notebook again with `course build`.")
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
OTHER_IMAGES = (
    "image/svg+xml",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "application/pdf",
)  # formats that the inline backend can store
WIDEST = 100  # characters in a line of code; with its file browser open, JupyterLab shows about 105 at 1280 pixels
SMALLEST_SIDE = 40  # pixels; a figure of the course is ten times as wide
SHORTEST_DESCRIPTION = 40  # characters

STARTUP_LINE = re.compile(
    r"^.*(?:oneDNN custom operations|cud(?:a|art|nn)\b.*(?:driver|GPU|dso|librar|register)|cuInit|absl::InitializeLog"
    r"|cpu_feature_guard|computation_placer|cuda_(?:executor|platform|fft|dnn|blas|diagnostics)|TF-TRT"
    r"|rebuild TensorFlow with|: [IWEF] (?:tensorflow|external)/|^[IWEF]\d{4} \d\d:\d\d:\d\d).*$",
    re.MULTILINE,
)
ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}|\b0x7f[0-9a-fA-F]{8,10}\b")
MACHINE_PATH = re.compile(
    r"(?<![\w.])/(?:home|root|Users|tmp|private|var/folders)/\S*|[\w./-]*/(?:site|dist)-packages/\S*"
    r"|\b[C-E]:\\{1,2}(?:[A-Z]|\w+\\)\S*"  # the formula f: A:\\to B is no path
)
DATE = re.compile(
    r"(?<![\d-])20[2-9]\d-[01]\d-[0-3]\d(?![\d-])|(?<![\d:])[0-2]\d:[0-5]\d:[0-5]\d(?![\d:])"
    r"|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\w*,? (?:\d\d? )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b"
    r"|\b(?:CPU times|Wall time): .*|\b\d+ ?[mµun]?s(?: ±.*per loop|/(?:step|epoch)\b)"
)
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def read(path: Path) -> NotebookNode:
    """Read a notebook as it is stored: `nbformat.read` would repair its cells' ids before they can be checked."""
    return nbformat.v4.reads(path.read_text(encoding="utf-8"))


def problems(notebook: NotebookNode, *, name: str) -> list[str]:
    """List what is wrong with an executed notebook, one sentence each, with the file, the cell and what to do.

    Args:
        notebook: An nbformat 4 notebook, such as `read` returns; it is not changed.
        name: What the sentences call it, such as "notebooks/02_sigmoid.ipynb".
    """
    return _sentences(notebook, name, [*NOTEBOOK_CHECKS, _run_in_order, *OUTPUT_CHECKS])


def exercise_problems(notebook: NotebookNode, *, name: str) -> list[str]:
    """List what is wrong with a notebook that a learner fills in: like `problems`, but no cell may have been run."""
    return _sentences(notebook, name, [*NOTEBOOK_CHECKS, _not_run])


def _sentences(
    notebook: NotebookNode, name: str, checks: list[Callable[[NotebookNode], Iterator[Finding]]]
) -> list[str]:
    found = (finding for check in checks for finding in check(notebook))
    return [f"{_place(name, notebook, cell)}: {sentence}" for cell, sentence in found]


def _place(name: str, notebook: NotebookNode, cell: NotebookNode | None) -> str:
    if cell is None:
        return name
    number = next(number for number, other in enumerate(notebook.cells, start=1) if other is cell)
    return _("{name}, cell {number} ({id})").format(name=name, number=number, id=cell.get("id", _("no id")))


def _unique_ids(notebook: NotebookNode) -> Iterator[Finding]:
    count = Counter(cell.get("id") for cell in notebook.cells)
    for cell in notebook.cells:
        if not cell.get("id"):
            yield cell, _("It has no id, so it cannot be told from other cells. {rebuild}").format(rebuild=REBUILD)
        elif count[cell.id] > 1:
            sentence = _("{count} cells have the id {id!r}. Give each its own in the source.")
            yield cell, sentence.format(count=count[cell.id], id=cell.id)


def _no_wide_code(notebook: NotebookNode) -> Iterator[Finding]:
    for cell in notebook.cells:
        line = max(cell.source.splitlines(), key=len, default="") if cell.cell_type == "code" else ""
        if len(line) > WIDEST and not cell.get("id", "").endswith("-colab"):
            sentence = _("A line of {length} characters is cut off in a narrow JupyterLab; {most} fit: {line}")
            yield cell, sentence.format(length=len(line), most=WIDEST, line=_shortened(line))


def _no_machine_metadata(notebook: NotebookNode) -> Iterator[Finding]:
    if version := notebook.metadata.get("language_info", {}).get("version"):
        sentence = _("The metadata hold language_info.version {version!r}, which differs between machines. Remove it.")
        yield None, sentence.format(version=version)
    if "widgets" in notebook.metadata:
        sentence = _("The metadata hold the state of live widgets. Build with COURSE_STATIC=1. {rebuild}")
        yield None, sentence.format(rebuild=REBUILD)
    for cell in notebook.cells:
        for key in ("execution", "ExecuteTime", "papermill"):
            if key in cell.metadata:
                yield cell, _("Its metadata hold {key!r}: times of one run, on one machine. Remove it.").format(key=key)


def _run_in_order(notebook: NotebookNode) -> Iterator[Finding]:
    cells = (cell for cell in _code_cells(notebook) if cell.source.strip())  # Jupyter does not number an empty cell
    for expected, cell in enumerate(cells, start=1):
        if (count := cell.get("execution_count")) != expected:
            sentence = _("Its run number is {count}, not {expected}: cleared or run out of order. {rebuild}")
            yield cell, sentence.format(count=count, expected=expected, rebuild=REBUILD)
            return  # the numbers after it are wrong for the same reason


def _not_run(notebook: NotebookNode) -> Iterator[Finding]:
    for cell in _code_cells(notebook):
        if cell.get("outputs"):
            yield cell, _("It stores outputs, and a learner starts without any. {rebuild}").format(rebuild=REBUILD)
        elif cell.get("execution_count") is not None:
            sentence = _("It has the run number {count}, and a learner starts without any. {rebuild}")
            yield cell, sentence.format(count=cell.execution_count, rebuild=REBUILD)


def _code_cells(notebook: NotebookNode) -> Iterator[NotebookNode]:
    return (cell for cell in notebook.cells if cell.cell_type == "code")


def _each_output(check: Callable[[NotebookNode, NotebookNode], Iterator[str]]):
    """Turn a check of one output and its cell into a check of a whole notebook."""

    def check_all(notebook: NotebookNode) -> Iterator[Finding]:
        for cell in _code_cells(notebook):
            for output in cell.outputs:
                for sentence in check(output, cell):
                    yield cell, sentence

    return check_all


def _no_unplanned_messages(output: NotebookNode, cell: NotebookNode) -> Iterator[str]:
    if line := _match(STARTUP_LINE, output):
        sentence = _("It stores a start-up line of TensorFlow ({line!r}). Import course_utils before TensorFlow.")
        yield sentence.format(line=line)
    elif output.output_type == "stream" and output.name == "stderr":
        sentence = _("It stores a message on stderr ({text!r}). Find its cause and remove it.")
        yield sentence.format(text=_shortened(output.text))
    elif output.output_type == "error" and "raises-exception" not in cell.metadata.get("tags", ()):
        sentence = _("It stores an error ({kind}: {message}). Mend it, or tag it raises-exception.")
        yield sentence.format(kind=output.ename, message=_shortened(output.evalue))


def _nothing_of_this_machine(output: NotebookNode, cell: NotebookNode) -> Iterator[str]:
    if _match(STARTUP_LINE, output):
        return  # removing the line removes its time and path, too
    if text := _match(ADDRESS, output):
        sentence = _(
            "It stores an object's address ({text!r}), which changes with each run. Print what the object holds."
        )
        yield sentence.format(text=text)
    if text := _match(MACHINE_PATH, output):
        yield _("It stores a path of one machine ({text!r}). Print the file's name only.").format(text=text)
    if text := _match(DATE, output):
        sentence = _("It stores a date or a time ({text!r}), which changes with each run. Do not print it.")
        yield sentence.format(text=text)


def _no_live_widget(output: NotebookNode, cell: NotebookNode) -> Iterator[str]:
    if WIDGET_VIEW in output.get("data", {}):
        sentence = _("It stores a live widget, which is dead without its kernel. Build with COURSE_STATIC=1. {rebuild}")
        yield sentence.format(rebuild=REBUILD)


def _figures_are_whole(output: NotebookNode, cell: NotebookNode) -> Iterator[str]:
    data = output.get("data", {})
    description = data.get("text/plain", "")
    if others := sorted(kind for kind in data if kind in OTHER_IMAGES):
        yield _("It stores {kind}; the course's pictures are PNG alone. {rebuild}").format(
            kind=others[0], rebuild=REBUILD
        )
    if "image/png" in data:
        if "width" in output.get("metadata", {}).get("image/png", {}):
            yield _("Its image is one for a retina screen, twice as large as the course's. {rebuild}").format(
                rebuild=REBUILD
            )
        if fault := _image_fault(data["image/png"]):
            yield _("{fault} Look at what the cell draws.").format(fault=fault)
        if description.startswith("<Figure size") or len(description.strip()) < SHORTEST_DESCRIPTION:
            yield _("Its image has no description made from what is drawn. Show the figure with course_utils.figures.")
    elif _describes_a_figure(output):
        yield _("It stores the description of a figure without its image. {rebuild}").format(rebuild=REBUILD)


def _image_fault(encoded: str) -> str | None:
    """Say what is wrong with a base64-encoded PNG, or None."""
    from matplotlib.image import imread

    try:
        content = base64.b64decode(encoded)
        pixels = imread(BytesIO(content), format="png")
    except (binascii.Error, OSError, SyntaxError, ValueError):  # Pillow raises SyntaxError for a broken chunk
        return _("Its image is not a whole PNG.")
    height, width = pixels.shape[:2]
    if min(height, width) < SMALLEST_SIDE:
        return _("Its image is only {width} x {height} pixels.").format(width=width, height=height)
    if (pixels == pixels[0, 0]).all():
        return _("Its image is blank: all its pixels have one colour.")
    return None


def _describes_a_figure(output: NotebookNode) -> bool:
    """Whether an output describes a figure: by the course's mark, by an image's metadata, or as Matplotlib's repr."""
    metadata = output.get("metadata", {})
    return (
        FIGURE in metadata.get("text/plain", {})
        or "image/png" in metadata
        or output.get("data", {}).get("text/plain", "").startswith("<Figure ")
    )


def _match(pattern: re.Pattern[str], output: NotebookNode) -> str | None:
    """Find the first match of a pattern in an output's text, or None."""
    match = next(filter(None, map(pattern.search, _texts(output))), None)
    return match and _shortened(match[0])


def _texts(output: NotebookNode) -> Iterator[str]:
    if output.output_type == "stream":
        yield ANSI.sub("", output.text)
    elif output.output_type == "error":
        yield ANSI.sub("", "\n".join([output.evalue, *output.traceback]))
    for mime, content in output.get("data", {}).items():
        if not mime.startswith("image/") or mime == "image/svg+xml":
            yield content if isinstance(content, str) else json.dumps(content, sort_keys=True)


def _shortened(text: str, length: int = 60) -> str:
    line = text.strip().partition("\n")[0]
    return line if len(line) <= length else line[: length - 1] + "…"


NOTEBOOK_CHECKS = (_unique_ids, _no_machine_metadata, _no_wide_code)
OUTPUT_CHECKS = tuple(
    map(_each_output, (_no_unplanned_messages, _nothing_of_this_machine, _no_live_widget, _figures_are_whole))
)
