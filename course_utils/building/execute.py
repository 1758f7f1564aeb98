"""Runs a notebook in a fresh kernel, and removes whatever differs from run to run."""

import os
from pathlib import Path

from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from course_utils.building.kernels import kernel_environment, new_client
from course_utils.learner.setup import FOR_PAGES
from course_utils.texts import _

CELL_TIMEOUT = 900  # wall-clock seconds, against a cell that never ends; enough for a whole chapter on a slow machine
LOADED = """import sys
print(*sorted(m.__file__ for m in [*sys.modules.values()] if m.__name__.partition(".")[0] == "course_utils"), sep="\\n")"""


class BuildError(RuntimeError):
    """A notebook can't be built; the message says which, where and why."""


def execute(notebook: NotebookNode, path: Path) -> tuple[NotebookNode, list[Path]]:
    """Run a notebook in a fresh kernel, in the folder of `path`.

    Args:
        notebook: Without outputs, which are added to it.
        path: Where it will be stored.

    Returns:
        The notebook with outputs, and the files of the course's package that its kernel had loaded at the end.

    Raises:
        BuildError: A cell raised.
    """
    notebook.cells.append(new_code_cell(LOADED))
    resources = {"metadata": {"path": str(path.parent)}}
    client = new_client(notebook, timeout=CELL_TIMEOUT, kernel_name="python3", resources=resources)
    try:
        client.execute(env=kernel_environment(os.environ) | {FOR_PAGES: "1"})
    except CellExecutionError as error:
        sentence = _("{file}: a cell raised {kind}: {message}")
        said = sentence.format(file=path.name, kind=error.ename, message=error.evalue)
        raise BuildError(f"{said}\n{error}") from error
    loaded = "".join(output.text for output in notebook.cells.pop().outputs)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [_with_alternative_text(output) for output in _joined(cell.outputs)]
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook, [Path(line) for line in loaded.splitlines() if line]


def _joined(outputs):
    """Join adjacent outputs of one stream: where a stream is split depends on timing."""
    joined = []
    for output in outputs:
        last = joined[-1] if joined else None
        if output.output_type == "stream" and last and last.get("name") == output.name:
            last.text += output.text
        else:
            joined.append(output)
    return joined


def _with_alternative_text(output):
    """Copy a figure's description to where nbconvert and the site look for it."""
    if "image/png" in output.get("data", {}):
        output.metadata.setdefault("image/png", {})["alt"] = output.data.get("text/plain", "")
    return output
