"""Finds each student's folder and all the files in it, as learning platforms, nbgrader or people lay them out. Nothing is run."""

import contextlib
import os
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from course_utils.grading import archives, own_files, platforms
from course_utils.grading.files import shown
from course_utils.grading.grading_messages import NOT_GRADED, WARNINGS
from course_utils.grading.notebook_files import NOTEBOOK
from course_utils.grading.platforms import Owner
from course_utils.texts import _

LEVELS, MOST_FOLDERS = 8, 1_000  # how deep folders are searched, and how many on each level
NAMED = 10  # files in one warning
# What operating systems, network drives and editors create beside people's files.
SYSTEM_FILES = re.compile(
    r"__MACOSX|__pycache__|@eaDir|#recycle|lost\+found|\$RECYCLE\.BIN|System Volume Information|RECYCLER|node_modules"
    r"|site-packages|Thumbs\.db|desktop\.ini|Icon\r|~\$.*|.*~|.*-checkpoint\.ipynb",
    re.IGNORECASE,
)
NBGRADER = {"source", "release", "gradebook.db", "nbgrader_config.py", "autograded", "feedback"}


@dataclass(frozen=True)
class File:
    """Something that a student handed in.

    Args:
        path: where to read it; it may lead into an archive.
        name: its path inside the student's folder, with `/`.
        when: the time of its attempt, as text that sorts by time; "" unless a platform gives it.
        problem: why it can't be read, or "".
    """

    path: Path
    name: str
    when: str = ""
    problem: str = ""


@dataclass
class StudentFolder:
    """What one student handed in.

    Args:
        owner: the student, as the platform names them.
        files: list of `File`, the nearest first.
        closed: why the grader may not read the folder, or "".
        deeper: whether some folders were too deep to be searched.
    """

    owner: Owner
    files: list = field(default_factory=list)
    closed: str = ""
    deeper: bool = False


def student_folders(root: Path, warnings: list[str], strays: list[str]) -> dict[str, StudentFolder]:
    """Each student's name in the report -> their `StudentFolder`.

    Args:
        root: the folder of submissions, or a platform's zip file.
        warnings: gets sentences for the teacher.
        strays: gets the names of files that belong to no student.

    Raises:
        OSError: the folder itself can't be read.
    """
    place, names = _students_place(root, warnings)
    pieces = _pieces(place, names, strays)
    called = platforms.labels(owner for owners, _piece in pieces for owner in owners)
    folders = {}
    for owners, piece in pieces:
        for owner in owners:
            folder = folders.setdefault(called[platforms.person(owner)], StudentFolder(owner))
            folder.owner = replace(owner, late=owner.late or folder.owner.late)
            if piece is not None:
                _look_through(folder, piece, owner)
    return folders


def _students_place(root, warnings):
    """Where the students' folders are, and what is in there: `{name: whether it is a folder}`."""
    names = _entries(root, warnings)
    if "submitted" in names and NBGRADER & set(names):
        warnings.append(WARNINGS["inner"].format(outer=shown(root.name), inner="submitted"))
        return root / "submitted", _entries(root / "submitted", warnings)
    if len(names) == 1:
        (name, folder), inside = next(iter(names.items())), {}
        if (folder or archives.ZIP.search(name)) and not platforms.owner(name, folder=folder):
            with contextlib.suppress(
                OSError
            ):  # it is the student's own folder; the error is reported when it is searched
                inside = _entries(root / name, warnings)
        if _is_a_download(inside) or (inside and not folder):
            warnings.append(WARNINGS["inner"].format(outer=shown(root.name), inner=shown(name)))
            return root / name, inside
        if len(several := _several_people(root / name, inside)) > 1:
            words = {"folder": shown(name), "names": shortened([shown(n) for n in several])}
            warnings.append(WARNINGS["outer"].format(place=f"{shown(root.name)}/{shown(name)}", **words))
    return root, names


def _is_a_download(inside):
    """Whether most names in a folder follow a platform's pattern; a single file of a student may do so by chance."""
    owners = [owner for name, folder in inside.items() if (owner := platforms.owner(name, folder=folder))]
    people, other = {platforms.person(owner) for owner in owners}, any(owner.platform != "canvas" for owner in owners)
    return platforms.METADATA in inside or (2 * len(owners) >= len(inside) and len(people) > (0 if other else 1))


def _several_people(place, inside):
    """The sub-folders of a student's folder that hold a notebook of the same name, as if each belonged to a person."""
    holders = defaultdict(list)
    for name, folder in inside.items():
        with contextlib.suppress(OSError):
            for found in _entries(place / name, None) if folder else ():
                if NOTEBOOK.search(found):
                    holders[found].append(name)
    return max(holders.values(), key=len, default=[])


def _pieces(place, names, strays):
    """A list of (owners, path); the path is None for a note that only says who handed in."""
    folders = [name for name, folder in names.items() if folder]
    known = {}
    if platforms.METADATA in names:
        known = platforms.gradescope_owners(folders, first_bytes(place / platforms.METADATA, platforms.MOST_METADATA))
    elif folders and all((place / name / ".git").is_dir() for name in folders):
        known = {folder: [owner] for folder, owner in platforms.github_owners(folders).items()}
    logins = _blackboard_logins(place, names)
    pieces, platform_seen = [], bool(known)
    for name, folder in names.items():
        owner = platforms.owner(name, folder=folder)
        if name in known:
            pieces.append((known[name], place / name))
        elif owner:
            platform_seen = True
            if owner.platform == "blackboard" and (login := logins.get(_attempt(name))):
                owner = replace(owner, name=login, id=login)
            note = (
                owner.platform == "blackboard"
                and owner.rest.endswith(".txt")
                and _attempt(name) == name.removesuffix(".txt")
            )
            pieces.append(([owner], None if note else place / name))
        elif folder:
            pieces.append(([Owner("", _text(name))], place / name))
        elif not (platform_seen and name in (platforms.METADATA, "index.html")):
            strays.append(name)
    return pieces


def _attempt(name):
    """The prefix that Blackboard gives to the names of all files of one attempt."""
    found = platforms.BLACKBOARD.fullmatch(name)
    return name[: found.end("when")] if found else ""


def _blackboard_logins(place, names):
    """Attempt -> login, read from Blackboard's text files: a login may contain the `_` that separates the parts of a name."""
    notes = [name for name in names if _attempt(name) and name == f"{_attempt(name)}.txt"]
    read = {
        _attempt(name): platforms.blackboard_login(first_bytes(place / name, 20_000).decode(errors="replace"))
        for name in notes
    }
    return {attempt: login for attempt, login in read.items() if login and f"_{login}_attempt_" in f"_{attempt}_"}


def _text(name):
    """A folder's name as text, whatever the locale's encoding: nearly every file system stores UTF-8."""
    return os.fsencode(name).decode("utf-8", "surrogateescape")


def _entries(place, warnings):
    """The sorted contents of a folder or an archive without system files: `{name: whether it is a folder}`."""
    if not place.is_dir():
        return _entries_of_archive(place)
    found = {}
    with os.scandir(place) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.name.startswith(".") and warnings is not None and _hides_notebooks(entry):
                warnings.append(WARNINGS["hidden"].format(file=shown(entry.name)))
            if not _is_system_file(entry.name):
                found[entry.name] = entry.is_dir()
    return found


def _entries_of_archive(place):
    """The same for an archive, or for a folder in one."""
    archive = next((path for path in (place, *place.parents) if path.is_file()), None)
    try:
        names = [name for name, _changed in archives.files(archive)] if archive else []
    except archives.BadArchive:
        return {}
    start = f"{place.relative_to(archive).as_posix()}/" if archive and archive != place else ""
    inside = sorted(name.removeprefix(start).split("/") for name in names if name.startswith(start))
    return {
        parts[0]: len(parts) > 1 and not archives.ZIP.search(parts[0])
        for parts in inside
        if not any(map(_is_system_file, parts))
    }


def _is_system_file(name):
    return name.startswith(".") or bool(SYSTEM_FILES.fullmatch(name))


def _is_hidden_notebook(entry):
    return entry.name.startswith(".") and entry.is_file(follow_symlinks=False) and _hides_notebooks(entry)


def _hides_notebooks(entry):
    """Whether a hidden file or folder holds notebooks and is not one that Jupyter, git or a file manager made."""
    if entry.name.startswith((".ipynb_checkpoints", ".git", ".Trash", ".cache", ".local", "._")):
        return False
    if not entry.is_dir(follow_symlinks=False):
        return bool(NOTEBOOK.search(entry.name))
    try:
        return any(NOTEBOOK.search(name) for name in os.listdir(entry.path))
    except OSError:
        return False


def _look_through(folder, piece, owner):
    """Add a piece's files to a student's `StudentFolder`, the nearest first.

    Links to folders are not followed: they may lead anywhere.
    """
    made = partial(File, when=owner.when)
    if not piece.is_dir():
        name = owner.rest or piece.name
        if archives.around(piece / "x", piece.parent) or not piece.exists():  # an archive, or something inside one
            folder.files += _in_archive(piece, name, made)
        else:
            folder.files.append(made(piece, name))
        return
    level = [piece]
    for depth in range(LEVELS):
        level, places = [], level[:MOST_FOLDERS]
        for place in places:
            try:
                entries = _scanned(place)
            except OSError as error:
                folder.closed = folder.closed or (
                    error.strerror if depth < 2 else ""
                )  # deeper down, no notebook is expected
                continue
            for entry in entries:
                path, is_folder = Path(entry.path), entry.is_dir(follow_symlinks=False)
                name = path.relative_to(piece).as_posix()
                if is_folder:
                    level.append(path)
                if archives.ZIP.search(entry.name) and not is_folder:
                    folder.files += _in_archive(path, name, made)
                # A folder that is named like a notebook is reported as an unreadable one.
                elif not is_folder or NOTEBOOK.search(entry.name):
                    folder.files.append(made(path, name))
    folder.deeper = folder.deeper or bool(level)


def _scanned(folder):
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    if any(entry.name == "pyvenv.cfg" for entry in found):  # a virtual environment that was handed in with the rest
        return []
    return [entry for entry in found if not _is_system_file(entry.name) or _is_hidden_notebook(entry)]


def _in_archive(path, name, made):
    """The files in an archive; if it can't be read, the archive itself."""
    archive, inside = path, ""
    if not path.is_file():  # a folder or a file inside one
        archive = next(parent for parent in path.parents if parent.is_file())
        inside = path.relative_to(archive).as_posix()
    try:
        if not archive.resolve(strict=True).is_file():
            raise archives.BadArchive(NOT_GRADED["no_file"])
        found = [
            (own, changed) for own, changed in archives.files(archive) if not any(map(_is_system_file, own.split("/")))
        ]
    except PermissionError as error:
        return [made(path, name, problem=error.strerror)]
    except (archives.BadArchive, OSError, RuntimeError) as reason:
        return [made(path, name, problem=getattr(reason, "strerror", None) or str(reason))]
    if not inside:
        return [made(archive / own, f"{name}/{own}") for own, _changed in found] or [made(path, name)]
    own = [(archive / place, place.removeprefix(f"{inside}/")) for place, _changed in found]
    return [
        made(place, name if short == inside else short)
        for place, short in own
        if short == inside or place.as_posix().startswith(f"{path.as_posix()}/")
    ]


def first_bytes(path: Path, most: int) -> bytes:
    """At most `most` bytes from the beginning of a file; b"" if it can't be read."""
    try:
        archive = archives.around(path, path.parents[1])
        if archive:
            return archives.read(archive, path.relative_to(archive).as_posix(), most)
        with path.open("rb") as file:
            return file.read(most)
    except (OSError, archives.BadArchive):
        return b""


def without_the_course(files: Sequence[File]) -> tuple[bool, Sequence[File]]:
    """Whether the files include a copy of the course's repository, and the files that are not part of it."""
    names = {file.name for file in files}
    if not any(name.endswith(f"{own_files.PACKAGE}/__init__.py") for name in names):
        return False, files
    others = [file for file in files if not own_files.lies_in_the_course(file.name, names)]
    return len(others) < len(files), others


def shortened(names: Sequence[str]) -> str:
    """The first names as a list in words, with the number of the others."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (_(" and {number} more").format(number=more) if more > 0 else "")
