"""The autograder's zip file, made as docs/grading.md says, in a clone with the line ends of Git for Windows."""

import re
import shutil
import subprocess
import zipfile

import pytest


@pytest.fixture
def windows_clone(copy_repository, tmp_path):
    """A clone under core.autocrlf=true, which Git for Windows sets."""
    origin = copy_repository(tmp_path / "origin")
    git = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "All of it"]):
        subprocess.run([*git, *command], cwd=origin, check=True)
    subprocess.run(["git", "clone", "-q", "-c", "core.autocrlf=true", origin, tmp_path / "clone"], check=True)
    return tmp_path / "clone"


def test_scripts_in_the_zip_file_run_where_gradescope_runs_them(windows_clone, root):
    (command,) = re.findall(r"^git archive .*$", (root / "docs/grading.md").read_text("utf-8"), re.MULTILINE)
    subprocess.run(command.split(), cwd=windows_clone, check=True)
    with zipfile.ZipFile(windows_clone / "autograder.zip") as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    assert {"setup.sh", "run_autograder", "course/postBuild"} <= set(contents)
    assert [name for name, content in contents.items() if b"\r" in content and not name.endswith(".png")] == []
    if shell := shutil.which("sh"):
        subprocess.run([shell, "-n"], input=contents["setup.sh"], check=True)


def test_a_script_in_the_clone_has_the_line_ends_of_its_readers(windows_clone):
    for name in ("postBuild", ".ci/run", "docs/gradescope/run_autograder", "docs/gradescope/setup.sh", "Makefile"):
        assert b"\r" not in (windows_clone / name).read_bytes(), name
