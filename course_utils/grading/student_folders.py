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
from course_utils.grading.notebook_files import NOTEBOOK, SCRIPT
from course_utils.grading.platforms import Owner
from course_utils.texts import _

LEVELS, MOST_FOLDERS = 8, 1_000  # how deep folders are searched, and how many on each level
NAMED = 10  # files in one warning
# What operating systems, network drives and platforms create beside people's files.
SYSTEM_FILES = re.compile(
    r"__MACOSX|__pycache__|@eaDir|#recycle|lost\+found|\$RECYCLE\.BIN|System Volume Information|RECYCLER|node_modules"
    r"|site-packages|Thumbs\.db|desktop\.ini|Icon\r|timestamp\.txt|comments\.txt|.*_submissionText\.html",
    re.IGNORECASE,
)
COPIES = re.compile(r"~\$.*|.*~|.*-checkpoint\.ipynb", re.IGNORECASE)  # that editors keep
ENVIRONMENT = re.compile(r"lib|lib64|bin|scripts|include|share|etc", re.IGNORECASE)  # folders beside a pyvenv.cfg
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
        copies: `File`s that editors keep beside a notebook; they count only where nothing else was handed in.
        closed: why the grader may not read the folder, or "".
    """

    owner: Owner
    files: list = field(default_factory=list)
    copies: list = field(default_factory=list)
    closed: str = ""


def student_folders(root: Path, warnings: list[str], strays: list[str]) -> dict[str, StudentFolder]:
    """Each student's name in the report -> their `StudentFolder`.

    Args:
        root: the folder of submissions, or a platform's zip file.
        warnings: gets sentences for the teacher.
        strays: gets the names of files that belong to no student.

    Raises:
        OSError: the folder itself can't be read.
    """
    pieces = [piece for place, names in _students_places(root, warnings) for piece in _pieces(place, names, strays)]
    called = platforms.labels(owner for owners, _piece in pieces for owner in owners)
    folders = {}
    for owners, piece in pieces:
        for owner in owners:
            folder = folders.setdefault(called[platforms.person(owner)], StudentFolder(owner))
            folder.owner = replace(owner, late=owner.late or folder.owner.late)
            if piece is not None:
                _look_through(folder, piece, owner)
    for folder in folders.values():
        if not any(NOTEBOOK.search(file.name) or SCRIPT.search(file.name) for file in folder.files):
            folder.files += [replace(file, problem=NOT_GRADED["copy"]) for file in folder.copies[:NAMED]]
    return folders


def _students_places(root, warnings):
    """Where the students' folders are, and what is in there: a list of `(folder, {name: whether it is a folder})`."""
    names = _entries(root, warnings)
    if "submitted" in names and NBGRADER & set(names):
        warnings.append(WARNINGS["inner"].format(outer=shown(root.name), inner="submitted"))
        return [(root / "submitted", _entries(root / "submitted", warnings))]
    inner, several = {}, {}
    for name, folder in names.items():
        packed = archives.ZIP.search(name) and not folder
        if (not folder and not packed) or platforms.owner(name, folder=folder):
            continue
        with contextlib.suppress(OSError):  # it is a student's own folder; the error is reported when it is searched
            inside = _entries(root / name, None)
            alone = len(names) == 1
            if _is_a_download(inside, alone=alone) or (packed and inside and alone):
                inner[name] = _entries(root / name, warnings)
            elif folder and len(people := _several_people(root / name, inside)) > 1:
                several[name] = people
    for name in [name for name in inner if archives.ZIP.sub("", name) in inner.keys() - {name}]:
        del inner[name], names[name]  # the download itself, beside the folder into which it was unpacked
    for name in inner:
        warnings.append(WARNINGS["inner"].format(outer=shown(root.name), inner=shown(name)))
    folders = sum(names.values())
    if 2 * len(several) >= folders and (len(several) > 1 or folders == 1):
        for name, people in several.items():
            words = {"folder": shown(name), "names": shortened([shown(n) for n in people])}
            warnings.append(WARNINGS["outer"].format(place=f"{shown(root.name)}/{shown(name)}", **words))
    own = {name: folder for name, folder in names.items() if name not in inner}
    return [*((root / name, inside) for name, inside in inner.items()), *([(root, own)] if own else [])]


def _is_a_download(inside, *, alone):
    """Whether most names in a folder follow a platform's pattern; a single file of a student may do so by chance.

    Args:
        inside: as from `_entries`.
        alone: whether nothing lies beside the folder.
    """
    owners = {name: owner for name, folder in inside.items() if (owner := platforms.owner(name, folder=folder))}
    people = {platforms.person(owner) for owner in owners.values()}
    sure = any(inside[name] or (alone and owner.platform != "canvas") for name, owner in owners.items())
    return platforms.METADATA in inside or (2 * len(owners) >= len(inside) and len(people) > (0 if sure else 1))


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
    logins = platforms.blackboard_logins(names, _blackboard_notes(place, names))
    pieces, platform_seen = [], bool(known)
    for name, folder in names.items():
        owner = platforms.owner(name, folder=folder)
        if name in known:
            pieces.append((known[name], place / name))
        elif owner:
            platform_seen = True
            if owner.platform == "blackboard" and (login := logins.get(platforms.attempt_of(name))):
                owner = replace(owner, name=login, id=login)
            note = (
                owner.platform == "blackboard"
                and owner.rest.endswith(".txt")
                and platforms.attempt_of(name) == name.removesuffix(".txt")
            )
            pieces.append(([owner], None if note else place / name))
        elif folder:
            pieces.append(([Owner("", _text(name))], place / name))
        elif not (platform_seen and name in (platforms.METADATA, "index.html")):
            strays.append(name)
    return pieces


def _blackboard_notes(place, names):
    """Attempt -> login, read from the text files that Blackboard adds."""
    attempts = {name: platforms.attempt_of(name) for name in names}
    read = {
        attempt: platforms.blackboard_login(first_bytes(place / name, 20_000).decode(errors="replace"))
        for name, attempt in attempts.items()
        if attempt and name == f"{attempt}.txt"
    }
    return {attempt: login for attempt, login in read.items() if login}


def _text(name):
    """A folder's name as text, whatever the locale's encoding: nearly every file system stores UTF-8."""
    return os.fsencode(name).decode("utf-8", "surrogateescape")


def _entries(place, warnings):
    """The sorted contents of a folder or an archive without system files: `{name: whether it is a folder}`."""
    if not place.is_dir():
        return _entries_of_archive(place, warnings)
    found = {}
    with os.scandir(place) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.name.startswith(".") and warnings is not None and _hides_notebooks(entry):
                warnings.append(WARNINGS["hidden"].format(file=shown(entry.name)))
            if _may_be_a_person(entry.name):
                found[entry.name] = entry.is_dir()
    return found


def _entries_of_archive(place, warnings):
    """The same for an archive, or for a folder in one."""
    archive = next((path for path in (place, *place.parents) if path.is_file()), None)
    start = f"{place.relative_to(archive).as_posix()}/" if archive and archive != place else ""
    try:
        names = archives.below(archive, start[:-1]) if archive else []
    except archives.BadArchive as reason:
        if warnings is not None:
            warnings.append(WARNINGS["archive"].format(file=shown(archive.name), reason=reason))
        return {}
    inside = sorted(name.removeprefix(start).split("/") for name in names if name.startswith(start))
    return {
        parts[0]: len(parts) > 1 and not archives.ZIP.search(parts[0])
        for parts in inside
        if _may_be_a_person(parts[0]) and not any(map(_is_system_file, parts[1:]))
    }


def _may_be_a_person(name):
    """Whether something among the students' folders may be one: no system file, and no file of a platform's that looks like one."""
    return not _is_system_file(name) or platforms.owner(name, folder=False) is not None


def _is_system_file(name):
    return name.startswith(".") or bool(SYSTEM_FILES.fullmatch(name))


def _is_a_copy(name):
    return bool(NOTEBOOK.search(name.rstrip("~")) and COPIES.fullmatch(name))


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
            _add_archive(folder, piece, name, made)
        else:
            (folder.copies if _is_a_copy(name) else folder.files).append(made(piece, name))
        return
    level = [piece]
    for depth in range(LEVELS):
        level, places = [], level
        for place in places[:MOST_FOLDERS]:
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
                if _is_system_file(entry.name) and not _is_hidden_notebook(entry):
                    folder.copies += _copies_in(path, name, made) if is_folder else ()
                    continue
                if is_folder:
                    level.append(path)
                if archives.ZIP.search(entry.name) and not is_folder:
                    _add_archive(folder, path, name, made)
                elif _is_a_copy(entry.name):
                    folder.copies.append(made(path, name))
                # A folder that is named like a notebook is reported as an unreadable one.
                elif not is_folder or NOTEBOOK.search(entry.name):
                    folder.files.append(made(path, name))
        folder.files += _not_searched(places[MOST_FOLDERS:], piece, made, "many")
    folder.files += _not_searched(level, piece, made, "deep")


def _not_searched(places, piece, made, why):
    """One `File` for folders that were not looked into, with the reason."""
    return [made(place, place.relative_to(piece).as_posix(), problem=NOT_GRADED[why]) for place in places[:1]]


def _copies_in(folder, name, made):
    """The notebooks in a hidden folder or one of a system's, without those in the folders below it."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        found = sorted(entry.name for entry in entries if NOTEBOOK.search(entry.name))
        return [made(folder / one, f"{name}/{one}") for one in found]
    return []


def _scanned(folder):
    """What is in a folder, sorted by name, without the folders of a virtual environment."""
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    if any(entry.name == "pyvenv.cfg" for entry in found):
        return [entry for entry in found if entry.name != "pyvenv.cfg" and not ENVIRONMENT.fullmatch(entry.name)]
    return found


def _add_archive(folder, path, name, made):
    """Add the files in an archive to a student's `StudentFolder`."""
    for file in _in_archive(path, name, made):
        parts = file.name.split("/")
        copy = _is_a_copy(parts[-1]) or (NOTEBOOK.search(parts[-1]) and any(map(_is_system_file, parts[:-1])))
        (folder.copies if copy else folder.files).append(file)


def _in_archive(path, name, made):
    """The files in an archive; if it can't be read, the archive itself."""
    archive, inside = path, ""
    if not path.is_file():  # a folder or a file inside one
        archive = next(parent for parent in path.parents if parent.is_file())
        inside = path.relative_to(archive).as_posix()
    try:
        if not archive.resolve(strict=True).is_file():
            raise archives.BadArchive(NOT_GRADED["no_file"])
        names = archives.below(archive, inside)
    except PermissionError as error:
        return [made(path, name, problem=error.strerror)]
    except (archives.BadArchive, OSError, RuntimeError) as reason:
        return [made(path, name, problem=getattr(reason, "strerror", None) or str(reason))]
    short = {
        own: name if own == inside else own.removeprefix(f"{inside}/") if inside else f"{name}/{own}" for own in names
    }
    found = [
        made(archive / own, shown_as)
        for own, shown_as in short.items()
        if NOTEBOOK.search(own) or not any(map(_is_system_file, shown_as.split("/")))
    ]
    return found or [made(path, name, problem=NOT_GRADED["empty"])]


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
    """Whether the files include a copy of the course's repository, and the files that are not part of it.

    A notebook's content says whose it is, wherever it lies.
    """
    names = {file.name for file in files}
    if not any(name.endswith(f"{own_files.PACKAGE}/__init__.py") for name in names):
        return False, files
    others = [f for f in files if NOTEBOOK.search(f.name) or not own_files.lies_in_the_course(f.name, names)]
    return len(others) < len(files), others


def shortened(names: Sequence[str]) -> str:
    """The first names as a list in words, with the number of the others."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (_(" and {number} more").format(number=more) if more > 0 else "")
