"""A learner's history: kept where it can be, and nothing breaks where it can't."""

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, contextmanager

import pytest

from course_utils.learner.history import FILE, History, data_folder, history


def names(kept):
    return [event["name"] for event in kept.events()]


def change(path, statement, values=()):
    """What another program does to the file."""
    with closing(sqlite3.connect(path)) as other, other:
        other.execute(statement, values)


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
    said = capsys.readouterr().out
    assert said.count("can't be written just now") == 1
    assert "so your progress is kept in this session only." in said


def test_a_table_that_goes_away_in_mid_session_is_made_again(tmp_path, capsys):
    kept = History(tmp_path / FILE)
    kept.record("hint", "sigmoid")
    assert len(kept.events()) == 1
    change(tmp_path / FILE, "DROP TABLE events")
    kept.record("hint", "logit")
    assert names(kept) == names(History(tmp_path / FILE)) == ["sigmoid", "logit"]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("detail", ["{oops", "[1]", "null", ""])
def test_a_row_that_can_not_be_read_is_passed_over(tmp_path, detail):
    kept = History(tmp_path / FILE)
    kept.record("hint", "sigmoid")
    change(tmp_path / FILE, "INSERT INTO events VALUES ('', 'hint', 'logit', ?)", (detail,))
    assert names(kept) == ["sigmoid"]


def test_a_file_that_is_deleted_in_mid_session(tmp_path, capsys):
    kept = History(tmp_path / "folder" / FILE)
    kept.record("hint", "sigmoid")
    shutil.rmtree(tmp_path / "folder")
    kept.record("hint", "logit")
    assert names(kept) == names(History(tmp_path / "folder" / FILE)) == ["sigmoid", "logit"]
    assert capsys.readouterr().out == ""


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
    kept.record("hint", "logit")
    assert names(kept) == ["sigmoid", "logit", "logit"]
    assert capsys.readouterr().out.count("kept in this session only") == 1


@pytest.fixture
def held(tmp_path, monkeypatch):
    """A function that lets another program hold the file: what is done inside can neither read nor write it."""
    monkeypatch.setattr("course_utils.learner.history.PATIENCE", 0.05)

    @contextmanager
    def holding(path=tmp_path / FILE):
        with closing(sqlite3.connect(path)) as other:
            other.execute("BEGIN EXCLUSIVE")
            yield
            other.rollback()

    return holding


def test_a_lock_in_mid_session_costs_nothing(tmp_path, held, capsys):
    kept = History(tmp_path / FILE)
    kept.record("attempt", "sigmoid")
    with held():
        kept.record("attempt", "logit")
        kept.record("attempt", "tanh")
        assert names(kept) == ["sigmoid", "logit", "tanh"]  # what was done before stays in sight
    assert names(History(tmp_path / FILE)) == ["sigmoid"]
    assert "database is locked" in capsys.readouterr().out
    kept.record("attempt", "relu")
    assert names(kept) == names(History(tmp_path / FILE)) == ["sigmoid", "logit", "tanh", "relu"]
    assert capsys.readouterr().out == "Your progress is stored again.\n"
    kept.record("attempt", "gelu")
    assert capsys.readouterr().out == ""


def test_a_lock_when_the_session_begins(tmp_path, held, capsys):
    History(tmp_path / FILE).record("hint", "sigmoid")
    with held():
        kept = History(tmp_path / FILE)
        kept.record("hint", "logit")
        assert names(kept) == ["logit"]
    assert capsys.readouterr().out.count("database is locked") == 1
    assert names(kept) == names(History(tmp_path / FILE)) == ["sigmoid", "logit"]  # looking is enough


def test_a_second_lock_is_told_again_and_also_costs_nothing(tmp_path, held, capsys):
    kept = History(tmp_path / FILE)
    for place in range(2):
        with held():
            kept.record("hint", f"locked{place}")
        kept.record("hint", f"free{place}")
    assert names(History(tmp_path / FILE)) == ["locked0", "free0", "locked1", "free1"]
    said = capsys.readouterr().out
    assert said.count("database is locked") == said.count("stored again") == 2


def test_a_lock_that_is_gone_within_the_patience_is_not_noticed(tmp_path, capsys):
    kept = History(tmp_path / FILE)
    other = sqlite3.connect(tmp_path / FILE, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    timer = threading.Timer(0.3, other.rollback)
    timer.start()
    kept.record("hint", "sigmoid")
    timer.join()
    other.close()
    assert names(History(tmp_path / FILE)) == ["sigmoid"]
    assert capsys.readouterr().out == ""


def test_what_waits_when_the_session_ends_is_stored_then(tmp_path, held, capsys):
    kept = History(tmp_path / FILE)
    with held():
        kept.record("hint", "sigmoid")
    del kept
    assert names(History(tmp_path / FILE)) == ["sigmoid"]


def test_a_lock_is_waited_for_once_and_not_at_each_step(tmp_path, held, monkeypatch):
    kept = History(tmp_path / FILE)
    with held():
        kept.record("hint", "sigmoid")
        monkeypatch.setattr("course_utils.learner.history.PATIENCE", 3600.0)
        kept.record("hint", "logit")
        assert names(kept) == ["sigmoid", "logit"]


def test_a_folder_that_comes_back(tmp_path, capsys):
    """A home on a server that is away for a while."""
    (tmp_path / "home").write_text("")
    kept = History(tmp_path / "home" / FILE)
    kept.record("hint", "sigmoid")
    (tmp_path / "home").unlink()
    kept.record("hint", "logit")
    assert names(History(tmp_path / "home" / FILE)) == ["sigmoid", "logit"]
    assert "stored again" in capsys.readouterr().out


@pytest.mark.parametrize("fault", ["disk I/O error", "database or disk is full", "locking protocol"])
def test_other_faults_that_pass(tmp_path, monkeypatch, fault, capsys):
    kept = History(tmp_path / FILE)

    def broken(self, rows):
        raise sqlite3.OperationalError(fault)

    with monkeypatch.context() as away:
        away.setattr("course_utils.learner.history._File._insert", broken)
        kept.record("hint", "sigmoid")
    assert fault in capsys.readouterr().out
    kept.record("hint", "logit")
    assert names(History(tmp_path / FILE)) == ["sigmoid", "logit"]


def test_a_file_that_breaks_in_mid_session_is_made_again(tmp_path, capsys):
    kept = History(tmp_path / FILE)
    kept.record("hint", "sigmoid")
    kept.close()
    (tmp_path / FILE).write_text("this is no data base, but it is long enough to look like one" * 20)
    kept.record("hint", "logit")
    assert names(kept) == names(History(tmp_path / FILE)) == ["sigmoid", "logit"]
    assert (tmp_path / f"{FILE}.broken").exists()


def test_what_nbgrader_marks_leaves_no_trace(tmp_path, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    history().record("attempt", "sigmoid", status="passed")
    assert not (tmp_path / "data").exists()


def test_a_python_without_sqlite(tmp_path, monkeypatch):
    monkeypatch.setattr("course_utils.learner.history.sqlite3", None)
    history().record("attempt", "sigmoid", status="passed")
    assert names(history()) == ["sigmoid"]
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
    connection = kept._file.connection
    del kept
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")


def test_a_history_that_has_to_wait_closes_its_file(tmp_path, held, capsys):
    kept = History(tmp_path / FILE)
    connection = kept._file.connection
    with held():
        kept.record("hint", "sigmoid")
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")


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
