"""Layouts and files of real classes: nobody is lost, two people are never one, and what was not read is named with its reason."""

import os
import unicodedata

import pytest
from sample_submission import RIGHT, STUB, answers, notebook
from test_discovery import ANSWERED, UNTOUCHED, put, zipped

from course_utils.grading.discovery import find

CHAPTERS = ("02_sigmoid", "03_relu")
WRONG, BETTER = (
    notebook("def sigmoid(x):\n    return x"),
    notebook("def sigmoid(x):\n    return 1 / (1 + 2.718281828459045 ** -x)"),
)
MOODLE = {f"{name}_{number}_assignsubmission_file_/02_sigmoid.ipynb": ANSWERED for number, name in enumerate(("Ada Baker", "Bo Cohen"))}  # fmt: skip
NFD = unicodedata.normalize("NFD", "müllerjö")

# Files -> each student's notebook of chapter 2, by its path, or None.
LAYOUTS = {
    "a class's zip with thousands of files": (
        {"class.zip": zipped({"Ada_1_assignsubmission_file_/02_sigmoid.ipynb": ANSWERED, "Zed_2_assignsubmission_file_/02_sigmoid.ipynb": ANSWERED}
                             | {f"Bo_3_assignsubmission_file_/plots/{n}.png": "x" for n in range(2_100)})},
        {"Ada": "class.zip/Ada_1_assignsubmission_file_/02_sigmoid.ipynb", "Bo": None, "Zed": "class.zip/Zed_2_assignsubmission_file_/02_sigmoid.ipynb"},
    ),
    "a student's zip with thousands of files": (
        {"ada/hw.zip": zipped({f"data/{n}.png": "x" for n in range(2_500)} | {"hw/02_sigmoid.ipynb": ANSWERED}), "ada/02_sigmoid.ipynb": UNTOUCHED},
        {"ada": "ada/hw.zip/hw/02_sigmoid.ipynb"},
    ),
    "Blackboard's logins with an underscore, without notes": (
        {f"HW 1_{login}_attempt_2026-02-14-10-11-12_02_sigmoid.ipynb": ANSWERED for login in ("a_cohen", "b_cohen", "zed")},
        {login: f"HW 1_{login}_attempt_2026-02-14-10-11-12_02_sigmoid.ipynb" for login in ("a_cohen", "b_cohen", "zed")},
    ),
    "a name that looks like another one's with its number": (
        {"Ada_1_assignsubmission_file_/02_sigmoid.ipynb": ANSWERED, "Ada_2_assignsubmission_file_/02_sigmoid.ipynb": ANSWERED,
         "Ada (1)_3_assignsubmission_file_/02_sigmoid.ipynb": ANSWERED},
        {"Ada (1)": "Ada (1)_3_assignsubmission_file_/02_sigmoid.ipynb", "Ada (1) (2)": "Ada_1_assignsubmission_file_/02_sigmoid.ipynb",
         "Ada (2)": "Ada_2_assignsubmission_file_/02_sigmoid.ipynb"},
    ),
    "Canvas, names with combining marks and texts without a name": (
        {"नीलम_13_3457_02_sigmoid.ipynb": ANSWERED, f"{NFD}_14_3458_02_sigmoid.ipynb": ANSWERED, "anon_x1Yz_text.html": "a", "LATE_anon_a2Bc_link.html": "b"},
        {"नीलम": "नीलम_13_3457_02_sigmoid.ipynb", NFD: f"{NFD}_14_3458_02_sigmoid.ipynb", "anon_x1Yz": None, "anon_a2Bc": None},
    ),
    "a download beside the folder it was unpacked to": (
        {f"HW1-12/{name}": text for name, text in MOODLE.items()} | {"HW1-12.zip": zipped(MOODLE)},
        {"Ada Baker": f"HW1-12/{next(iter(MOODLE))}", "Bo Cohen": f"HW1-12/{[*MOODLE][1]}"},
    ),
    "two downloads side by side": (
        {f"{group}/{name}": ANSWERED for group, name in zip(("Group A", "Group B"), MOODLE, strict=True)},
        {"Ada Baker": f"Group A/{next(iter(MOODLE))}", "Bo Cohen": f"Group B/{[*MOODLE][1]}"},
    ),
    "Brightspace with dates of numbers": (
        {"11-22 - Ada-Li - 2026-02-14 1011/02_sigmoid.ipynb": ANSWERED, "11-23 - Ada-Li - 2026-02-15 1011/02_sigmoid.ipynb": ANSWERED},
        {"Ada-Li": "11-23 - Ada-Li - 2026-02-15 1011/02_sigmoid.ipynb"},
    ),
    "Gradescope's list with a tag of Ruby's": (
        {"submission_1/02_sigmoid.ipynb": ANSWERED, "submission_metadata.yml":
         "submission_1:\n  :submitters:\n  - :name: Ada Baker\n    :sid: 0012\n  :results: !ruby/hash:Access\n    tests: []\n"},
        {"Ada Baker": "submission_1/02_sigmoid.ipynb"},
    ),
    "a virtual environment made in the project's folder": (
        {"ada/02_sigmoid.ipynb": ANSWERED, "ada/pyvenv.cfg": "", "ada/lib/python3/02_sigmoid.ipynb": UNTOUCHED},
        {"ada": "ada/02_sigmoid.ipynb"},
    ),
    "hundreds of scripts": (
        {f"ada/a_lib/m{n}.py": "x = 1" for n in range(250)} | {"ada/z/02_sigmoid.ipynb": ANSWERED}, {"ada": "ada/z/02_sigmoid.ipynb"},
    ),
    "an answer in the docs of a copy of the course": (
        {"ada/course_utils/__init__.py": "", "ada/docs/02_sigmoid.ipynb": ANSWERED, "ada/docs/hub.md": ""}, {"ada": "ada/docs/02_sigmoid.ipynb"},
    ),
    "names that say little": (
        {f"{name}/homework.ipynb": notebook(cell) for name, cell in {
            "annotated": "sigmoid: object = lambda x: x", "indented": "if True:\n    def sigmoid(x):\n        return x",
            "together": "sigmoid, logit = abs, abs", "async": "async def sigmoid(x):\n    return x"}.items()},
        {name: f"{name}/homework.ipynb" for name in ("annotated", "indented", "together", "async")},
    ),
    "notebooks that a download has renamed": (
        {f"{n}/02_sigmoid{suffix}": ANSWERED for n, suffix in enumerate((".json", ".txt", "", ".ipynb.crdownload"))},
        {f"{n}": f"{n}/02_sigmoid{suffix}" for n, suffix in enumerate((".json", ".txt", "", ".ipynb.crdownload"))},
    ),
    "two exercises of a chapter in another one's notebook": (
        {"ada/03_relu.ipynb": notebook(*answers(RIGHT), "def he_std(n): return n\ndef dead_share(a): return 0\ndef relu(x): return x")},
        {"ada": "ada/03_relu.ipynb"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", LAYOUTS)
def test_each_student_keeps_what_they_handed_in(tmp_path, kind):
    files, expected = LAYOUTS[kind]
    put(tmp_path, **files)
    found = find(tmp_path, CHAPTERS)
    paths = {student: found.notebooks.get((student, "02_sigmoid")) for student in found.students}
    assert {s: p and p.relative_to(tmp_path).as_posix() for s, p in paths.items()} == expected


COPIES = {
    "v1 and v2": ("02_sigmoid_v1", "02_sigmoid_v2"),
    "final": ("02_sigmoid", "02_sigmoid_final"),
    "a copy in English": ("02_sigmoid", "Copy of 02_sigmoid"),
    "a copy in German": ("02_sigmoid", "02_sigmoid - Kopie"),
    "days": ("02_sigmoid-2026-02-14", "02_sigmoid-2026-03-01"),
    "ILIAS": ("20260214101112_02_sigmoid", "20260215101112_02_sigmoid"),
    "the tenth": ("02_sigmoid (9)", "02_sigmoid (10)"),
}


@pytest.mark.parametrize("kind", COPIES)
def test_of_files_of_one_time_the_name_says_which_is_newer(tmp_path, kind):
    older, newer = COPIES[kind]
    put(tmp_path, **{f"ada/{older}.ipynb": WRONG, f"ada/{newer}.ipynb": BETTER})
    for path in (tmp_path / "ada").iterdir():
        os.utime(path, (1.7e9, 1.7e9))
    assert find(tmp_path, CHAPTERS).notebooks["ada", "02_sigmoid"].stem == newer


NOT_READ = {
    "a checkpoint": ({"ada/02_sigmoid-checkpoint.ipynb": ANSWERED}, "a copy that an editor or Jupyter kept"),
    "checkpoints": (
        {"ada/.ipynb_checkpoints/02_sigmoid-checkpoint.ipynb": ANSWERED},
        "a copy that an editor or Jupyter kept",
    ),
    "a backup": ({"ada/02_sigmoid.ipynb~": ANSWERED}, "a copy that an editor or Jupyter kept"),
    "in a hidden folder": ({"ada/.work/02_sigmoid.ipynb": ANSWERED}, "a copy that an editor or Jupyter kept"),
    "in a zip": (
        {"ada/hw.zip": zipped({".ipynb_checkpoints/02_sigmoid-checkpoint.ipynb": ANSWERED})},
        "a copy that an editor or Jupyter kept",
    ),
    "an empty zip": ({"ada/hw.zip": zipped({})}, "an archive with no file in it"),
    "too deep": ({"ada/a/b/c/d/e/f/g/h/i/02_sigmoid.ipynb": ANSWERED}, "a folder too deep inside of others"),
    "too many folders": (
        {f"ada/a/{n:04d}/x.txt": "" for n in range(1_010)} | {"ada/z/hw/02_sigmoid.ipynb": ANSWERED},
        "the first of too many folders",
    ),
    "Quarto": ({"ada/homework.qmd": "1"}, "neither a notebook nor a Python script"),
}


@pytest.mark.parametrize("kind", NOT_READ)
def test_what_was_not_read_has_a_reason_and_a_name(tmp_path, kind):
    files, reason = NOT_READ[kind]
    put(tmp_path, **files | {"bo/02_sigmoid.ipynb": ANSWERED})
    found = find(tmp_path, CHAPTERS)
    assert ("ada", "02_sigmoid") not in found.notebooks
    assert reason in found.unread["ada"]
    assert any(reason in warning for warning in found.warnings)


def test_a_copy_beside_the_notebook_is_nobody_s_business(tmp_path):
    put(tmp_path, **{"ada/02_sigmoid.ipynb": ANSWERED, "ada/.ipynb_checkpoints/02_sigmoid-checkpoint.ipynb": UNTOUCHED, "ada/timestamp.txt": "x"})  # fmt: skip
    found = find(tmp_path, CHAPTERS)
    assert (found.warnings, found.unread) == ((), {})


@pytest.mark.parametrize("outer", [("a", "b"), ("a",)])
def test_sections_in_place_of_students_are_asked_about(tmp_path, outer):
    put(tmp_path, **{f"{section}/{name}/02_sigmoid.ipynb": ANSWERED for section in outer for name in ("ada", "bo")}, roster="x")  # fmt: skip
    said = find(tmp_path, CHAPTERS).warnings
    assert [f"grade {tmp_path.name}/{section}." in " ".join(said) for section in outer] == [True] * len(outer)


def test_a_zip_that_can_not_be_read_says_so(tmp_path):
    path = tmp_path / "class.zip"
    path.write_bytes(b"Rar!")
    assert "class.zip can't be read: it is no zip file, or a damaged one." in find(path, CHAPTERS).warnings


def test_a_stub_alone_is_still_a_stub(tmp_path):
    put(tmp_path, **{"ada/02_sigmoid.ipynb": notebook(*answers(STUB))})
    assert find(tmp_path, CHAPTERS).notebooks["ada", "02_sigmoid"].name == "02_sigmoid.ipynb"
