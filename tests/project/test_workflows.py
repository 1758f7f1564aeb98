"""The workflows and the scripts behind them: what can be tried without GitHub and without the network."""

import importlib.util
import os
import re
import shutil
import subprocess

import pytest
import yaml

from portability.variants import chosen

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


def test_the_harness_runs_on_every_kind_of_processor(root):
    job = yaml.safe_load((root / ".github/workflows/weekly.yml").read_text("utf-8"))["jobs"]["portable"]
    matrix = job["strategy"]["matrix"]
    assert matrix["os"] == ["ubuntu-24.04", "ubuntu-24.04-arm", "macos-15", "windows-2025"]
    assert chosen(matrix["variant"])
    assert job["defaults"] == {"run": {"shell": "bash"}}  # which fails where a command before the `tee` does
    runs = [step["run"] for step in job["steps"] if "run" in step]
    assert sum("${{ matrix.variant }}" in run and "| tee -a report.md" in run for run in runs) == 2


PYTHON_OF = re.compile(r"^python_of\(\) \{$.*?^\}$", re.MULTILINE | re.DOTALL)
PYTHON = "#!/bin/sh\ncase $2 in *'!= '\"'{version}'\"*) exit 0;; esac\nexit 1\n"


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash here")
@pytest.mark.parametrize(
    ("there", "found"),
    [
        ("path/python3.13", "python3.13"),
        ("pyenv/versions/3.13.0/bin/python", "pyenv/versions/3.13.0/bin/python"),
        ("pyenv/versions/3.1.3/bin/python", None),
        ("path/python3.12", None),
    ],
)
@pytest.mark.parametrize("shim", [False, True])
def test_ci_finds_another_python_on_the_path_or_in_pyenv(root, tmp_path, there, found, shim):
    script = PYTHON_OF.search((root / ".ci/run").read_text())[0] + "\npython_of 3.13"
    files = {there: PYTHON.format(version="3.13"), "path/pyenv": f"#!/bin/sh\necho {tmp_path}/pyenv\n"}
    if shim:  # pyenv's stands on the path, and fails where no version is chosen
        files = {"path/python3.13": "#!/bin/sh\nexit 127\n"} | files
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    done = subprocess.run(
        [shutil.which("bash"), "-c", script], env={"PATH": f"{tmp_path}/path"}, capture_output=True, text=True
    )
    assert done.stdout.strip().removeprefix(f"{tmp_path}/") == (found or "")
    assert (done.returncode == 0) == bool(found)


@pytest.mark.skipif(not shutil.which("make"), reason="no make here")
def test_make_remakes_an_environment_that_another_python_made(root, tmp_path):
    (tmp_path / "venv/bin").mkdir(parents=True)
    (tmp_path / "venv/bin/python").write_text("#!/bin/sh\necho Python 3.12.1\n")
    for name, version in (("same", "3.12.1"), ("other", "3.13.0")):
        (tmp_path / name).write_text(f"#!/bin/sh\necho Python {version}\n")
    for path in (tmp_path / "venv/bin/python", tmp_path / "same", tmp_path / "other"):
        path.chmod(0o755)
    (tmp_path / "venv/ready").touch()

    def remakes(*options):
        command = ["make", "-n", f"VENV={tmp_path}/venv", *options, f"{tmp_path}/venv/ready"]
        environment = {name: value for name, value in os.environ.items() if name not in ("PYTHON", "MAKEFLAGS")}
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=True)
        return "-m venv" in done.stdout

    assert not remakes()
    assert not remakes(f"PYTHON={tmp_path}/same")
    assert remakes(f"PYTHON={tmp_path}/other")


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
