"""What a learner has done, in one SQLite file in their own data folder. Nothing is sent anywhere.

A file that is lost, broken or can't be written costs the history and nothing else: the course goes on, and says so once.
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
except ImportError:  # Python in a browser: what is kept in memory needs none
    sqlite3 = None

FILE = "history.sqlite3"
PATIENCE = 2  # seconds for another session that is writing
NOTICES = {
    "unwritable": _("Your progress is kept for this session only: {path} can't be written ({reason})."),
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
        self._kept = []  # rows of the table, where there is no file
        self._connection, self._closing = None, None
        if path is not None and (connection := self._open(path)):
            self._connection, self._closing = connection, weakref.finalize(self, connection.close)

    def record(self, kind, name, **detail):
        """Note one event.

        Args:
            kind: "attempt", "hint", "prediction" or "quiz".
            name: of the exercise or the question.
            **detail: more about it, of JSON's types.
        """
        now = datetime.now(UTC).isoformat(timespec="seconds")
        event = (now, kind, name, json.dumps(detail))
        if self._connection is None:
            self._kept.append(event)
            return
        try:
            with self._connection:
                self._connection.execute("INSERT INTO events VALUES (?, ?, ?, ?)", event)
        except sqlite3.Error as error:  # the disk is full, the folder is gone, ...
            _say("unwritable", path=FILE, reason=error)
            self._kept = [*self._rows(), event]
            self.close()
            self._connection = None

    def events(self, kind=None):
        """The events of a kind, or all, oldest first: dicts with "at", "kind", "name" and the details."""
        found = []
        for at, its_kind, name, detail in self._rows():
            if kind in (None, its_kind) and (read := _details(detail)) is not None:
                found.append({"at": at, "kind": its_kind, "name": name} | read)
        return found

    def close(self):
        """Close the file. Done by itself when the history is no longer used, at the latest when Python ends."""
        if self._closing:
            self._closing()

    def _rows(self):
        if self._connection is None:
            return self._kept
        try:
            return self._connection.execute("SELECT at, kind, name, detail FROM events ORDER BY rowid").fetchall()
        except sqlite3.Error:
            return []

    def _open(self, path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return _connect(path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                return _say("unwritable", path=path, reason=error)
            return self._start_afresh(path, error)
        except OSError as error:
            return _say("unwritable", path=path, reason=error.strerror)

    def _start_afresh(self, path, error):
        kept = path.with_name(f"{path.name}.broken")
        try:
            path.replace(kept)
            connection = _connect(path)
        except (OSError, sqlite3.Error) as worse:
            return _say("unwritable", path=path, reason=worse)
        _say("broken", path=path, reason=error, kept=kept)
        return connection


@cache
def history():
    """This session's `History`: in the learner's data folder, or in memory where a notebook is built, verified or marked."""
    automatic = os.environ.get("COURSE_STATIC") == "1" or "NBGRADER_EXECUTION" in os.environ
    return History(None if automatic else data_folder() / FILE)


def data_folder():
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


def _connect(path):
    # The notebook's widgets may answer on another thread; each statement is short.
    connection = sqlite3.connect(path, timeout=PATIENCE, check_same_thread=False)
    try:
        with connection:
            connection.execute(TABLE)
    except BaseException:
        connection.close()
        raise
    return connection


def _say(notice, **fields):
    print(NOTICES[notice].format(**fields))
