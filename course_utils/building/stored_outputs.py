"""Reuses a notebook's stored outputs while its code, the files that it loaded and the environment are unchanged.

Their state when a notebook was executed is recorded in a file that git ignores; without a record, as in a fresh clone, the
notebook is executed. `pytest --nbval` checks, here and in CI, whether the stored outputs can be reproduced.
"""

import ast
import base64
import json
import os
import sys
from functools import cache
from hashlib import sha256
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course_utils.building import execute, kernels
from course_utils.building.question_cells import asks, output_of
from course_utils.plotting import narrow

NOTES = ".cache/build.json"
SHADES = 64  # colours of a stored figure; some figures are maps with many shades
TEXTS = {"PROMPT", "EXPLANATION"}  # of an exercise: they go into Markdown cells, and no output shows them


def lighten(notebook: NotebookNode) -> None:
    """Reduce the number of colours in a notebook's pictures; those already reduced stay as they are.

    Args:
        notebook: its outputs are changed.
    """
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if "image/png" in output.get("data", {}):
                forms = output.metadata.get(narrow.KEY, {})
                _in_colours(output.data, "image/png", SHADES)
                _in_colours(forms, "narrow", narrow.COLOURS)
                for position in forms.get("positions", ()):
                    _in_colours(position, "picture", narrow.COLOURS)


def _in_colours(place, key, colours):
    if key in place:
        place[key] = base64.b64encode(narrow.compact(base64.b64decode(place[key]), colours)).decode()


def kept(root: Path, path: Path, notebook: NotebookNode, questions: dict, *, unseen: bool = False) -> bool:
    """Give a notebook its stored outputs if they are still valid.

    Args:
        root: Path of the repository.
        path: Where the notebook is stored.
        notebook: Without outputs, which are added to it.
        questions: The chapter's, as its JSON file holds them: their outputs are made afresh, not kept.
        unseen: True requires only that the code cells are those of the stored notebook, whatever else may have changed.

    Returns:
        Whether it got them; if not, it has to be executed.
    """
    try:
        stored = nbformat.reads(path.read_text("utf-8"), as_version=4)
    except (OSError, ValueError):
        return False
    if not (_code(stored) == _code(notebook) if unseen else _as_noted(root, path, notebook, stored)):
        return False
    for cell, old in zip(_working(notebook), _working(stored), strict=True):
        cell["outputs"] = old.outputs
    _number(notebook, questions)
    return True


def note(root: Path, path: Path, notebook: NotebookNode, loaded: list[Path], *, started: float) -> None:
    """Record what an executed notebook was made with: its code, the files that its kernel loaded, the environment.

    A file edited after `started`, seconds since the epoch, may not be the version that was loaded: then nothing is recorded.
    """
    if any(file.stat().st_mtime > started for file in loaded):
        return
    files = {str(file): _digest_of_file(file) for file in loaded}
    entry = {"code": _digest(_code(notebook)), "outputs": _digest(_outputs(notebook)), "files": files}
    notes = _notes(root) | {path.relative_to(root).as_posix(): entry | {"environment": _environment()}}
    target = root / NOTES
    target.parent.mkdir(exist_ok=True)
    partial = target.with_suffix(f".{os.getpid()}")
    partial.write_text(json.dumps(notes, indent=1), encoding="utf-8")
    partial.replace(target)


def _notes(root):
    try:
        return dict(json.loads((root / NOTES).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def _as_noted(root, path, notebook, stored):
    entry = _notes(root).get(path.relative_to(root).as_posix())
    return (
        entry is not None
        and entry["code"] == _digest(_code(notebook)) == _digest(_code(stored))
        and entry["outputs"] == _digest(_outputs(stored))
        and entry["environment"] == _environment()
        and all(digest == _digest_of_file(Path(file)) for file, digest in entry["files"].items())
    )


def _working(notebook):
    """The code cells whose outputs are kept: all but the questions and Colab's cell, which has none."""
    return [c for c in notebook.cells if c.cell_type == "code" and not asks(c) and not c.id.endswith("-colab")]


def _code(notebook):
    return [(cell.source, cell.metadata.get("tags", [])) for cell in _working(notebook)]


def _outputs(notebook):
    """The outputs without their execution counts, which a new question would shift."""
    return [[{**output, "execution_count": None} for output in cell.outputs] for cell in _working(notebook)]


def _number(notebook, questions):
    """Show the questions' current text, and number cells and results from the top, as a run does."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    for number, cell in enumerate(code, start=1):
        if asks(cell):
            cell["outputs"] = [output_of(cell, questions)]
        cell["execution_count"] = number
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output["execution_count"] = number


def _digest(value):
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return sha256(text.encode()).hexdigest()


@cache
def _environment():
    """A digest of Python, every installed package with its version, the language, and the code that executes notebooks."""
    packages = {p.name for folder in map(Path, sys.path) if folder.is_dir() for p in folder.glob("*.dist-info")}
    ours = [_digest_of_file(Path(module.__file__)) for module in (execute, kernels)]
    return _digest([sys.version, sys.platform, sorted(packages), ours, os.environ.get("COURSE_LANGUAGE")])


@cache
def _digest_of_file(path):
    """A digest of a file's code: its syntax tree without docstrings and an exercise's texts; for a package, also the names of its files."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            node.body = [statement for statement in node.body if not _is_text(statement)]
    beside = sorted(p.name for p in path.parent.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists())
    return _digest([ast.dump(tree), beside if path.name == "__init__.py" else []])


def _is_text(statement):
    if isinstance(statement, ast.Assign):
        return isinstance(statement.targets[0], ast.Name) and statement.targets[0].id in TEXTS
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
