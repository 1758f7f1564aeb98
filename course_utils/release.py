"""`course release`: the hand-out for a class, with the notebooks to fill in and what they need, without the solutions."""

import ast
import difflib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from course_utils import __version__
from course_utils.exercises import chapters as all_chapters
from course_utils.exercises import exercise
from course_utils.grading.files import write_file

MARK = "release.json"
MADE_BY = "course release"
COLAB_CELL = re.compile(r"\s*The first cell is for Google Colab,[^.]*\.")
COPIED = ("LICENSE", "Makefile", "environment.yml", "pyproject.toml", "requirements.lock")
SENTENCES = {
    "no_chapter": "There is no chapter {name!r} with exercises{near}; the chapters are: {names}.",
    "near": "; did you mean {near!r}?",
    "not_there": "{path} is missing; run `course build`, and `course release` again.",
    "is_file": "{path} is a file; expected a folder.",
    "foreign": "{path} holds files that are no earlier hand-out. Choose an empty or a new folder.",
    "unwritable": "{path} can't be written: {reason}.",
    "written": "Wrote {exercises} exercise notebook{s}, the chapters to read, and the course's package to {out}.",
    "left_out": "Left out: solutions/, each exercise's model answer, and why it is right.",
    "with_check": "Still to be found by who looks for it: course_utils/exercises/ holds for each exercise the reference that the "
    "instant check compares with, and the known wrong ideas. A copy of a reference passes, here and in the grader. "
    "Where that matters, hand out with --without-check.",
    "without_check": "There are no references either, so the hand-out has no instant check: `check` says so, and `course grade` "
    "checks what is handed in.",
    "elsewhere": "Wherever you publish the course itself, its solutions are public too.",
    "explanation": "This hand-out holds no solutions; your teacher shows them later.",
}
EXERCISES_INTRO = """# Exercises: {name}

Replace each `...` by your answer, and run the cell{then_check} In a cell of your own, `hint(f)` gives one more hint for the
function `f` each time.

The chapter is [notebooks/{name}.ipynb](../notebooks/{name}.ipynb). Hand in this notebook under its own name, `{name}.ipynb`."""
THEN_CHECK = """, then run the `check` below it. A check takes no time and costs nothing: use it as often as you
like. If it is not right yet, it shows you an input where the answer goes wrong, and a next step."""
NO_CHECK = ". Your teacher's grader checks the answer after you have handed in."
README = """# Activation functions, measured: the exercises of your class

## Set it up, once

You need Python 3.11, 3.12 or 3.13, about 2 GB of disk, and the network for this one time. In this folder, on Linux and macOS:

```sh
make lab
```

On Windows, in PowerShell:

```powershell
py -m venv .venv
.venv\\Scripts\\python -m pip install -r requirements.lock
.venv\\Scripts\\python -m pip install --no-deps -e .
.venv\\Scripts\\course lab
```

Either way JupyterLab opens. Later, the last line alone opens it again.

## Work

Read a chapter in `notebooks/`, then fill in its exercises:

{list}

{check}

## Hand in

Save the notebook and hand in the file from `exercises/` under the name that it has. Restart the kernel and run all cells
from the top before you do: what works then works for your teacher's grader.
"""
CHECK_README = {
    True: "Under each answer stands its `check`. It shows an input where the answer goes wrong, and a next step; `hint(f)` gives a hint.",
    False: "This hand-out has no instant check: your teacher's grader checks the answers after you have handed in. `hint(f)` gives a hint.",
}


class ReleaseError(ValueError):
    """The hand-out can't be made as it was asked for; the message is a sentence for the teacher."""


@dataclass(frozen=True)
class Released:
    """What was written, and what there is to say about it."""

    files: tuple[str, ...]
    sentences: tuple[str, ...]


def release(root, out, names=(), *, check=True):
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
    """What the earlier hand-out held and this one doesn't, whatever else its list may name."""
    for name in names:
        path = out / name
        if path.resolve().is_relative_to(out.resolve()) and path.is_file():
            path.unlink()


def _files(root, names, check):
    """The hand-out's files: path inside it -> text."""
    for name in COPIED:
        yield name, _text(root / name)
    yield "README.md", _readme(names, check)
    for path in [*sorted((root / "notebooks").glob("00_*.ipynb")), *(root / "notebooks" / f"{name}.ipynb" for name in names)]:  # fmt: skip
        yield f"notebooks/{path.name}", _notebook(path)
    for name in names:
        yield f"exercises/{name}.ipynb", _notebook(root / "exercises" / f"{name}.ipynb", _intro(name, check))
    yield from _package(root / "course_utils", names, check)


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


def _notebook(path, intro=None):
    """A notebook without what leads to the course's own repository: badges, links to solutions, the cell for Colab."""
    document = json.loads(_text(path))
    cells = [cell for cell in document["cells"] if not cell["id"].endswith("-colab")]
    for cell in cells:
        if cell["cell_type"] == "markdown":
            cell["source"] = _lines(_without_addresses("".join(cell["source"])))
    if intro:
        cells[0]["source"] = _lines(intro)
    return json.dumps(document | {"cells": cells}, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _without_addresses(text):
    text = COLAB_CELL.sub("", text)
    parts = text.split("\n\n")
    return "\n\n".join(part for part in parts if "colab.research.google.com" not in part and "mybinder.org" not in part)


def _lines(text):
    return text.splitlines(keepends=True)


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


def without_solution(source, name):
    """An exercise's file with a stub in place of its model answer, and no explanation.

    Where the check itself calls the model answer, it stays under another name: there it is the reference.

    Args:
        source: the file's text.
        name: the exercise's.
    """
    tree, lines = ast.parse(source), source.split("\n")
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)
    explanation = next(
        node for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "EXPLANATION"
    )
    uses = _uses(tree, name)
    own = lines[function.lineno - 1 : function.end_lineno]
    for use in sorted(uses, key=lambda node: (node.lineno, node.col_offset), reverse=True):
        line = lines[use.lineno - 1].encode()
        lines[use.lineno - 1] = (line[: use.col_offset] + b"_" + line[use.col_offset :]).decode()
    kept = ["", "", own[0].replace(f"def {name}(", f"def _{name}(", 1), *own[1:]] if uses else []
    changes = [(function, [*_stub(function).split("\n"), *kept]), (explanation, [f"EXPLANATION = {SENTENCES['explanation']!r}"])]  # fmt: skip
    for node, text in sorted(changes, key=lambda change: change[0].lineno, reverse=True):
        lines[node.lineno - 1 : node.end_lineno] = text
    return "\n".join(lines)


def without_reference(source, name):
    """An exercise's file with what a learner reads, and nothing that could check an answer."""
    function = next(node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == name)
    spec = exercise(name)
    fields = {f: getattr(spec, f) for f in ("title", "difficulty", "minutes", "points", "prompt", "next_step", "hints")}
    body = "".join(f"    {field}={value!r},\n" for field, value in fields.items())
    return (
        f'"""Exercise: {name}, handed out without its check."""\n\n'
        f"from course_utils.checking.spec import Exercise, case, withheld\n\n\n{_stub(function)}\n\n\n"
        f"EXERCISE = Exercise(\n{body}    explanation={SENTENCES['explanation']!r},\n    solution={name},\n"
        f"    reference=None,\n    accepts=withheld,\n    cases=(case(),),\n)\n"
    )


def _stub(function):
    return f"def {function.name}({ast.unparse(function.args)}):\n    return ..."


def _uses(tree, name):
    """Where the file calls its model answer, besides handing it over as the solution."""
    nodes = list(ast.walk(tree))
    handed_over = {id(node.value) for node in nodes if isinstance(node, ast.keyword) and node.arg == "solution"}
    return [n for n in nodes if isinstance(n, ast.Name) and n.id == name and id(n) not in handed_over]


def _told(out, names, check):
    yield SENTENCES["written"].format(exercises=len(names), s="s" if len(names) != 1 else "", out=out)
    yield SENTENCES["left_out"]
    yield SENTENCES["with_check" if check else "without_check"]
    yield SENTENCES["elsewhere"]
