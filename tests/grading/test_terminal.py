"""What is said on the terminal never ends a run, and what a killed run has left goes away."""

import io
import os
import subprocess
import sys
import tempfile

from sample_submission import CHAPTER, RIGHT, answers, hand_in, table

from course_utils.grading import grade as grade_module
from course_utils.grading import leftovers
from course_utils.grading.files import UNFINISHED
from course_utils.grading.grade import grade
from course_utils.grading.sandbox.process import FOLDERS
from course_utils.grading.terminal import say


def test_letters_that_a_file_does_not_have_are_written_as_python_would():
    file = io.BytesIO()
    stream = io.TextIOWrapper(file, encoding="cp1252", newline="\n")
    say("Łukasz, Jörg", stream)
    assert file.getvalue() == b"\\u0141ukasz, J\xf6rg\n"


def test_a_pipe_that_nobody_reads_is_no_fault():
    class Closed(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    say("x", Closed())


def test_a_run_in_the_plainest_setting_writes_the_same(tmp_path):
    hand_in(tmp_path / "in" / "Łukasz" / f"{CHAPTER}.ipynb", *answers(RIGHT))
    command = [sys.executable, "-m", "course_utils", "grade", str(tmp_path / "in"), "--out", str(tmp_path / "out")]
    plain = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"}
    for more in ({}, plain, {"PYTHONIOENCODING": "cp1252"}):
        subprocess.run(command, env=os.environ | more, check=True, capture_output=True)
        assert {row["student"] for row in table(tmp_path / "out")} == {"Łukasz"}
        assert len(os.listdir(tmp_path / "out" / "feedback")) == 1


def test_stopping_a_run_takes_one_sentence(tmp_path, monkeypatch, capsys):
    def stopped(*arguments):
        raise KeyboardInterrupt

    hand_in(tmp_path / "in" / "ann" / f"{CHAPTER}.ipynb", *answers(RIGHT))
    monkeypatch.setattr(grade_module, "grade_all", stopped)
    assert grade(tmp_path / "in", tmp_path / "out", isolation="process") == 1
    said = capsys.readouterr().err
    assert (
        said == f"Stopped. What is graded so far is kept in {tmp_path / 'out'}; give the same command again to go on.\n"
    )


def test_what_a_killed_run_has_left_goes_away(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    names = [f"{FOLDERS}{ended.pid}-abc", f"{FOLDERS}{os.getpid()}-abc", f"{FOLDERS}of-mine", "out"]
    for name in names:
        (tmp_path / name).mkdir()
    (tmp_path / "out" / "feedback").mkdir()
    (tmp_path / "out" / "feedback" / f"{UNFINISHED}x").touch()
    leftovers.take_away(tmp_path / "out")
    assert sorted(os.listdir(tmp_path)) == sorted(names[1:])
    assert os.listdir(tmp_path / "out" / "feedback") == []
