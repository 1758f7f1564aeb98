"""The workflows and the scripts behind them: what can be tried without GitHub and without the network."""

import importlib.util
import os
import re
import shutil
import subprocess

import pytest
import yaml

SCRIPTS = ("run", "newest", "open_issue")


@pytest.fixture
def twin(root):
    spec = importlib.util.spec_from_file_location("colab_twin", root / ".ci" / "colab_twin.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def steps(root):
    for path in sorted((root / ".github/workflows").glob("*.yml")):
        for job in yaml.safe_load(path.read_text("utf-8"))["jobs"].values():
            yield from job["steps"]


def test_every_script_that_a_workflow_runs_is_there(root):
    commands = [step["run"] for step in steps(root) if "run" in step]
    named = {name for command in commands for name in re.findall(r"\.ci/[\w.]+", command)}
    assert {".ci/run", ".ci/newest", ".ci/colab_twin.py", ".ci/open_issue"} <= named
    assert all((root / name).is_file() for name in named)
    targets = {name for command in commands for name in re.findall(r"\bmake (\S+)", command)}
    assert all(re.search(rf"^{re.escape(t)}:|^\$\(VENV\){re.escape(t.removeprefix('.venv'))}:", (root / "Makefile").read_text(), re.M)
               for t in targets)  # fmt: skip


def test_a_workflow_may_do_no_more_than_it_has_to(root):
    allowed = {
        "ci.yml": {"contents": "read"},
        "pages.yml": {"contents": "read", "pages": "write", "id-token": "write"},
        "weekly.yml": {"contents": "read", "issues": "write"},
    }
    found = {
        path.name: yaml.safe_load(path.read_text("utf-8"))["permissions"]
        for path in (root / ".github/workflows").glob("*")
    }
    assert found == allowed


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash here")
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_bash(root, name):
    subprocess.run(["bash", "-n", root / ".ci" / name], check=True)
    assert os.access(root / ".ci" / name, os.X_OK)


def test_the_twin_reads_colab_s_list(twin, root, tmp_path):
    assert {line.partition("==")[0] for line in twin.versions(root / ".ci/colab.txt")} == set(twin.USED)
    list_of_the_day = tmp_path / "freeze.txt"
    list_of_the_day.write_text(
        (root / ".ci/colab.txt").read_text().replace("scikit-learn", "scikit_learn") + "torch==2.9.0\n"
    )
    assert "scikit_learn==1.6.1" in twin.versions(list_of_the_day)
    assert not any(line.startswith("torch") for line in twin.versions(list_of_the_day))
    list_of_the_day.write_text("numpy==2.1.3\n")
    with pytest.raises(SystemExit, match=r"names no version of: ipykernel, .*tensorflow\."):
        twin.versions(list_of_the_day)


@pytest.mark.parametrize(
    ("after", "faults"),
    [
        ({"numpy": "2.1.3", "course-utils": "0.1.0", "platformdirs": "4.0"}, []),
        ({"numpy": "2.4.6", "course-utils": "0.1.0"}, ["numpy was 2.1.3, is 2.4.6"]),
        ({"course-utils": "0.1.0"}, ["numpy was 2.1.3, is None"]),
        ({"numpy": "2.1.3", "course-utils": "0.1.0", "scipy": "1.17"}, ["scipy 1.17 came along"]),
        ({"numpy": "2.1.3"}, ["the course was not installed"]),
    ],
)
def test_what_the_first_cell_may_do_to_colab(twin, after, faults):
    assert twin.differences({"numpy": "2.1.3"}, after) == faults


GH = """#!/bin/sh
echo "$@" >>"$LOG"
[ "$2" = list ] && printf '%s' "$OPEN"
exit 0
"""


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash here")
@pytest.mark.parametrize(("already", "done"), [("", "issue create --title A title"), ("7", "issue comment 7")])
def test_one_issue_at_a_time(root, tmp_path, already, done):
    gh = tmp_path / "gh"
    gh.write_text(GH)
    gh.chmod(0o755)
    report, log = tmp_path / "report.md", tmp_path / "log"
    command = [root / ".ci/open_issue", "A title", report]
    subprocess.run(
        command, env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "LOG": str(log), "OPEN": already}, check=True
    )
    assert f"{done} --body-file {report}" in log.read_text()
    assert report.read_text() == "The check stopped before it could write a report; see the workflow's log.\n"
