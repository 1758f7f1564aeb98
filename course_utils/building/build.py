"""`course build`: makes every generated file from its source. `course build --check`: lists those that are out of date."""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import nbformat

from course_utils.building import (
    bibliography,
    notebook_lint,
    question_cells,
    sources,
    stored_outputs,
    translation_template,
)
from course_utils.building.execute import BuildError, execute
from course_utils.exercises import chapters
from course_utils.releasing import badges_and_colab, editions
from course_utils.texts import _

EXECUTED = ("notebooks", "solutions")
OPENED = {"notebooks": "workbooks", "workbooks": "workbooks"}  # an edition -> the one that learners open
OTHERS = ("references", Path(translation_template.PATH).stem)  # generated files that belong to no chapter
TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
EXERCISES = _("the exercises of this chapter")
NOTEBOOKS = ("notebooks", "workbooks", "exercises", "solutions")


@dataclass(frozen=True)
class Target:
    """A generated file: its path, the text or the notebook (without outputs) that it should hold, and whether it has outputs."""

    path: Path
    content: object
    executed: bool = False
    questions: dict = field(default_factory=dict)


def build(
    root: Path, names: Sequence[str] = (), *, execute_all: bool = False, keep_outputs: bool = False
) -> Iterator[tuple[Path, bool]]:
    """Make the files of some or all chapters; execute the notebooks whose outputs may have changed.

    Args:
        root: Path of the repository.
        names: Chapters, like "02_sigmoid"; () for all.
        execute_all: True executes all of them.
        keep_outputs: True keeps the outputs of each notebook whose code cells are the stored ones, whatever else changed.

    Yields:
        Each path that was written, and whether the notebook was executed.

    Raises:
        ValueError: There is no such chapter, or a source has a mistake.
        BuildError: A cell failed, or its output must not be stored.
    """
    for target in targets(root, names):
        executed = target.executed and (execute_all or not _keep(root, target, keep_outputs))
        _write(root, target, executed)
        yield target.path, executed


def _keep(root, target, unseen):
    return stored_outputs.kept(root, target.path, target.content, target.questions, unseen=unseen)


def check(root: Path) -> list[str]:
    """The files that are out of date; nothing is executed.

    Outputs are not compared: `pytest --nbval` checks whether they can be reproduced. Notebooks that should have none must have none.

    Args:
        root: Path of the repository.

    Returns:
        A list of sentences, one for each generated file that is missing, stale or left over; [] if there is none.
    """
    made = targets(root)
    strays = sorted(_made_files(root) - {target.path for target in made})
    stale = [(target.path, reason) for target in made if (reason := _difference(target))]
    mend = _("{file}: {reason}; mend it with: course build {name}")
    stray = _("{file}: has no source; remove it, or write its source")
    return [
        *(mend.format(file=path.relative_to(root), reason=reason, name=path.stem) for path, reason in stale),
        *(stray.format(file=path.relative_to(root)) for path in strays),
    ]


def _made_files(root):
    """Every notebook in `NOTEBOOKS`, and every JSON file of the package that says what it was made from."""
    notebooks = {path for folder in NOTEBOOKS for path in (root / folder).glob("*.ipynb")}
    data = (root / "course_utils").rglob("*.json")
    return notebooks | {path for path in data if '"made_from"' in path.read_text("utf-8")}


def targets(root: Path, names: Sequence[str] = ()) -> list[Target]:
    """The generated files of these or all chapters, and always those that depend on the whole course: references and sentences."""
    paths = {path.stem: path for path in sorted((root / "notebooks").glob("[0-9][0-9]_*.md"))}
    unknown = [name for name in names if name not in {*paths, *chapters(), *OTHERS}]
    if unknown:
        sentence = _("There is no chapter {name!r}; the chapters are: {names}.")
        raise ValueError(sentence.format(name=unknown[0], names=", ".join(sorted({*paths, *chapters()}))))
    made = []
    for name in sorted({*paths, *chapters()}):
        if names and name not in names:
            continue
        if name in paths:
            notebook, questions = sources.chapter(paths[name])
            text = sources.questions_text(questions, f"notebooks/{name}.md")
            made.append(Target(root / "course_utils/learner/questions" / f"{name}.json", text))
            made.append(_notebook_target(root, paths, "notebooks", name, notebook, questions))
            made.append(_notebook_target(root, paths, "workbooks", name, notebook))
        if name in chapters():
            title = _title(paths[name]) if name in paths else name
            made.append(_notebook_target(root, paths, "exercises", name, sources.exercise_notebook(name, title)))
            made.append(_notebook_target(root, paths, "solutions", name, sources.solution_notebook(name, title)))
    texts = {name: path.read_text("utf-8") for name, path in paths.items()}
    pages = [Target(root / bibliography.PATH, bibliography.page(texts))]
    return [*made, *pages, Target(root / translation_template.PATH, translation_template.template(root))]


def _notebook_target(root, paths, folder, name, notebook, questions=None):
    """The finished notebook, with badges and closing links; `paths` are the chapters' sources by name."""
    repository, opened = badges_and_colab.repository(root), f"{OPENED.get(folder, folder)}/{name}.ipynb"
    made = badges_and_colab.with_opening(notebook, repository, opened, next_ones=_next_ones(paths, folder, name))
    after = _chapter_after(paths, name)
    if folder != "solutions":
        exercises = [(EXERCISES, f"exercises/{name}.ipynb")] if folder != "exercises" and name in chapters() else []
        made = editions.with_end(made, repository, opened, [*exercises, *after])
    if folder in OPENED:
        made = made if after else editions.with_course_end(made, opened)
        if folder == "notebooks":
            made = editions.to_read(made, opened)
        else:
            made = editions.to_work_in(made)
            question_cells.fold_what_is_told(made.cells)
    return Target(root / folder / f"{name}.ipynb", made, folder in EXECUTED, questions or {})


def _next_ones(paths, folder, name):
    """The chapter's other notebooks and the next chapter, as (name, path) pairs."""
    here = [("workbooks", _("the chapter")), ("exercises", _("the exercises")), ("solutions", _("the solutions"))]
    made = {"workbooks": name in paths, "exercises": name in chapters(), "solutions": name in chapters()}
    links = [
        (words, f"{other}/{name}.ipynb") for other, words in here if other != OPENED.get(folder, folder) and made[other]
    ]
    return [*links, *((_("the next chapter"), path) for title, path in _chapter_after(paths, name))]


def _chapter_after(paths, name):
    """The next chapter's title and path as a list of one pair; [] after the last."""
    after = next((chapter for chapter in paths if chapter > name), None)
    return [(_title(paths[after]), f"workbooks/{after}.ipynb")] if after else []


def _title(path):
    return TITLE.search(path.read_text("utf-8"))[1]


def _write(root, target, executed):
    text, started = target.content, time.time()
    if not isinstance(text, str):
        notebook, loaded = execute(target.content, target.path) if executed else (target.content, [])
        examine = notebook_lint.problems if target.executed else notebook_lint.exercise_problems
        problems = examine(notebook, name=str(target.path.relative_to(root)))
        if problems:
            raise BuildError("\n".join(problems))
        stored_outputs.lighten(notebook)
        text = nbformat.writes(notebook) + "\n"
    target.path.parent.mkdir(exist_ok=True)
    target.path.write_text(text, encoding="utf-8")
    if executed:
        stored_outputs.note(root, target.path, notebook, loaded, started=started)


def _difference(target):
    """Why a generated file is out of date, or ""."""
    if not target.path.exists():
        return _("is missing")
    try:
        text = target.path.read_text("utf-8")
        if isinstance(target.content, str):
            return "" if text == target.content else _("differs from its source")
        stored = nbformat.reads(text, as_version=4)
    except ValueError as error:
        return _("can't be read ({error})").format(error=error)
    return _notebook_difference(stored, target.content, target.executed)


def _notebook_difference(stored, made, executed):
    if stored.metadata != made.metadata:
        return _("its metadata differ from what the build makes")
    parts = ("cell_type", "id", "source", "metadata", *(() if executed else ("outputs", "execution_count")))
    for number, (old, new) in enumerate(zip(stored.cells, made.cells, strict=False), start=1):
        part = next(filter(partial(_differs, old, new), parts), None)
        if part:
            sentence = _("cell {number} differs from its source in its {part}")
            return sentence.format(number=number, part=part.replace("_", " "))
    if len(stored.cells) == len(made.cells):
        return ""
    return _("has {number} cells, its source {wanted}").format(number=len(stored.cells), wanted=len(made.cells))


def _differs(old, new, part):
    return old.get(part) != new.get(part)
