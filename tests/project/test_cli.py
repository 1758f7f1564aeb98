"""The command `course`: its sentences and exit codes."""

import os
import sys

import pytest

from course_utils import cli


def test_build_check_is_clean_here(root, monkeypatch, capsys):
    monkeypatch.chdir(root / "notebooks")
    assert cli.main(["build", "--check"]) == 0
    assert capsys.readouterr().out == "Every made file agrees with its source.\n"


def test_build_check_finds_something(root, monkeypatch, capsys):
    monkeypatch.chdir(root)
    monkeypatch.setattr("course_utils.building.build.check", lambda root: ["a.ipynb: is missing"])
    assert cli.main(["build", "--check"]) == 1
    assert capsys.readouterr().out == "a.ipynb: is missing\n"


def test_build_of_an_unknown_chapter(root, monkeypatch, capsys):
    monkeypatch.chdir(root)
    assert cli.main(["build", "02_sigmod"]) == 2
    assert "There is no chapter '02_sigmod'" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [[], ["bild"], ["grade"], ["grade", "x"], ["grade", "x", "--out", "y", "--jobs", "0"],
     ["grade", "x", "--out", "y", "--timeout", "-1"], ["grade", "x", "--out", "y", "--isolation", "none"]],
)  # fmt: skip
def test_wrong_usage(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(arguments)
    assert stop.value.code == 2
    assert "usage: course" in capsys.readouterr().err


def test_progress(tmp_path, capsys):
    assert cli.main(["progress"]) == 0
    assert "02_sigmoid: 0 of 6 exercises, 0 of 8 points" in capsys.readouterr().out
    assert cli.main(["progress", "--export", str(tmp_path / "mine.json")]) == 0
    assert (tmp_path / "mine.json").read_text() == "[]\n"
    assert cli.main(["progress", "--export", str(tmp_path / "nowhere" / "mine.json")]) == 1
    assert "can't be written: No such file or directory" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["lab", "build", "grade", "progress", "publish-as", "doctor"])
def test_help_of_each_command(command, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main([command, "--help"])
    assert stop.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: course {command}")


def test_lab_opens_the_first_notebook(root, monkeypatch):
    started = []
    monkeypatch.chdir(root / "tests")
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(os, "execv", lambda program, arguments: started.append(arguments))
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "mine")
    cli.main(["lab", "--no-browser"])
    first = min((root / "workbooks").glob("*.ipynb"))
    ((program, *arguments),) = started
    assert program == sys.executable
    assert arguments == ["-m", "jupyterlab", f"--ServerApp.root_dir={root}", *cli.OFFLINE, str(first), "--no-browser"]
    assert os.environ["JUPYTER_CONFIG_PATH"].split(os.pathsep) == ["mine", str(cli.LAB_SETTINGS)]


def test_outside_the_course(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(cli, "_root", lambda: None)
    assert cli.main(["lab"]) == 2
    assert capsys.readouterr().err == "course: no notebooks here; run `course lab` in the course's folder.\n"
