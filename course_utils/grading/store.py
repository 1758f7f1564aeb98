"""Results as they come, one line a notebook, so that a run which was stopped goes on where it was."""

import contextlib
import json
import os
import secrets
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path

import numpy as np

import course_utils
from course_utils.checking.judge import Curve, Reason, Verdict
from course_utils.grading.files import write_file
from course_utils.grading.notebook import Graded

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

FILE = "results.jsonl"
JUDGING = ("checking", "exercises", "grading")  # the folders of the package whose code decides about marks


class Unwritable(Exception):
    """The report's folder can't be written any more; the message is the reason."""


@contextlib.contextmanager
def writing():
    """What fails in here is that something can't be written.

    Raises:
        Unwritable: with the reason.
    """
    try:
        yield
    except OSError as error:
        raise Unwritable(error.strerror or type(error).__name__) from error


@contextlib.contextmanager
def alone(out):
    """Hold a report's folder, to be used in a `with`: the files of two runs at a time would be mixed.

    Raises:
        BlockingIOError: another run holds it.
    """
    if fcntl is None:
        yield
        return
    folder = os.open(out, os.O_RDONLY)
    try:
        _lock(folder)
        yield
    finally:
        os.close(folder)


def _lock(folder):
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:  # a file system without locks
        return


def fingerprint():
    """A text that changes when the exercises, the checker or the grader do."""
    package, digest = Path(course_utils.__file__).parent, sha256()
    for path in sorted(path for folder in JUDGING for path in (package / folder).rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def task_digest(task):
    """A text that changes when what there is to grade does."""
    cells = None if task.cells is None else [[cell.number, cell.source] for cell in task.cells]
    return sha256(json.dumps([task.chapter, cells, task.unreadable, task.failure]).encode()).hexdigest()[:16]


class Results:
    """The file of results of one run.

    Args:
        out: path of the report's folder.
        terms: what must be the same for an earlier run's results to count, a dict for JSON.

    Attributes:
        seed: of the drawn inputs: the earlier run's, or a new one.
        kept: what the earlier run has left: (student, chapter, digest) -> `Graded`. The grader's failures are tried again.
    """

    def __init__(self, out, terms):
        self._path, self._terms = out / FILE, terms
        first, *lines = _documents(self._path)
        goes_on = first.get("terms") == terms
        self.seed = first["seed"] if goes_on else secrets.randbelow(2**32)
        self.kept = (
            {_key(line): _read(line["graded"]) for line in lines if not line["graded"]["failure"]} if goes_on else {}
        )

    @contextlib.contextmanager
    def open(self):
        """Begin the file; gives a function that writes one more result: `(key, Graded) -> None`."""
        lines = [{"terms": self._terms, "seed": self.seed}, *(_line(*pair) for pair in self.kept.items())]
        with writing():
            write_file(self._path, "".join(json.dumps(line) + "\n" for line in lines))
            file = self._path.open("a", encoding="utf-8")
        with contextlib.closing(file):

            @writing()
            def write(key, graded):
                if key not in self.kept:
                    file.write(json.dumps(_line(key, graded)) + "\n")
                    file.flush()

            yield write

    def remove(self):
        """The report holds everything: the file is not needed any more."""
        self._path.unlink(missing_ok=True)


def _documents(path):
    """The lines of the file that are whole; the last may have been cut in the middle."""
    documents = []
    with contextlib.suppress(OSError, ValueError):
        for line in path.read_text(encoding="utf-8").splitlines():
            documents.append(json.loads(line))
    return documents or [{}]


def _key(line):
    return line["student"], line["chapter"], line["digest"]


def _line(key, graded):
    student, chapter, digest = key
    document = {"failure": graded.failure, "notes": graded.notes, "verdicts": [_written(v) for v in graded.verdicts]}
    return {"student": student, "chapter": chapter, "digest": digest, "graded": document}


def _written(verdict):
    parts = asdict(verdict.curve) if verdict.curve else {}
    curve = {name: part.tolist() if isinstance(part, np.ndarray) else part for name, part in parts.items()} or None
    return asdict(replace(verdict, curve=None)) | {"curve": curve}


def _read(document):
    verdicts = tuple(
        Verdict(**fields | {"curve": _curve(fields["curve"]), "reason": fields["reason"] and Reason(fields["reason"])})
        for fields in document["verdicts"]
    )
    return Graded(verdicts, tuple(map(tuple, document["notes"])), document["failure"])


def _curve(parts):
    return parts and Curve(**{name: np.array(part) if isinstance(part, list) else part for name, part in parts.items()})
