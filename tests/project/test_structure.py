"""Who may import whom: what each folder's docstring says, what its code does, and CONTRIBUTING.md's table agree."""

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

COURSE = Path(__file__).parents[2] / "course_utils"
FOLDERS = sorted(path.parent.name for path in COURSE.glob("*/__init__.py"))
MODULES = ("__init__", "__main__", "cli", "references")
ROW = "| `{folder}/` | {what} | {imports} |"


def said(folder):
    """What a folder is for, and the names that it says it imports."""
    what, imports, *_ = ast.get_docstring(ast.parse((COURSE / folder / "__init__.py").read_text("utf-8"))).split("\n\n")
    assert re.fullmatch(r"Imports [a-z, ]+\.", imports.replace("nothing of the course", "nothing")), (
        f"{folder}: {imports}"
    )
    named = imports.removeprefix("Imports ").removesuffix(".")
    return what.replace("\n", " "), set() if named == "nothing of the course" else set(named.split(", "))


def imported(path):
    """The folders and modules of the course that a file imports, wherever in the file it does."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name.split(".")[1] for name in names if name.startswith("course_utils."))


def imports_of(folder):
    found = {name for path in (COURSE / folder).rglob("*.py") for name in imported(path)}
    return found & {*FOLDERS, "references"} - {folder}


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_imports_what_it_says(folder):
    assert imports_of(folder) == said(folder)[1]


def test_nothing_imports_upward():
    list(TopologicalSorter({folder: imports_of(folder) for folder in FOLDERS}).static_order())  # raises CycleError


def test_the_table_in_contributing_is_made_of_these_sentences():
    text = (COURSE.parent / "CONTRIBUTING.md").read_text("utf-8")
    for folder in FOLDERS:
        what, imports = said(folder)
        assert ROW.format(folder=folder, what=what, imports=", ".join(sorted(imports)) or "nothing") in text


def test_the_root_holds_four_modules():
    assert tuple(sorted(path.stem for path in COURSE.glob("*.py"))) == MODULES


def test_every_folder_has_its_tests():
    missing = [folder for folder in FOLDERS if not list((COURSE.parent / "tests" / folder).rglob("test_*.py"))]
    assert missing == []


def test_every_sub_folder_says_what_it_is_for():
    silent = [path for path in COURSE.rglob("__init__.py") if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert silent == []


def test_no_name_stands_for_two_things():
    """A class's name and a file's name are enough to find it."""
    files = [path for path in COURSE.rglob("*.py") if path.stem not in ("__init__", "__main__")]
    trees = [ast.parse(path.read_text("utf-8")) for path in files]
    classes = [node.name for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)]
    for names in (classes, [path.stem for path in files]):
        assert sorted(names) == sorted(set(names))


def test_a_public_function_says_what_it_takes():
    """What it returns is ruff's to ask for (ANN201), which can't tell public parameters from private ones."""
    files = [p for p in COURSE.rglob("*.py") if not re.search(r"exercises/ch\d", p.as_posix())]
    silent = []
    for path in files:
        tree = ast.parse(path.read_text("utf-8"))
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
        for function in [
            node for holder in (tree, *classes) for node in holder.body if isinstance(node, ast.FunctionDef)
        ]:
            a = function.args
            named = [*a.posonlyargs, *a.args, *a.kwonlyargs, *filter(None, (a.vararg, a.kwarg))]
            if not function.name.startswith("_"):
                silent += [
                    f"{path.name}: {function.name}: {arg.arg}"
                    for arg in named
                    if not arg.annotation and arg.arg != "self"
                ]
    assert silent == []
