"""Who handed in what: learning platforms' downloads as they come, zip files, folders that are nobody's."""

import csv
import io
import os
import struct
import zipfile

import pytest
from sample_report import rows_of
from sample_submission import RIGHT, STUB, answers, notebook

from course_utils.exercises import chapters as all_chapters
from course_utils.grading import archives
from course_utils.grading.discovery import find
from course_utils.grading.export import csv_tables
from course_utils.grading.files import Name, csv_text
from course_utils.grading.notebook_files import Unreadable, content
from course_utils.grading.submissions import ChapterHandedIn, read

CHAPTERS = ("02_sigmoid", "03_relu")
ANSWERED = notebook(*answers(RIGHT))
UNTOUCHED = notebook(*answers(STUB))


def put(folder, **files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)


def put_all(folder, files):
    put(folder, **files)
    return find(folder, CHAPTERS)


def zipped(files, **info):
    """The bytes of a zip file: name -> content."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 6))
            entry.compress_type = zipfile.ZIP_DEFLATED
            for field, value in info.items():
                setattr(entry, field, value)
            archive.writestr(entry, text)
    return packed.getvalue()


# ---- platforms

DOWNLOADS = {
    "Moodle, in folders": (
        {
            "Ada Baker_1204567_assignsubmission_file_/02_sigmoid.ipynb": ANSWERED,
            "Ada Baker_1204567_assignsubmission_onlinetext_/onlinetext.html": "<p>Sorry for the delay",
            "Group A-Nguyễn\u00a0An_77_assignsubmission_file/hw/02_sigmoid.ipynb": ANSWERED,
            "@eaDir/x": "",
            "$RECYCLE.BIN/x": "",
        },
        {"Ada Baker": ("moodle", "1204567"), "Group A-Nguyễn\u00a0An": ("moodle", "77")},
    ),
    "Moodle, in one folder": (
        {
            "Ada Baker_1_assignsubmission_file_02_sigmoid.ipynb": ANSWERED,
            "Ada Baker_2_assignsubmission_file_02_sigmoid (1).ipynb": ANSWERED,
            "Participant_3_assignsubmission_file_02_sigmoid.ipynb": ANSWERED,
        },
        {"Ada Baker (1)": ("moodle", "1"), "Ada Baker (2)": ("moodle", "2"), "Participant 3": ("moodle", "3")},
    ),
    "Canvas": (
        {
            "bakerada_LATE_12_3456_02_sigmoid-1.ipynb": ANSWERED,
            "cohenbo_13_99_homework.zip": zipped({"02_sigmoid.ipynb": ANSWERED}),
            "cohenbo_13_98_02_sigmoid.ipynb": UNTOUCHED,
            "müllerjö_14_100_02_sigmoid.ipynb": ANSWERED,
            "LATE_anon_x1Yz_101_02_sigmoid.ipynb": ANSWERED,
        },
        {
            "bakerada": ("canvas", "12"),
            "cohenbo": ("canvas", "13"),
            "müllerjö": ("canvas", "14"),
            "anon_x1Yz": ("canvas", ""),
        },
    ),
    "Blackboard": (
        {
            "Homework 1_abaker_attempt_2026-02-14-10-11-12_02_sigmoid.ipynb": ANSWERED,
            "Homework 1_abaker_attempt_2026-02-14-10-11-12.txt": "Name: Ada Baker (abaker)\nAssignment: Homework 1\n",
            "Homework 1_b_cohen_attempt_2026-02-15-00-00-00_mine.ipynb": ANSWERED,
            "Homework 1_b_cohen_attempt_2026-02-15-00-00-00.txt": "Name: Bo Cohen (b_cohen)\r\n",
        },
        {"abaker": ("blackboard", "abaker"), "b_cohen": ("blackboard", "b_cohen")},
    ),
    "Brightspace": (
        {
            "11-22 - Ada Baker - Feb 14, 2026 1011 AM/02_sigmoid.ipynb": ANSWERED,
            "12-22 - Anna-Lena O'Neil - Feb 14, 2026 911 PM/02_sigmoid.ipynb": ANSWERED,
            "13-22 - Bo Cohen - Feb 14, 2026 911 PM - 02_sigmoid.ipynb": ANSWERED,
            "index.html": "<html>",
        },
        {
            "Ada Baker": ("brightspace", "11-22"),
            "Anna-Lena O'Neil": ("brightspace", "12-22"),
            "Bo Cohen": ("brightspace", "13-22"),
        },
    ),
    "Gradescope": (
        {
            "assignment_7_export/submission_1/02_sigmoid.ipynb": ANSWERED,
            "assignment_7_export/submission_2/02_sigmoid.ipynb": ANSWERED,
            "assignment_7_export/submission_metadata.yml": "submission_1:\n  :submitters:\n  - :name: Ada Baker\n    :sid: '007'\n"
            "    :email: a@b.c\n  - :name: Bo Cohen\n    :sid: ''\n    :email: b@b.c\n  :created_at: 2026-02-14 10:11:12.5 Z\n",
        },
        {
            "Ada Baker": ("gradescope", "007"),
            "Bo Cohen": ("gradescope", "b@b.c"),
            "submission_2": ("gradescope", ""),
        },
    ),
    "GitHub Classroom": (
        {
            "hw1-ada/.git/config": "",
            "hw1-ada/exercises/02_sigmoid.ipynb": ANSWERED,
            "hw1-bo-c/.git/config": "",
            "hw1-bo-c/exercises/02_sigmoid.ipynb": ANSWERED,
        },
        {"hw1-ada": ("github", "ada"), "hw1-bo-c": ("github", "bo-c")},
    ),
}


@pytest.mark.parametrize("packed", [False, True], ids=["unpacked", "as the zip file"])
@pytest.mark.parametrize("platform", DOWNLOADS)
def test_platforms_downloads_are_read_as_they_come(tmp_path, platform, packed):
    files, people = DOWNLOADS[platform]
    if packed and platform == "GitHub Classroom":
        pytest.skip("cloned, never packed")
    if packed:
        (tmp_path / "submissions.zip").write_bytes(zipped(files))
    found = find(tmp_path / "submissions.zip", CHAPTERS) if packed else put_all(tmp_path, files)
    assert {student: (owner.platform, owner.id) for student, owner in found.owners.items()} == people
    assert set(found.students) == set(people)
    root = tmp_path / "submissions.zip" if packed else tmp_path
    for student in people:
        cells = read(found.notebooks[student, "02_sigmoid"], root)
        assert any("1 / (1 + np.exp(-x))" in cell.source for cell in cells), student
    assert not [sentence for sentence in found.warnings if "no student's folder" in sentence]


def test_a_zip_file_of_a_class_may_lie_in_a_folder_of_its_own(tmp_path):
    files, people = DOWNLOADS["Moodle, in folders"]
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "Course-Homework-12.zip").write_bytes(zipped(files))
    found = find(tmp_path / "in", CHAPTERS)
    assert set(found.students) == set(people)
    assert any("Course-Homework-12.zip" in sentence for sentence in found.warnings)
    for path in found.notebooks.values():
        assert read(path, tmp_path / "in")


def test_of_a_platforms_attempts_the_last_counts(tmp_path):
    def attempt(day):
        return f"HW_abaker_attempt_2026-02-{day}-10-00-00_02_sigmoid.ipynb"

    (tmp_path / "bb").mkdir()
    for day in ("15", "14"):
        (tmp_path / "bb" / attempt(day)).write_text(ANSWERED)
    found = find(tmp_path / "bb", CHAPTERS)
    assert found.notebooks["abaker", "02_sigmoid"].name == attempt("15")
    assert any("02_sigmoid was handed in more than once" in sentence for sentence in found.warnings)


def test_what_goes_back_has_the_platforms_own_identity(tmp_path):

    def lines(text):
        return list(csv.reader(io.StringIO(text)))

    moodle = put_all(tmp_path / "m", DOWNLOADS["Moodle, in folders"][0])
    rows = [row for student in moodle.students for row in rows_of(student, "passed failed failed failed failed")]
    assert lines(csv_tables.moodle_worksheet_csv(rows, moodle.owners))[:2] == [
        ["Identifier", "Full name", "Grade", "Maximum Grade", "Last modified (grade)"],
        ["Participant 1204567", "Ada Baker", "1", "6", "-"],
    ]
    assert lines(csv_tables.moodle_csv(rows, ["02_sigmoid"]))[2][0] == "Group A-Nguyễn\u00a0An"
    canvas = put_all(tmp_path / "c", DOWNLOADS["Canvas"][0])
    rows = [row for student in canvas.students for row in rows_of(student, "passed failed failed failed failed")]
    _head, _possible, *students = lines(csv_tables.canvas_csv(rows, ["02_sigmoid"], canvas.owners))
    assert ["bakerada", "12", "", "", "", "1"] in students
    assert ["bakerada", "canvas", "bakerada", "12", "late"] in lines(csv_tables.students_csv(rows, canvas.owners))


NAMES = ["@ada", "+ada", "-ada", "Nguyễn\u00a0An", "علی\u200cرضا", "\u200fרות", "o'neil, ann", "ada@x.org", "7e3"]
FORMULAS = [
    "=cmd()",
    "@SUM(1+1)",
    "+cmd|' /C calc'!A0",
    "a;=cmd()",
    "a\t=cmd()",
    "＝cmd()",
    "a;＝1+1",
    "-2+3+cmd|''!A0",
    '="x"',
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_stays_as_it_came(name):
    assert next(csv.reader([csv_text([Name(name)], []).rstrip("\n")]))[0] == name


@pytest.mark.parametrize("kind", [Name, str])
@pytest.mark.parametrize("cell", FORMULAS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_no_spreadsheet_runs_a_cell_however_it_parts_them(cell, kind, delimiter):
    text = csv_text(["x"], [[kind(cell)]])
    cells = [part for line in csv.reader(io.StringIO(text), delimiter=delimiter) for part in line]
    assert not [part for part in cells if part.lstrip("\"' ") != part.lstrip('" ') != "" and part[:1] in "=+-@"]
    assert not [part for part in cells if part[:1] in ("=", "+", "-", "@", "＝")]


# ---- folders


def test_what_computers_put_there_is_nobody(tmp_path):
    nobody = [
        "@eaDir",
        "__MACOSX",
        "lost+found",
        "$RECYCLE.BIN",
        "System Volume Information",
        "__pycache__",
        ".ipynb_checkpoints",
        ".git",
    ]
    files = {f"{name}/02_sigmoid.ipynb": ANSWERED for name in nobody} | {
        "Thumbs.db": "",
        ".DS_Store": "",
        "desktop.ini": "",
    }
    files |= {f"ann/{name}/02_sigmoid.ipynb": UNTOUCHED for name in nobody}
    found = put_all(tmp_path, files | {"ann/02_sigmoid.ipynb": ANSWERED, "ann/02_sigmoid-checkpoint.ipynb": UNTOUCHED})
    assert found.students == ("ann",)
    assert found.notebooks == {("ann", "02_sigmoid"): tmp_path / "ann" / "02_sigmoid.ipynb"}
    assert found.warnings == ()


def test_something_hidden_that_holds_notebooks_is_named(tmp_path):
    found = put_all(tmp_path, {".dot/02_sigmoid.ipynb": ANSWERED, "ann/02_sigmoid.ipynb": ANSWERED})
    assert [sentence for sentence in found.warnings if ".dot" in sentence]


def test_a_folder_too_many_is_said_or_left(tmp_path):
    """A platform's folders are found inside it; other folders may be one student's own."""
    moodle = {f"Homework 1/{name}": text for name, text in DOWNLOADS["Moodle, in folders"][0].items()}
    found = put_all(tmp_path / "a", moodle)
    assert "Ada Baker" in found.students
    assert "The students were looked for in Homework 1, inside of a." in found.warnings
    found = put_all(tmp_path / "b", {"hw/ann/02_sigmoid.ipynb": ANSWERED, "hw/bob/02_sigmoid.ipynb": ANSWERED})
    assert found.students == ("hw",)
    assert any("(ann, bob)" in sentence and "grade b/hw" in sentence for sentence in found.warnings)
    found = put_all(
        tmp_path / "c", {"source/02_sigmoid.ipynb": UNTOUCHED, "submitted/ann/hw/02_sigmoid.ipynb": ANSWERED}
    )
    assert found.students == ("ann",)
    found = put_all(tmp_path / "d", {"ann/hw1/02_sigmoid.ipynb": ANSWERED, "ann/hw2/03_relu.ipynb": "{}"})
    assert (found.students, found.warnings) == (("ann",), ())


def test_a_stray_chapter_is_said_and_left_out_where_others_are_asked_for(tmp_path):
    files = {f"s{n}/02_sigmoid.ipynb": ANSWERED for n in range(9)} | {
        "s3/03_relu.ipynb": notebook("def relu(x):\n    return x")
    }
    found = put_all(tmp_path, files)
    assert found.chapters == CHAPTERS
    assert found.warnings == (
        "03_relu was handed in by 1 of 9 students. If it was not asked for, grade with --chapters 02_sigmoid.",
    )
    found = find(tmp_path, CHAPTERS, ("02_sigmoid",))
    assert found.chapters == ("02_sigmoid",)
    assert {chapter for _, chapter in found.notebooks} == {"02_sigmoid"}
    assert found.warnings == ("Handed in, but not graded, since --chapters does not name it: 03_relu.",)
    assert find(tmp_path, CHAPTERS, CHAPTERS).warnings == ()


def test_content_says_which_chapter_before_the_name_does(tmp_path, root):
    exercises = (root / "exercises" / "03_relu.ipynb").read_text()
    both = notebook(
        *answers(RIGHT),
        "def relu(x):\n    return x",
        *[f"def {n}(x):\n    return x" for n in all_chapters()["03_relu"][1:]],
    )
    found = put_all(
        tmp_path,
        {
            "ann/02_sigmoid.ipynb": exercises.replace("return ...", "return x"),
            "bob/homework.ipynb": both,
            "cy/02-Sigmoid.ipynb": UNTOUCHED,
        },
    )
    assert found.notebooks == {
        ("ann", "03_relu"): tmp_path / "ann" / "02_sigmoid.ipynb",
        ("bob", "02_sigmoid"): tmp_path / "bob" / "homework.ipynb",
        ("bob", "03_relu"): tmp_path / "bob" / "homework.ipynb",
        ("cy", "02_sigmoid"): tmp_path / "cy" / "02-Sigmoid.ipynb",
    }


@pytest.mark.parametrize("marks", ["whole", "without metadata", "without ids", "flat, renamed"])
def test_the_courses_solutions_are_never_answers(tmp_path, root, marks):
    text = (root / "solutions" / "02_sigmoid.ipynb").read_text()
    if marks == "without metadata":
        text = text.replace('"made_from"', '"mf"')
    if marks == "without ids":
        text = text.replace('"id": "', '"name": "').replace('"made_from"', '"mf"')
    name = "02_sigmoid (1).ipynb" if marks == "flat, renamed" else "02_sigmoid.ipynb"
    found = put_all(
        tmp_path, {f"ann/{name}": text, "bob/exercises/02_sigmoid.ipynb": UNTOUCHED, "bob/x/02_sigmoid.ipynb": text}
    )
    assert found.notebooks == {("bob", "02_sigmoid"): tmp_path / "bob" / "exercises" / "02_sigmoid.ipynb"}
    assert found.unread["ann"] == f"{name} (the course's own solutions)"


@pytest.mark.parametrize("form", ["whole", "without metadata", "of an earlier edition"])
def test_the_chapter_in_place_of_its_exercises_is_known_for_it(tmp_path, root, form):
    text = (root / "workbooks" / "02_sigmoid.ipynb").read_text()
    if form == "without metadata":
        text = text.replace('"made_from"', '"mf"')
    if form == "of an earlier edition":
        text = notebook("import tensorflow as tf\n\nfrom course_utils import setup\n\nsetup()", "sigmoid = tf.sigmoid")
    path = tmp_path / "ann" / "02_sigmoid.ipynb"
    put(tmp_path, **{"ann/02_sigmoid.ipynb": text})
    with pytest.raises(ChapterHandedIn):
        read(path, tmp_path)


def test_a_students_own_folder_may_be_called_solutions(tmp_path, root):
    exercises = (root / "exercises" / "02_sigmoid.ipynb").read_text().replace("return ...", "return 1")
    found = put_all(tmp_path, {"ann/solutions/02_sigmoid.ipynb": exercises})
    assert set(found.notebooks) == {("ann", "02_sigmoid")}


# ---- zip files


def test_a_zip_file_is_read_where_it_lies(tmp_path):
    inner = zipped({"02_sigmoid.ipynb": ANSWERED, "__MACOSX/._02_sigmoid.ipynb": "x", "notes.pdf": "%PDF"})
    found = put_all(tmp_path, {"ann/hw.ZIP": inner, "bob/outer.zip": zipped({"a/inner.zip": inner})})
    assert {student: path.relative_to(tmp_path).as_posix() for (student, _), path in found.notebooks.items()} == {
        "ann": "ann/hw.ZIP/02_sigmoid.ipynb",
        "bob": "bob/outer.zip/a/inner.zip/02_sigmoid.ipynb",
    }
    assert all(read(path, tmp_path) for path in found.notebooks.values())
    assert found.unread["ann"] == "hw.ZIP/notes.pdf (a page to read, no notebook)"
    assert sorted(os.listdir(tmp_path)) == ["ann", "bob"]


def test_no_name_in_a_zip_file_leads_out_of_it(tmp_path):
    put(tmp_path, **{"bob/02_sigmoid.ipynb": UNTOUCHED})
    names = [
        "../bob/02_sigmoid.ipynb",
        "/etc/02_sigmoid.ipynb",
        "C:\\Users\\x\\02_sigmoid.ipynb",
        "..\\..\\x.ipynb",
        "a/../../02_sigmoid.ipynb",
    ]
    found = put_all(tmp_path, {f"s{n}/hw.zip": zipped({name: ANSWERED}) for n, name in enumerate(names)})
    for n in range(len(names)):
        path = found.notebooks[f"s{n}", "02_sigmoid"]
        assert ".." not in path.parts
        assert path.is_relative_to(tmp_path / f"s{n}" / "hw.zip")
    assert found.notebooks["bob", "02_sigmoid"] == tmp_path / "bob" / "02_sigmoid.ipynb"


def with_password():
    packed = bytearray(zipped({"02_sigmoid.ipynb": ANSWERED}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.index(mark) + place] |= 1
    return bytes(packed)


def of_unknown_method():
    packed = bytearray(zipped({"02_sigmoid.ipynb": ANSWERED}))
    for mark, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        struct.pack_into("<H", packed, packed.index(mark) + place, 99)
    return bytes(packed)


def damaged_inside():
    packed = bytearray(zipped({"02_sigmoid.ipynb": ANSWERED}))
    packed[60:90] = bytes(30)
    return bytes(packed)


ZIPS = {
    "a bomb": (lambda: zipped({"02_sigmoid.ipynb": b" " * 60_000_000}), "it unpacks to far more than it is"),
    "a password": (with_password, "it needs a password"),
    "another method": (of_unknown_method, "it is packed in a way that can't be read here"),
    "damaged": (damaged_inside, "it is no zip file, or a damaged one"),
    "no zip": (lambda: b"Rar!\x1a\x07", "it is no zip file, or a damaged one"),
    "empty": (lambda: b"", "it is no zip file, or a damaged one"),
    "a huge table": (
        lambda: zipped({f"{n}": b"" for n in range(archives.MOST_FILES + 1)}),
        "it holds more than 100,000 files",
    ),
    "a link": (lambda: zipped({"02_sigmoid.ipynb": "/etc/passwd"}, external_attr=0o120777 << 16), ""),
    "nothing": (lambda: zipped({}), ""),
}


@pytest.mark.parametrize("kind", ZIPS)
def test_a_zip_file_that_can_not_be_read_harms_nobody_and_is_named(tmp_path, kind):
    make, reason = ZIPS[kind]
    found = put_all(tmp_path, {"ann/hw.zip": make(), "bob/02_sigmoid.ipynb": ANSWERED})
    assert ("bob", "02_sigmoid") in found.notebooks
    path = found.notebooks.get(("ann", "02_sigmoid"))
    if path:  # named like the chapter's, so that the row says why
        with pytest.raises(Unreadable, match=reason):
            read(path, tmp_path)
    else:
        assert "hw.zip" in found.unread["ann"]
        assert reason in found.unread["ann"]


def test_archives_inside_archives_end_somewhere(tmp_path):
    packed = zipped({"02_sigmoid.ipynb": ANSWERED})
    for n in range(6):
        packed = zipped({f"{n}.zip": packed})
    found = put_all(tmp_path, {"ann/hw.zip": packed})
    assert found.notebooks == {}
    assert ".zip" in found.unread["ann"]


def test_a_zip_file_that_links_elsewhere_is_not_followed(tmp_path):
    put(tmp_path, **{"secret/hw.zip": zipped({"02_sigmoid.ipynb": ANSWERED}), "in/bob/02_sigmoid.ipynb": ANSWERED})
    (tmp_path / "in" / "ann").mkdir()
    (tmp_path / "in" / "ann" / "hw.zip").symlink_to(tmp_path / "secret" / "hw.zip")
    found = find(tmp_path / "in", CHAPTERS)
    path = found.notebooks.get(("ann", "02_sigmoid"))
    if path:
        with pytest.raises(Unreadable, match="outside of the student's folder"):
            content(path, tmp_path / "in")


def test_two_files_of_one_name_in_a_zip_file_are_two(tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("02_sigmoid.ipynb", UNTOUCHED)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("02_sigmoid.ipynb", ANSWERED)
    path = tmp_path / "a.zip"
    path.write_bytes(packed.getvalue())
    assert archives.below(path) == ["(2)/02_sigmoid.ipynb", "02_sigmoid.ipynb"]
    assert archives.read(path, "(2)/02_sigmoid.ipynb", 10**6).decode() == ANSWERED
