"""A report's SQLite file. It keeps each result as it arrives, so that a stopped run can resume, and the marks of the last
complete report, so that the next one can say what changed."""

import contextlib
import json
import os
import secrets
import sqlite3
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import numpy as np

import course_utils
from course_utils.checking.picture import Curve
from course_utils.checking.verdict import Reason, Verdict
from course_utils.grading.notebook import Graded, NotebookTask

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

FILE = "store.sqlite"
JUDGING = ("checking", "exercises", "grading")  # the folders of the package whose code decides marks
VERSION = 1  # of the tables and the documents in them; a store of another version is replaced
TABLES = (
    # The unfinished run, one row, and its results. A name may not be valid text, so its file-system bytes are stored.
    "CREATE TABLE IF NOT EXISTS run (terms TEXT NOT NULL, seed INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS result (student BLOB, chapter TEXT, digest TEXT, graded TEXT NOT NULL, "
    "PRIMARY KEY (student, chapter, digest))",
    # What the next report is compared with, one row.
    "CREATE TABLE IF NOT EXISTS report (document TEXT NOT NULL)",
)


class Unwritable(Exception):
    """The report's folder is no longer writable; the message is the reason."""


class _Unusable(Exception):
    """The file is not a store, is damaged, or has another version."""


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """Turn errors in the block into `Unwritable`.

    Raises:
        Unwritable: with the reason.
    """
    try:
        yield
    except OSError as error:
        raise Unwritable(error.strerror or type(error).__name__) from error
    except sqlite3.Error as error:
        raise Unwritable(str(error)) from error


def fingerprint() -> str:
    """A digest of the code of the exercises, the checker and the grader."""
    package, digest = Path(course_utils.__file__).parent, sha256()
    for path in sorted(path for folder in JUDGING for path in (package / folder).rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def task_digest(task: NotebookTask) -> str:
    """A digest of what there is to grade."""
    cells = None if task.cells is None else [[cell.number, cell.source] for cell in task.cells]
    return sha256(
        json.dumps(
            [
                task.chapter,
                cells,
                task.unreadable,
                task.failure,
                task.unread,
                task.is_chapter,
                task.misplaced,
                task.files,
                [(file, names, task_digest(other)) for file, names, other in task.elsewhere],
            ]
        ).encode()
    ).hexdigest()[:16]


@contextlib.contextmanager
def open_store(out: Path, terms: dict) -> Iterator["Store"]:
    """A context manager that opens the store in a report's folder and begins a run or resumes a stopped one.

    Args:
        out: path of the folder, which exists.
        terms: what must be equal for a stopped run's results to be reused, a dict for JSON.

    Raises:
        BlockingIOError: another run is using the folder.
        Unwritable: the store can't be opened.
    """
    path = out / FILE
    with _alone(out) as locked, contextlib.ExitStack() as stack:
        try:
            store = _begun(stack, path, terms, locked)
        except _Unusable:
            stack.close()
            with writing():
                path.unlink()
                Path(f"{path}-journal").unlink(missing_ok=True)
            store = _begun(stack, path, terms, locked)
        yield store


class Store:
    """The open store of a report, see `open_store`.

    Attributes:
        seed: of the random inputs: the stopped run's, or a new one.
        kept: results of the stopped run: (student, chapter, digest) -> `Graded`. The grader's own failures are left out.
        last_report: the document that `finish` stored for the existing report, or None.
    """

    def __init__(self, connection: sqlite3.Connection, terms: dict):
        self._connection = connection
        last = connection.execute("SELECT document FROM report").fetchone()
        self.last_report = last and json.loads(last[0])
        run = connection.execute("SELECT terms, seed FROM run").fetchone()
        if run and json.loads(run[0]) == terms:
            self.seed, self.kept = run[1], _kept(connection)
        else:
            self.seed, self.kept = secrets.randbelow(2**32), {}
            self._forget_run()
            connection.execute("INSERT INTO run VALUES (?, ?)", (json.dumps(terms), self.seed))

    def keep(self, key: tuple[str, str, str], graded: Graded) -> None:
        """Store one more result durably: it survives even if this process is killed.

        Args:
            key: (student, chapter, `task_digest`).
            graded: the result.

        Raises:
            Unwritable: this result is not stored; the earlier ones are.
        """
        if key not in self.kept:
            student, chapter, digest = key
            line = (student.encode("utf-8", "surrogateescape"), chapter, digest, json.dumps(_document(graded)))
            with writing(), self._connection:
                self._connection.execute("INSERT OR REPLACE INTO result VALUES (?, ?, ?, ?)", line)

    def finish(self, report: dict) -> None:
        """Call when all files of the report are written: store the report and delete the run, in one transaction.

        Args:
            report: a document for JSON.

        Raises:
            Unwritable: the run can still be resumed.
        """
        with writing(), self._connection:
            self._forget_run()
            self._connection.execute("DELETE FROM report")
            self._connection.execute("INSERT INTO report VALUES (?)", (json.dumps(report),))

    def _forget_run(self):
        self._connection.execute("DELETE FROM result")
        self._connection.execute("DELETE FROM run")


@contextlib.contextmanager
def _alone(out):
    """Lock a folder; returns whether its file system supports locks."""
    if fcntl is None:
        yield True
        return
    folder = os.open(out, os.O_RDONLY)
    try:
        yield _locked(folder)
    finally:
        os.close(folder)


def _locked(folder):
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:
        return False
    return True


def _begun(stack, path, terms, locked):
    address = f"{path.absolute().as_uri()}?nolock={int(not locked)}"
    try:
        connection = stack.enter_context(contextlib.closing(sqlite3.connect(address, uri=True, timeout=1)))
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")  # readers can't block the run
        connection.execute("PRAGMA auto_vacuum=FULL")  # the file shrinks when results are deleted
        with connection:
            connection.execute("BEGIN EXCLUSIVE")
            if connection.execute("PRAGMA user_version").fetchone()[0] not in (0, VERSION):
                raise _Unusable
            connection.execute(f"PRAGMA user_version={VERSION}")
            for table in TABLES:
                connection.execute(table)
            return Store(connection, terms)
    except (ValueError, KeyError, TypeError) as error:  # not a document written by this class
        raise _Unusable from error
    except sqlite3.Error as error:
        kind = error.sqlite_errorcode & 0xFF
        if kind == sqlite3.SQLITE_BUSY:
            raise BlockingIOError from error
        if kind in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR):  # last: other tables
            raise _Unusable from error
        raise Unwritable(str(error)) from error


def _kept(connection):
    rows = connection.execute("SELECT student, chapter, digest, graded FROM result")
    results = {
        (student.decode("utf-8", "surrogateescape"), chapter, digest): _graded(text)
        for student, chapter, digest, text in rows
    }
    return {key: graded for key, graded in results.items() if not graded.failure}


def _document(graded):
    return {"failure": graded.failure, "notes": graded.notes, "verdicts": [_written(v) for v in graded.verdicts]}


def _written(verdict):
    parts = vars(verdict.curve) if verdict.curve else {}
    curve = {name: part.tolist() if isinstance(part, np.ndarray) else part for name, part in parts.items()} or None
    return vars(verdict) | {"curve": curve}


def _graded(text):
    document = json.loads(text)
    verdicts = tuple(
        Verdict(**fields | {"curve": _curve(fields["curve"]), "reason": fields["reason"] and Reason(fields["reason"])})
        for fields in document["verdicts"]
    )
    return Graded(verdicts, tuple(map(tuple, document["notes"])), document["failure"])


def _curve(parts):
    return parts and Curve(**{name: np.array(part) if isinstance(part, list) else part for name, part in parts.items()})
