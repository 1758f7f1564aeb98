"""Writes the hand-out for a class: the notebooks to fill in and what they need, without the solutions."""

import difflib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from course_utils import __version__
from course_utils.exercises import chapters as all_chapters
from course_utils.grading.files import write_file
from course_utils.releasing import editions
from course_utils.releasing.exercise_files import without_reference, without_solution
from course_utils.releasing.handout import notebook, page
from course_utils.releasing.handout_messages import (
    CHECK_README,
    EXERCISES_INTRO,
    NO_CHECK,
    README,
    SENTENCES,
    THEN_CHECK,
)
from course_utils.texts import ngettext

MARK = "release.json"
MADE_BY = "course release"
COPIED = ("LICENSE", "Makefile", "environment.yml", "pyproject.toml", "requirements.lock")


class ReleaseError(ValueError):
    """The hand-out can't be made as it was asked for; the message is a sentence for the teacher."""


@dataclass(frozen=True)
class Released:
    """What was written, and what there is to say about it."""

    files: tuple[str, ...]
    sentences: tuple[str, ...]


def release(root: Path, out: Path, names: Sequence[str] = (), *, check: bool = True) -> Released:
    """Write the hand-out for a class: the same bytes each time, from the same course.

    Args:
        root: path of the course's repository.
        out: path of a new or an empty folder, or of an earlier hand-out, which is replaced.
        names: chapters, like "02_sigmoid"; () for all that have exercises.
        check: False leaves the references out, and so the instant check.

    Returns:
        A `Released`.

    Raises:
        ReleaseError: there is no such chapter, or `out` is not to be written to.
    """
    root, out = Path(root), Path(out)
    names = _known(names)
    old = _earlier(out)
    texts = dict(_files(root, names, check))
    mark = {"made_by": MADE_BY, "version": __version__, "chapters": names, "check": check, "files": sorted(texts)}
    texts[MARK] = json.dumps(mark, indent=1) + "\n"
    try:
        for name, text in texts.items():
            write_file(out / name, text)
        _take_away(out, set(old) - set(texts))
    except OSError as error:
        raise ReleaseError(SENTENCES["unwritable"].format(path=out, reason=error.strerror)) from error
    return Released(tuple(sorted(texts)), tuple(_told(out, names, check)))


def _known(names):
    every = list(all_chapters())
    for name in names:
        if name not in every:
            near = difflib.get_close_matches(name, every, n=1)
            hint = SENTENCES["near"].format(near=near[0]) if near else ""
            raise ReleaseError(SENTENCES["no_chapter"].format(name=name, near=hint, names=", ".join(every)))
    return [name for name in every if not names or name in names]


def _earlier(out):
    """The files of the hand-out that lies there; only a new folder, an empty one or a hand-out is written to."""
    if out.exists() and not out.is_dir():
        raise ReleaseError(SENTENCES["is_file"].format(path=out))
    if not out.is_dir() or not any(out.iterdir()):
        return []
    try:
        mark = json.loads((out / MARK).read_text(encoding="utf-8"))
        if mark["made_by"] == MADE_BY:
            return [name for name in mark["files"] if isinstance(name, str)]
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise ReleaseError(SENTENCES["foreign"].format(path=out))


def _take_away(out, names):
    """Remove the files of the earlier hand-out that this one doesn't have, and no others that its list may name."""
    for name in names:
        path = out / name
        if path.resolve().is_relative_to(out.resolve()) and path.is_file():
            path.unlink()


def _files(root, names, check):
    """The hand-out's files: path inside it -> text."""
    for name in COPIED:
        yield name, _text(root / name)
    yield "README.md", _readme(names, check)
    yield from _pages(root, names, check)
    yield from _package(root / "course_utils", names, check)


def _pages(root, names, check):
    """The chapters, the pages beside them, and the exercises."""
    first = sorted(path.stem for path in (root / "workbooks").glob("00_*.ipynb"))
    work = [f"workbooks/{name}.ipynb" for name in (*first, *names)]
    beside = [f"notebooks/{path.name}" for path in sorted((root / "notebooks").glob("[!0-9]*.md"))]
    fill_in = {f"exercises/{name}.ipynb": _intro(name, check) for name in names}
    known = {*work, *beside, *fill_in}
    for place in beside:
        yield place, page(editions.beside_workbooks(_text(root / place)), place, known)
    for place in (*work, *fill_in):
        yield place, notebook(_text(root / place), place, known, fill_in.get(place))


def _text(path):
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ReleaseError(SENTENCES["not_there"].format(path=path.name)) from None


def _readme(names, check):
    lines = "\n".join(f"- `exercises/{name}.ipynb`: {', '.join(all_chapters()[name])}" for name in names)
    return README.format(list=lines, check=CHECK_README[check])


def _intro(name, check):
    return EXERCISES_INTRO.format(name=name, then_check=THEN_CHECK if check else NO_CHECK)


def _package(folder, names, check):
    """The course's package: of its exercises, those of the chapters, without their solutions."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
        inside = path.relative_to(folder)
        text = _text(path)
        if inside.parts[0] == "exercises" and len(inside.parts) == 3:
            text = _exercise_file(inside, text, names, check)
        if text is not None:
            yield f"course_utils/{inside.as_posix()}", text


def _exercise_file(inside, text, names, check):
    """A file of a chapter's exercises as it is handed out, or None where it isn't."""
    chapter, name = inside.parts[1].removeprefix("ch"), inside.stem
    if chapter not in names:
        return None
    if name not in all_chapters()[chapter]:
        return text if check or name == "__init__" else None
    return without_solution(text, name) if check else without_reference(text, name)


def _told(out, names, check):
    written = ngettext(
        "Wrote {exercises} exercise notebook, the chapters to work through, and the course's package to {out}.",
        "Wrote {exercises} exercise notebooks, the chapters to work through, and the course's package to {out}.",
        len(names),
    )
    yield written.format(exercises=len(names), out=out)
    yield SENTENCES["left_out"]
    yield SENTENCES["with_check" if check else "without_check"]
    yield SENTENCES["elsewhere"]
