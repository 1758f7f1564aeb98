"""`course build`: makes every made file from its source. `course build --check`: says which are out of date."""

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError

from course_utils.building import bibliography, notebook_lint, sources
from course_utils.building.kernels import kernel_environment, new_client
from course_utils.exercises import chapters
from course_utils.releasing import addresses

CELL_TIMEOUT = 120  # seconds; a whole chapter is to take under 60


@dataclass(frozen=True)
class Target:
    """A made file: where it is, the text or the notebook (without outputs) that it should hold, whether it is executed."""

    path: Path
    content: object
    executed: bool = False


class BuildError(RuntimeError):
    """A notebook can't be made as it should be; the message says which, where and why."""


def build(root, names=()):
    """Make the files of some chapters, or of all, and execute their notebooks.

    Args:
        root: Path of the repository.
        names: chapters, like "02_sigmoid"; () for all.

    Returns:
        The paths that were written.

    Raises:
        ValueError: there is no such chapter, or a source has a mistake.
        BuildError: a cell failed, or what came out is not fit to be stored.
    """
    return [_write(root, target) for target in targets(root, names)]


def check(root):
    """What is out of date, without executing anything.

    Outputs are not looked at: whether they still come out is what `pytest --nbval` finds out.

    Args:
        root: Path of the repository.

    Returns:
        A list of sentences, one a made file that is missing, stale or left over; [] where all is well.
    """
    made = targets(root)
    known = {target.path for target in made}
    folders = ("notebooks/*.ipynb", "exercises/*.ipynb", "solutions/*.ipynb", "course_utils/learner/questions/*.json")
    strays = sorted(path for pattern in folders for path in root.glob(pattern) if path not in known)
    stale = [(target.path, reason) for target in made if (reason := _difference(target))]
    return [f"{p.relative_to(root)}: {reason}; mend it with: course build {p.stem}" for p, reason in stale] + [
        f"{p.relative_to(root)}: has no source; remove it, or write its source" for p in strays
    ]


def targets(root, names=()):
    """The made files of these chapters, or of all; the page of references, which leans on all chapters, is always one."""
    paths = {path.stem: path for path in sorted((root / "notebooks").glob("[0-9][0-9]_*.md"))}
    unknown = [name for name in names if name not in {*paths, *chapters(), "references"}]
    if unknown:
        raise ValueError(
            f"There is no chapter {unknown[0]!r}; the chapters are: {', '.join(sorted({*paths, *chapters()}))}."
        )
    made = []
    for name in sorted({*paths, *chapters()}):
        if names and name not in names:
            continue
        if name in paths:
            notebook, questions = sources.chapter(paths[name])
            text = sources.questions_text(questions, f"notebooks/{name}.md")
            made.append(Target(root / "course_utils/learner/questions" / f"{name}.json", text))
            made.append(_notebook_target(root, paths, "notebooks", name, notebook))
        if name in chapters():
            made.append(_notebook_target(root, paths, "exercises", name, sources.exercise_notebook(name)))
            made.append(_notebook_target(root, paths, "solutions", name, sources.solution_notebook(name)))
    texts = {name: path.read_text("utf-8") for name, path in paths.items()}
    return [*made, Target(root / bibliography.PATH, bibliography.page(texts))]


def _notebook_target(root, paths, folder, name, notebook):
    """The notebook as it is made, with its badges; `paths` are the chapters' sources by name."""
    opened = addresses.with_opening(
        notebook, addresses.repository(root), f"{folder}/{name}.ipynb", next_ones=_next_ones(paths, folder, name)
    )
    return Target(root / folder / f"{name}.ipynb", opened, executed=folder != "exercises")


def _next_ones(paths, folder, name):
    """What else there is of this chapter, and the chapter after it: pairs of what it is called and its path."""
    here = [("notebooks", "the chapter"), ("exercises", "the exercises"), ("solutions", "the solutions")]
    made = {"notebooks": name in paths, "exercises": name in chapters(), "solutions": name in chapters()}
    links = [(words, f"{other}/{name}.ipynb") for other, words in here if other != folder and made[other]]
    after = next((chapter for chapter in paths if chapter > name), None)
    return [*links, ("the next chapter", f"notebooks/{after}.ipynb")] if after else links


def _write(root, target):
    text = target.content
    if not isinstance(text, str):
        notebook = execute(target.content, target.path) if target.executed else target.content
        examine = notebook_lint.problems if target.executed else notebook_lint.exercise_problems
        problems = examine(notebook, name=str(target.path.relative_to(root)))
        if problems:
            raise BuildError("\n".join(problems))
        text = nbformat.writes(notebook) + "\n"
    target.path.parent.mkdir(exist_ok=True)
    target.path.write_text(text, encoding="utf-8")
    return target.path


def execute(notebook, path):
    """Run a notebook in a fresh kernel, in the folder of `path`.

    Args:
        notebook: without outputs.
        path: where it will stand.

    Returns:
        The notebook with outputs, free of what differs from run to run.

    Raises:
        BuildError: a cell raised.
    """
    resources = {"metadata": {"path": str(path.parent)}}
    client = new_client(notebook, timeout=CELL_TIMEOUT, kernel_name="python3", resources=resources)
    try:
        client.execute(env=kernel_environment(os.environ))
    except CellExecutionError as error:
        raise BuildError(f"{path.name}: a cell raised {error.ename}: {error.evalue}\n{error}") from error
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [_with_alternative_text(output) for output in _joined(cell.outputs)]
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def _joined(outputs):
    """Outputs in which neighbouring pieces of one stream are one: how a stream is cut depends on timing."""
    joined = []
    for output in outputs:
        last = joined[-1] if joined else None
        if output.output_type == "stream" and last and last.get("name") == output.name:
            last.text += output.text
        else:
            joined.append(output)
    return joined


def _with_alternative_text(output):
    """Where nbconvert and the site look for it."""
    if "image/png" in output.get("data", {}):
        output.metadata.setdefault("image/png", {})["alt"] = output.data.get("text/plain", "")
    return output


def _difference(target):
    """Why a made file is out of date, or ""."""
    if not target.path.exists():
        return "is missing"
    try:
        text = target.path.read_text("utf-8")
        if isinstance(target.content, str):
            return "" if text == target.content else "differs from its source"
        stored = nbformat.reads(text, as_version=4)
    except ValueError as error:
        return f"can't be read ({error})"
    return _notebook_difference(stored, target.content)


def _notebook_difference(stored, made):
    if stored.metadata != made.metadata:
        return "its metadata differ from what the build makes"
    for number, (old, new) in enumerate(zip(stored.cells, made.cells, strict=False), start=1):
        part = next(filter(partial(_differs, old, new), ("cell_type", "id", "source", "metadata")), None)
        if part:
            return f"cell {number} differs from its source in its {part}"
    return (
        "" if len(stored.cells) == len(made.cells) else f"has {len(stored.cells)} cells, its source {len(made.cells)}"
    )


def _differs(old, new, part):
    return old.get(part) != new.get(part)
