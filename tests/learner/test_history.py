"""A learner's history: kept where it can be, and nothing breaks where it can't."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from course_utils.learner.history import FILE, History, data_folder, history


def test_events_come_back_in_order(tmp_path):
    path = tmp_path / "folder" / FILE
    first = History(path)
    first.record("attempt", "sigmoid", status="failed")
    first.record("hint", "sigmoid")
    again = History(path)
    assert [(e["kind"], e["name"], e.get("status")) for e in again.events()] == [
        ("attempt", "sigmoid", "failed"),
        ("hint", "sigmoid", None),
    ]
    assert [e["kind"] for e in again.events("hint")] == ["hint"]


def test_in_memory():
    kept = History(None)
    kept.record("hint", "sigmoid")
    assert len(kept.events()) == 1


def test_a_broken_file_is_put_aside_and_named(tmp_path, capsys):
    path = tmp_path / FILE
    path.write_text("this is no data base, but it is long enough to look like one" * 20)
    kept = History(path)
    kept.record("hint", "sigmoid")
    assert len(kept.events()) == 1
    assert (tmp_path / f"{FILE}.broken").read_text().startswith("this is no data base")
    assert "Your progress starts afresh" in capsys.readouterr().out
    assert len(History(path).events()) == 1


@pytest.mark.parametrize("where", ["a_file_in_the_way/history", "folder"])
def test_where_nothing_can_be_written(tmp_path, where, capsys):
    (tmp_path / "a_file_in_the_way").write_text("")
    (tmp_path / "folder").mkdir()  # a folder where the file should be
    kept = History(tmp_path / where)
    kept.record("hint", "sigmoid")
    assert len(kept.events()) == 1
    assert "for this session only" in capsys.readouterr().out


def test_a_file_that_goes_away_in_mid_session(tmp_path, capsys):
    kept = History(tmp_path / FILE)
    kept.record("hint", "sigmoid")
    with kept._connection:
        kept._connection.execute("DROP TABLE events")
    kept.record("hint", "logit")
    kept.record("hint", "logit")
    assert [e["name"] for e in kept.events()] == ["logit", "logit"]
    assert capsys.readouterr().out.count("for this session only") == 1


@pytest.mark.parametrize("detail", ["{oops", "[1]", "null", ""])
def test_a_row_that_can_not_be_read_is_passed_over(tmp_path, detail):
    kept = History(tmp_path / FILE)
    kept.record("hint", "sigmoid")
    with kept._connection:
        kept._connection.execute("INSERT INTO events VALUES ('', 'hint', 'logit', ?)", (detail,))
    assert [e["name"] for e in kept.events()] == ["sigmoid"]


def test_a_file_that_is_deleted_in_mid_session(tmp_path, capsys):
    kept = History(tmp_path / "folder" / FILE)
    kept.record("hint", "sigmoid")
    shutil.rmtree(tmp_path / "folder")
    kept.record("hint", "logit")
    assert [e["name"] for e in kept.events()] == ["sigmoid", "logit"]
    assert capsys.readouterr().out.count("for this session only") == 1


@pytest.mark.parametrize("part", [slice(None, 4096), slice(100, 4096)])
def test_a_file_that_is_cut_off_or_overwritten_costs_the_history_alone(tmp_path, part, capsys):
    path = tmp_path / FILE
    History(path).record("hint", "sigmoid")
    content = bytearray(path.read_bytes())
    content[part] = content[part] if part.start is None else b"\xff" * (4096 - 100)
    path.write_bytes(content[:4096])
    kept = History(path)
    kept.record("hint", "logit")
    assert [e["name"] for e in kept.events()][-1] == "logit"
    assert "Your progress starts afresh" in capsys.readouterr().out


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the system lets this user write anything")
def test_a_file_that_may_only_be_read(tmp_path, capsys):
    History(tmp_path / FILE).record("hint", "sigmoid")
    (tmp_path / FILE).chmod(0o400)
    tmp_path.chmod(0o500)
    kept = History(tmp_path / FILE)
    kept.record("hint", "logit")
    assert kept.events()[-1]["name"] == "logit"
    assert "for this session only" in capsys.readouterr().out


def test_a_file_that_another_program_keeps_locked(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("course_utils.learner.history.PATIENCE", 0.05)
    History(tmp_path / FILE).record("hint", "sigmoid")
    with closing(sqlite3.connect(tmp_path / FILE)) as other:
        other.execute("BEGIN EXCLUSIVE")
        kept = History(tmp_path / FILE)
        kept.record("hint", "logit")
    assert [e["name"] for e in kept.events()] == ["logit"]
    assert "database is locked" in capsys.readouterr().out


def test_what_nbgrader_marks_leaves_no_trace(tmp_path, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    history().record("attempt", "sigmoid", status="passed")
    assert not (tmp_path / "data").exists()


def test_two_sessions_at_once(tmp_path):
    one, other = History(tmp_path / FILE), History(tmp_path / FILE)
    for place in range(20):
        (one if place % 2 else other).record("hint", f"h{place}")
    assert [e["name"] for e in one.events()] == [f"h{place}" for place in range(20)]


def test_the_learner_s_folder(tmp_path, monkeypatch):
    assert data_folder() == tmp_path / "data"
    monkeypatch.delenv("COURSE_DATA")
    assert data_folder().name == "activation-functions-course"


def test_a_built_notebook_leaves_no_trace(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_STATIC", "1")
    history().record("hint", "sigmoid")
    assert not (tmp_path / "data").exists()


def test_the_file_is_an_ordinary_data_base(tmp_path):
    History(tmp_path / FILE).record("attempt", "sigmoid", status="passed")
    with closing(sqlite3.connect(tmp_path / FILE)) as file:
        (row,) = file.execute("SELECT kind, name, detail FROM events")
    assert row == ("attempt", "sigmoid", '{"status": "passed"}')


def test_a_history_that_is_no_longer_used_is_closed(tmp_path):
    kept = History(tmp_path / FILE)
    connection = kept._connection
    del kept
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")


def test_a_history_that_goes_on_in_memory_closes_its_file(tmp_path, capsys):
    kept = History(tmp_path / FILE)
    connection = kept._connection
    connection.execute("DROP TABLE events")
    kept.record("hint", "sigmoid")
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")
    assert [e["name"] for e in kept.events()] == ["sigmoid"]


SESSION = """
import sys
from pathlib import Path
from course_utils.learner.history import History
path = Path(sys.argv[1])
History(path).record("hint", "sigmoid")    # used no longer
(path.parent / "broken").write_text("this is no data base, but it is long enough to look like one" * 20)
History(path.parent / "broken")
History(path.parent)                       # a folder
kept = History(path)                       # up to the end of the session
kept.record("hint", "logit")
"""


def test_a_session_leaves_nothing_open(tmp_path):
    """Python 3.13 says so where a connection is not closed."""
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", SESSION, str(tmp_path / FILE)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
