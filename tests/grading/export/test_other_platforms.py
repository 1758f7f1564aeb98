"""Gradescope's autograder and GitHub Classroom's workflow, as a teacher copies them: what they run exists and works."""

import base64
import csv
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml
from sample_submission import RIGHT, STUB, answers, hand_in, statuses

from course_utils.grading.export import github_classroom
from course_utils.grading.grade import grade
from course_utils.releasing.release import release

CHAPTER = "02_sigmoid"
PROGRAMS = Path(sys.executable).parent


def environment(**more):
    return os.environ | {"PATH": os.pathsep.join([str(PROGRAMS), os.environ["PATH"]])} | more


# ---- Gradescope


@pytest.fixture
def autograder(tmp_path, root):
    """Gradescope's folder, with the script and a place for what a student hands in."""
    shutil.copy(root / "docs/gradescope/run_autograder", tmp_path)
    (tmp_path / "submission").mkdir()

    def run(course=PROGRAMS / "course"):
        own = environment(AUTOGRADER=str(tmp_path), COURSE=str(course))
        done = subprocess.run([tmp_path / "run_autograder"], cwd=tmp_path, env=own, capture_output=True, text=True)
        file = tmp_path / "results" / "results.json"
        return done.returncode, json.loads(file.read_text()) if file.exists() else None

    return tmp_path, run


def test_gradescope_gets_a_students_results(autograder):
    folder, run = autograder
    hand_in(folder / "submission" / f"{CHAPTER}.ipynb", *answers(STUB, sigmoid=RIGHT["sigmoid"]))
    code, results = run()
    assert code == 0
    assert [test["score"] for test in results["tests"]] == [1, 0, 0, 0, 0, 0]


def test_gradescope_takes_the_answers_of_a_whole_repository(autograder, root):
    """The chapter beside them has the same name; a checkpoint, too; and a repository may be zipped with its folder."""
    folder, run = autograder
    own = folder / "submission" / "activation-functions-main" / "work"
    hand_in(own / "exercises" / f"{CHAPTER}.ipynb", *answers(RIGHT))
    hand_in(own / "exercises" / ".ipynb_checkpoints" / f"{CHAPTER}-checkpoint.ipynb", *answers(STUB))
    (own / "notebooks").mkdir()
    shutil.copy(root / "notebooks" / f"{CHAPTER}.ipynb", own / "notebooks")
    code, results = run()
    assert (code, sum(test["score"] for test in results["tests"])) == (0, 6)


def test_gradescope_gives_nothing_for_the_courses_solutions(autograder, root):
    folder, run = autograder
    for place in ("exercises", "solutions"):
        (folder / "submission" / place).mkdir(parents=True)
        shutil.copy(root / place / f"{CHAPTER}.ipynb", folder / "submission" / place)
    code, results = run()
    assert (code, [test["score"] for test in results["tests"]]) == (0, [0, 0, 0, 0, 0, 0])


def test_gradescope_tells_a_student_what_to_hand_in(autograder):
    folder, run = autograder
    hand_in(folder / "submission" / "homework.ipynb")
    code, results = run()
    assert (code, results["score"]) == (0, 0)
    assert "under the names that they have, for example 01_why_nonlinearity.ipynb" in results["output"]


def test_gradescope_gets_no_zero_for_a_failure_of_ours(autograder):
    folder, run = autograder
    hand_in(folder / "submission" / f"{CHAPTER}.ipynb", *answers(RIGHT))
    failing = folder / "course"
    failing.write_text("#!/bin/sh\necho 'The grader itself failed' >&2\nexit 1\n")
    failing.chmod(0o755)
    assert run(failing) == (1, None)


def test_gradescopes_setup_makes_what_the_other_script_runs(root):
    setup = (root / "docs/gradescope/setup.sh").read_text()
    assert "make -C /autograder/source/course .venv/ready\n" in setup
    assert "\n$(VENV)/ready: " in (root / "Makefile").read_text()
    assert "course/.venv/bin/course" in (root / "docs/gradescope/run_autograder").read_text()
    for name in ("setup.sh", "run_autograder"):
        assert os.access(root / "docs/gradescope" / name, os.X_OK)
        subprocess.run(["sh", "-n", root / "docs/gradescope" / name], check=True)


def test_the_documented_command_makes_gradescopes_archive(root, tmp_path):
    if not (root / ".git").exists():
        pytest.skip("not a clone: git has nothing to archive")
    (line,) = (line for line in (root / "docs/grading.md").read_text().splitlines() if line.startswith("git archive "))
    subprocess.run(line.replace("autograder.zip", str(tmp_path / "a.zip")), shell=True, cwd=root, check=True)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        top = {file.filename: file.external_attr >> 16 & 0o111 for file in archive.infolist()}
    assert top["setup.sh"]
    assert top["run_autograder"]
    assert {"course/Makefile", "course/requirements.lock", "course/course_utils/cli.py"} <= top.keys()


# ---- GitHub Classroom


@pytest.fixture
def workflow(root):
    document = yaml.safe_load((root / "docs/classroom/grade.yml").read_text("utf-8"))
    return document, document["jobs"]["run-autograding-tests"]


def test_the_workflow_reports_what_its_step_gives(workflow):
    document, job = workflow
    steps = {step.get("id") or step.get("uses", "").split("@")[0]: step for step in job["steps"]}
    reporter = steps["classroom-resources/autograding-grading-reporter"]
    assert reporter["with"]["runners"] == "course"
    assert reporter["env"] == {"COURSE_RESULTS": "${{ steps.course.outputs.result }}"}
    assert document["permissions"] == {"checks": "write", "actions": "read", "contents": "read"}
    assert document["env"]["COURSE"].startswith("course-utils[tensorflow] @ git+https://github.com/")
    assert steps["actions/upload-artifact"]["with"]["path"] == "${{ runner.temp }}/report/feedback/student.html"


def test_the_workflows_step_grades_a_handout(workflow, root, tmp_path):
    """In a student's repository, whose own copy of the package has been changed."""
    _, job = workflow
    repository, temporary, output = tmp_path / "repository", tmp_path / "temporary", tmp_path / "output"
    release(root, repository, [CHAPTER])
    hand_in(repository / "exercises" / f"{CHAPTER}.ipynb", *answers(STUB, logit=RIGHT["logit"]))
    for path in repository.glob("course_utils/**/*.py"):
        path.write_text("raise SystemExit('a copy of the student')")
    temporary.mkdir()
    (step,) = (step["run"] for step in job["steps"] if step.get("id") == "course")
    own = environment(RUNNER_TEMP=str(temporary), GITHUB_OUTPUT=str(output))
    subprocess.run(["bash", "-e", "-c", step], cwd=repository, env=own, check=True, capture_output=True)
    name, _, encoded = output.read_text().strip().partition("=")
    result = json.loads(base64.b64decode(encoded))
    assert (name, result["status"], result["max_score"]) == ("result", "fail", 8)
    assert [test["score"] for test in result["tests"]] == [0, 0, 0, 0, 1, 0]
    assert (temporary / "report" / "feedback" / "student.html").exists()


def test_collected_repositories_are_graded_as_they_are(root, tmp_path, capsys):
    """A student's repository is a hand-out: the chapter to read has the same name as its exercises."""
    release(root, tmp_path / "in" / "ann", [CHAPTER])
    hand_in(tmp_path / "in" / "ann" / "exercises" / f"{CHAPTER}.ipynb", *answers(STUB, logit=RIGHT["logit"]))
    assert grade(tmp_path / "in", tmp_path / "out", isolation="process") == 0
    assert statuses(tmp_path / "out") == {"ann": "missing missing missing missing passed"}
    said = capsys.readouterr().err
    assert f"graded exercises/{CHAPTER}.ipynb, not workbooks/{CHAPTER}.ipynb" in said


def report(folder, *rows):
    with (folder / "grades.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([("student", "chapter", "exercise", "points", "max_points", "status", "hint"), *rows])
    return folder


def test_classrooms_result(tmp_path, capsys):
    rows = [("ann", CHAPTER, "sigmoid", "1", "1", "passed", "All right."), ("ann", CHAPTER, "stable_sigmoid", "0.5", "2", "failed", "Nearly.")]  # fmt: skip
    report(tmp_path, *rows, ("bob", CHAPTER, "sigmoid", "", "1", "not_run", "."))
    assert github_classroom.result(tmp_path, "ann") == {
        "version": 1,
        "status": "fail",
        "max_score": 3,
        "tests": [
            {"name": "02_sigmoid: sigmoid", "status": "pass", "score": 1, "message": "All right."},
            {"name": "02_sigmoid: stable_sigmoid", "status": "fail", "score": 0.5, "message": "Nearly."},
        ],
    }
    for arguments, said in {
        (tmp_path, "bob"): "The grader itself failed on an exercise",
        (tmp_path, "cy"): "There is no student 'cy'",
        (tmp_path / "no", "ann"): "No such file",
        (tmp_path,): "Expected the folder of a report and a student",
    }.items():
        assert github_classroom.main(arguments) == 1
        printed = capsys.readouterr()
        assert printed.out == ""
        assert said in printed.err
