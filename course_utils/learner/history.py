"""A learner's history, in one SQLite file in their own data folder. Nothing is sent anywhere.

If the file is lost, locked, broken or read-only, nothing of this session is lost: events wait in memory, and each further
event, and the end of the session, tries to store them again.
"""

import json
import os
import weakref
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from course_utils.texts import _

try:
    import sqlite3
except ImportError:  # Python in a browser, or one that was built without SQLite: what is kept in memory needs none
    sqlite3 = None

FILE = "history.sqlite3"
PATIENCE = 2.0  # seconds to wait for another program's lock
IMPATIENCE = 0.05  # seconds, once the lock is known to be held
NOTICES = {
    "waiting": _(
        "{path} can't be written just now ({reason}), so your progress is kept in this session only. Each further step "
        "tries to store all of it."
    ),
    "stored": _("Your progress is stored again."),
    "broken": _("Your progress starts afresh: {path} could not be read ({reason}). What is left of it is now {kept}."),
}
TABLE = (
    "CREATE TABLE IF NOT EXISTS events (at TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, detail TEXT NOT NULL)"
)


class History:
    """Events in the order in which they happened.

    Args:
        path: of the file, or None to keep the history in memory.
    """

    def __init__(self, path):
        self._waiting = []  # rows that are not in the file
        self._file = _File(path) if path is not None else None
        if self._file:  # used again after `close`, it is closed again
            weakref.finalize(self, _finish, self._file, self._waiting)

    def record(self, kind: str, name: str, **detail: object) -> None:
        """Note one event.

        Args:
            kind: "attempt", "hint", "prediction" or "quiz".
            name: of the exercise or the question.
            **detail: more about it, of JSON's types.
        """
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._waiting.append((now, kind, name, json.dumps(detail)))
        if self._file:
            self._file.store(self._waiting)

    def events(self, kind: str | None = None) -> list[dict]:
        """The events of a kind, or all, oldest first: dicts with "at", "kind", "name" and the details."""
        found = []
        for at, its_kind, name, detail in self._rows():
            if kind in (None, its_kind) and (read := _details(detail)) is not None:
                found.append({"at": at, "kind": its_kind, "name": name} | read)
        return found

    def close(self) -> None:
        """Close the file. Done by itself when the history is no longer used, at the latest when Python ends."""
        if self._file:
            _finish(self._file, self._waiting)

    def _rows(self):
        if not self._file:
            return self._waiting
        if self._waiting:
            self._file.store(self._waiting)
        return [*self._file.rows(), *self._waiting]


class _File:
    """The table of events in a file that may be locked, broken or gone at any time.

    Args:
        path: of the file.
    """

    def __init__(self, path):
        self.connection = None
        self._path, self._read, self._held = path, [], False
        self._try(self._connect)

    def rows(self) -> list[tuple]:
        """The rows in the file, as they are now or as they were when it could be read last."""
        self._try(self._look)
        return self._read

    def store(self, waiting: list[tuple], *, quietly: bool = False) -> None:
        """Move the rows that wait into the file, where that can be done now; else they stay."""
        if self._try(lambda: self._write(waiting), quietly=quietly):
            waiting.clear()
            if self._held and not quietly:
                _say("stored")
            self._held = False

    def close(self) -> None:
        if self.connection:
            self.connection.close()
        self.connection = None

    def _try(self, action, *, quietly=False):
        """Whether an action on the file succeeds. Only the first of several failures in a row is reported."""
        try:
            action()
        except (sqlite3.Error, OSError) as error:
            self.close()
            if not self._held and not quietly:
                _say("waiting", path=self._path, reason=getattr(error, "strerror", error))
            self._held = True
            return False
        return True

    def _look(self):
        self._connect()
        self._read = self._select()

    def _write(self, rows):
        connected = self.connection is not None
        self._connect()
        try:
            self._insert(rows)
        except sqlite3.Error as error:
            if not connected or _locked(error):
                raise
            self.close()  # by now the file is gone, or another one: once more, with what is in its place
            self._connect()
            self._insert(rows)
        self._read = [*self._read, *rows]

    def _insert(self, rows):
        with self.connection:
            self.connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?)", rows)

    def _select(self):
        return self.connection.execute("SELECT at, kind, name, detail FROM events ORDER BY rowid").fetchall()

    def _connect(self):
        if self.connection:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._open()
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            self._start_afresh(error)

    def _start_afresh(self, error):
        kept = self._path.with_name(f"{self._path.name}.broken")
        self.close()
        self._path.replace(kept)
        self._open()
        _say("broken", path=self._path, reason=error, kept=kept)

    def _open(self):
        """Connect. An empty file gets what was read in this session from the one that stood in its place."""
        # The notebook's widgets may answer on another thread; each statement is short.
        patience = IMPATIENCE if self._held else PATIENCE
        self.connection = sqlite3.connect(self._path, timeout=patience, check_same_thread=False)
        with self.connection:
            self.connection.execute(TABLE)
        found = self._select()
        if self._read and not found:
            self._insert(self._read)
        else:
            self._read = found


def _finish(file, waiting):
    """At the end of a session, silently write what is waiting if possible."""
    if waiting:
        file.store(waiting, quietly=True)
    file.close()


@cache
def history() -> History:
    """This session's `History`: in the learner's data folder, or in memory where a notebook is built, verified or marked."""
    automatic = os.environ.get("COURSE_STATIC") == "1" or "NBGRADER_EXECUTION" in os.environ
    return History(None if automatic or sqlite3 is None else data_folder() / FILE)


def data_folder() -> Path:
    """Where the learner's history lies: `COURSE_DATA` where it is set, else the system's folder for such data."""
    chosen = os.environ.get("COURSE_DATA")
    if chosen:
        return Path(chosen)
    from platformdirs import user_data_path

    return user_data_path("activation-functions-course", appauthor=False)


def _details(text):
    """A row's details, or None where something else than this course wrote them."""
    try:
        found = json.loads(text)
    except (TypeError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _locked(error):
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _say(notice, **fields):
    print(NOTICES[notice].format(**fields))
