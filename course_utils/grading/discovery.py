"""Finds who handed in what, and which file is which chapter's notebook. Nothing of a submission is run here, and none raises."""

import contextlib
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from course_utils.exercises import chapters as all_chapters
from course_utils.grading import archives, own_files, platforms, submissions
from course_utils.grading.grading_messages import NOT_GRADED, WARNINGS
from course_utils.grading.platforms import Owner
from course_utils.grading.submissions import NOTEBOOK, SCRIPT, Closed, Unreadable, shown
from course_utils.texts import _

LEVELS, MOST_FOLDERS = 8, 1_000  # folders inside of folders that are looked through, and how many on each level
MOST_FILES = 200  # of a student's that are looked into to find out what they are
NAMED = 10  # files in one warning
SAME_MOMENT = 2  # seconds: files that were unpacked or copied together are equally new
PAGE = re.compile(r"\.(?:pdf|html?)$", re.IGNORECASE)
PACKED = re.compile(r"\.(?:zip|rar|7z|tar|t?gz|tgz|bz2|xz)$", re.IGNORECASE)
MADE_FROM_NOTEBOOK = (b"jp-Notebook", b"jupyter", b"nbconvert")  # in a page that Jupyter has made
COPY = re.compile(
    r"(?:\((\d+)\)|-Copy(\d+)|-(\d+))$", re.IGNORECASE
)  # how browsers, Jupyter and Canvas name a second one
SOLUTIONS = "solutions"  # a folder of the course's own
# What computers, network drives and editors put beside people's files.
NOBODYS = re.compile(
    r"__MACOSX|__pycache__|@eaDir|#recycle|lost\+found|\$RECYCLE\.BIN|System Volume Information|RECYCLER|node_modules"
    r"|site-packages|Thumbs\.db|desktop\.ini|Icon\r|~\$.*|.*~|.*-checkpoint\.ipynb",
    re.IGNORECASE,
)
NBGRADER = {"source", "release", "gradebook.db", "nbgrader_config.py", "autograded", "feedback"}
FEW = 0.5  # share of those who handed in anything; a chapter from fewer may not have been asked for


@dataclass(frozen=True)
class HandedIn:
    """What lies in the folder of submissions.

    Args:
        students: what they are called in the report, sorted: their folders' names, or the names that a platform gave.
        chapters: those that are graded, in the course's order.
        notebooks: (student, chapter) -> path, which may lead into an archive.
        warnings: sentences for the teacher.
        closed: student -> why the grader may not read their folder.
        unread: student -> the names of their files that were not taken for a chapter's notebook, a text; those without are absent.
        owners: student -> `Owner`, who they are for the platform that the files came from.
        helpers: (student, chapter) -> {name: text} of the student's own files that the notebook imports; those without are absent.
    """

    students: tuple[str, ...]
    chapters: tuple[str, ...]
    notebooks: dict
    warnings: tuple[str, ...]
    closed: dict = field(default_factory=dict)
    unread: dict = field(default_factory=dict)
    owners: dict = field(default_factory=dict)
    helpers: dict = field(default_factory=dict)

    def unread_for(self, student: str, chapter: str) -> str:
        """The student's files among which a chapter's notebook may be: those that were not read, unless others were."""
        names = self.unread.get(student, "")
        others = any(owner == student for owner, _chapter in self.notebooks)
        return names if not others or chapter.casefold() in names.casefold() else ""


@dataclass(frozen=True)
class File:
    """Something that a student handed in.

    Args:
        path: where it is read; it may lead into an archive.
        name: what the student sees of it, inside of what they handed in, with `/`.
        when: of its attempt, a text that sorts by time, where a platform says so.
        problem: why it can't be looked into, or "".
    """

    path: Path
    name: str
    when: str = ""
    problem: str = ""


@dataclass
class _Folder:
    """What one student handed in, while it is looked through."""

    owner: Owner
    files: list = field(default_factory=list)
    closed: str = ""
    deeper: bool = False


def find(root: Path, chapters: Sequence[str], asked: Sequence[str] = ()) -> HandedIn:
    """Look through a folder of submissions, or a learning platform's zip file of them.

    Args:
        root: path of the folder or the zip file. A folder in it is one student's, unless a platform's name says otherwise.
        chapters: the names of the course's chapters; other notebooks are named in a warning.
        asked: the chapters to grade; () for all that anybody handed in.

    Raises:
        OSError: the folder itself can't be read.
    """
    warnings = []
    folders = _folders(root, warnings, strays := [])
    notebooks, closed, unread, helpers, with_the_course = {}, {}, {}, {}, []
    for student, folder in sorted(folders.items()):
        own, files = _without_the_course(folder.files)
        with_the_course += [student] if own else []
        if folder.closed:
            closed[student] = folder.closed
            warnings.append(WARNINGS["closed"].format(student=shown(student), reason=folder.closed))
        if folder.deeper:
            warnings.append(WARNINGS["deeper"].format(student=shown(student), levels=LEVELS))
        known, others = _sorted_out(root, files, chapters)
        notebooks |= {(student, chapter): same[0].path for chapter, same in known.items()}
        imported = set()
        for chapter, (used, *_unused) in known.items():
            texts, own = _helpers(root, used, files)
            helpers |= {(student, chapter): texts} if texts else {}
            imported |= {file for name, file in own.items() if name in texts}
            warnings += _about_helpers(student, chapter, texts)
        others = [(file, reason) for file, reason in others if file not in imported]
        warnings += _about(student, known, others, imported)
        if others:
            unread[student] = _names(others)
    if with_the_course:
        warnings.append(WARNINGS["with_the_course"].format(students=_some([shown(name) for name in with_the_course])))
    warnings += [WARNINGS["no_student"].format(file=shown(name)) for name in strays]
    present = {chapter for _, chapter in notebooks}
    graded = tuple(c for c in chapters if c in (asked or present))
    warnings += _about_chapters(graded, [c for c in chapters if c in present], notebooks, asked)
    owners = {student: folder.owner for student, folder in folders.items() if folder.owner.platform}
    students = tuple(sorted(folders))
    kept = {place: path for place, path in notebooks.items() if place[1] in graded}
    return HandedIn(students, graded, kept, tuple(warnings), closed, unread, owners, helpers)


# ---- whose it is


def _folders(root, warnings, strays):
    """Student -> their `_Folder`; `strays` gets the names of what lies in nobody's."""
    place, names = _students_place(root, warnings)
    pieces = _pieces(place, names, strays)
    called = platforms.labels(owner for owners, _piece in pieces for owner in owners)
    folders = {}
    for owners, piece in pieces:
        for owner in owners:
            folder = folders.setdefault(called[platforms.person(owner)], _Folder(owner))
            folder.owner = replace(owner, late=owner.late or folder.owner.late)
            if piece is not None:
                _look_through(folder, piece, owner)
    return folders


def _students_place(root, warnings):
    """Where the students' folders are, and what lies there: `{name: whether it is a folder}`."""
    names = _entries(root, warnings)
    if "submitted" in names and NBGRADER & set(names):
        warnings.append(WARNINGS["inner"].format(outer=shown(root.name), inner="submitted"))
        return root / "submitted", _entries(root / "submitted", warnings)
    if len(names) == 1:
        (name, folder), inside = next(iter(names.items())), {}
        if (folder or archives.ZIP.search(name)) and not platforms.owner(name, folder=folder):
            with contextlib.suppress(OSError):  # the student's own folder, which is said when it is looked through
                inside = _entries(root / name, warnings)
        if _is_a_download(inside) or (inside and not folder):
            warnings.append(WARNINGS["inner"].format(outer=shown(root.name), inner=shown(name)))
            return root / name, inside
        if len(several := _several_people(root / name, inside)) > 1:
            words = {"folder": shown(name), "names": _some([shown(n) for n in several])}
            warnings.append(WARNINGS["outer"].format(place=f"{shown(root.name)}/{shown(name)}", **words))
    return root, names


def _is_a_download(inside):
    """Whether most of what lies in a folder is named as a platform does it; one file of a student's own may be named so, too."""
    owners = [owner for name, folder in inside.items() if (owner := platforms.owner(name, folder=folder))]
    people, other = {platforms.person(owner) for owner in owners}, any(owner.platform != "canvas" for owner in owners)
    return platforms.METADATA in inside or (2 * len(owners) >= len(inside) and len(people) > (0 if other else 1))


def _several_people(place, inside):
    """The folders in a student's folder of which several hold a notebook of the same name, as if they were people's."""
    holders = defaultdict(list)
    for name, folder in inside.items():
        with contextlib.suppress(OSError):
            for found in _entries(place / name, None) if folder else ():
                if NOTEBOOK.search(found):
                    holders[found].append(name)
    return max(holders.values(), key=len, default=[])


def _pieces(place, names, strays):
    """What lies there: a list of (its owners, its path, or None where it says who handed in and nothing more)."""
    folders = [name for name, folder in names.items() if folder]
    known = {}
    if platforms.METADATA in names:
        known = platforms.gradescope_owners(folders, _bytes(place / platforms.METADATA, platforms.MOST_METADATA))
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
    """The part of a name that Blackboard gives to all files of an attempt."""
    found = platforms.BLACKBOARD.fullmatch(name)
    return name[: found.end("when")] if found else ""


def _blackboard_logins(place, names):
    """Attempt -> login, from the pages that Blackboard writes beside the files: a login may hold the `_` that parts the names."""
    notes = [name for name in names if _attempt(name) and name == f"{_attempt(name)}.txt"]
    read = {
        _attempt(name): platforms.blackboard_login(_bytes(place / name, 20_000).decode(errors="replace"))
        for name in notes
    }
    return {attempt: login for attempt, login in read.items() if login and f"_{login}_attempt_" in f"_{attempt}_"}


def _text(name):
    """A folder's name as text, whatever letters the terminal's setting has: it is UTF-8 nearly everywhere."""
    return os.fsencode(name).decode("utf-8", "surrogateescape")


# ---- what there is


def _entries(place, warnings):
    """What lies in a folder or an archive, sorted, without what nobody handed in: `{name: whether it is a folder}`."""
    if not place.is_dir():
        return _entries_of_archive(place)
    found = {}
    with os.scandir(place) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.name.startswith(".") and warnings is not None and _hides_notebooks(entry):
                warnings.append(WARNINGS["hidden"].format(file=shown(entry.name)))
            if not _is_nobodys(entry.name):
                found[entry.name] = entry.is_dir()
    return found


def _entries_of_archive(place):
    """The same for an archive, or a folder in one."""
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
        if not any(map(_is_nobodys, parts))
    }


def _is_nobodys(name):
    return name.startswith(".") or bool(NOBODYS.fullmatch(name))


def _is_hidden_notebook(entry):
    return entry.name.startswith(".") and entry.is_file(follow_symlinks=False) and _hides_notebooks(entry)


def _hides_notebooks(entry):
    """Whether something hidden holds notebooks, and is none of what Jupyter, git and file managers hide."""
    if entry.name.startswith((".ipynb_checkpoints", ".git", ".Trash", ".cache", ".local", "._")):
        return False
    if not entry.is_dir(follow_symlinks=False):
        return bool(NOTEBOOK.search(entry.name))
    try:
        return any(NOTEBOOK.search(name) for name in os.listdir(entry.path))
    except OSError:
        return False


def _look_through(folder, piece, owner):
    """Add a piece's files to a student's `_Folder`, the nearest first.

    Links to folders are not followed: they may lead anywhere, or nowhere.
    """
    made = partial(File, when=owner.when)
    if not piece.is_dir():
        name = owner.rest or piece.name
        if archives.around(piece / "x", piece.parent) or not piece.exists():  # an archive, or something inside of one
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
                folder.closed = folder.closed or (error.strerror if depth < 2 else "")  # deeper, nothing is looked for
                continue
            for entry in entries:
                path, is_folder = Path(entry.path), entry.is_dir(follow_symlinks=False)
                name = path.relative_to(piece).as_posix()
                if is_folder:
                    level.append(path)
                if archives.ZIP.search(entry.name) and not is_folder:
                    folder.files += _in_archive(path, name, made)
                elif not is_folder or NOTEBOOK.search(
                    entry.name
                ):  # a folder called like a notebook is one that can't be read
                    folder.files.append(made(path, name))
    folder.deeper = folder.deeper or bool(level)


def _scanned(folder):
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    if any(entry.name == "pyvenv.cfg" for entry in found):  # Python's packages, handed in with the rest
        return []
    return [entry for entry in found if not _is_nobodys(entry.name) or _is_hidden_notebook(entry)]


def _in_archive(path, name, made):
    """The files in an archive; the archive itself where it can't be read."""
    archive, inside = path, ""
    if not path.is_file():  # a folder or a file inside of one
        archive = next(parent for parent in path.parents if parent.is_file())
        inside = path.relative_to(archive).as_posix()
    try:
        if not archive.resolve(strict=True).is_file():
            raise archives.BadArchive(NOT_GRADED["no_file"])
        found = [
            (own, changed) for own, changed in archives.files(archive) if not any(map(_is_nobodys, own.split("/")))
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


def _bytes(path, most):
    """The beginning of a file in the folder of submissions; b"" where it can't be read."""
    try:
        archive = archives.around(path, path.parents[1])
        if archive:
            return archives.read(archive, path.relative_to(archive).as_posix(), most)
        with path.open("rb") as file:
            return file.read(most)
    except (OSError, archives.BadArchive):
        return b""


def _without_the_course(files):
    """(Whether the course's own repository is among them, the others)."""
    names = {file.name for file in files}
    if not any(name.endswith(f"{own_files.PACKAGE}/__init__.py") for name in names):
        return False, files
    others = [file for file in files if not own_files.lies_in_the_course(file.name, names)]
    return len(others) < len(files), others


# ---- which chapter it is


@dataclass(frozen=True)
class _Candidate:
    """A file that may be a chapter's notebook, the better the smaller its `rank`.

    Args:
        file: the `File`.
        answered: chapter -> how many of its exercises are answered there.
        named: chapter -> how many are there, answered or not.
        own: whether it is the course's, such as a chapter to read.
    """

    file: File
    answered: dict
    named: dict
    own: bool = False


def _sorted_out(root, files, chapters):
    """The files of a student: chapter -> files, the one to be graded first; and those that are no chapter's, with reasons."""
    found, others, looked = defaultdict(list), [], 0
    for file in files:
        if file.problem or not (NOTEBOOK.search(file.name) or SCRIPT.search(file.name)):
            others.append((file, file.problem or _why_not(file)))
            continue
        looked += 1
        candidate, reason = _candidate(file, root, chapters) if looked <= MOST_FILES else (None, NOT_GRADED["too_many"])
        if candidate is None:
            others.append((file, reason))
            continue
        for chapter in _chapters_of(candidate, chapters):
            found[chapter].append(candidate)
        if not _chapters_of(candidate, chapters):
            others.append((file, ""))
    return {chapter: _best_first(same, chapter) for chapter, same in found.items()}, others


def _candidate(file, root, chapters):
    """A `_Candidate` and "", or None and why it is none."""
    try:
        look = submissions.look(file.path, root)
    except Closed:
        return _Candidate(file, {}, {}), ""  # reading it will say so
    except Unreadable as problem:
        script = SCRIPT.search(file.name) or not _chapter_in(file.name, chapters)
        return (None, str(problem)) if script else (_Candidate(file, {}, {}), "")
    folders = file.name.casefold().split("/")[:-1]
    if look.kind == "solutions" or (SOLUTIONS in folders and look.kind != "exercises"):
        return None, NOT_GRADED["solutions"]
    if look.kind == "package" or (SCRIPT.search(file.name) and not look.names):
        return None, NOT_GRADED["script"] if look.kind != "package" else NOT_GRADED["course"]
    per = {c: look.names.intersection(all_chapters().get(c, ())) for c in chapters}
    named = {c: len(names) for c, names in per.items() if names}
    answered = {c: len(names & look.answered) for c, names in per.items() if names & look.answered}
    if look.chapter in chapters and look.kind == "exercises":
        named = {look.chapter: 1000} | {c: n for c, n in named.items() if c != look.chapter}
    return _Candidate(file, answered, named, look.kind == "chapter"), ""


def _chapters_of(candidate, chapters):
    """The chapters that a file is the notebook of: what is in it says so first, then its name.

    Several chapters' exercises may stand in one notebook; a function or two of another chapter are helpers.
    """
    if candidate.own or not candidate.named:
        name = _chapter_in(candidate.file.name, chapters)
        return [name] if name else []
    main = max(candidate.named, key=candidate.named.get)
    whole = [c for c, n in candidate.answered.items() if c != main and 2 * n >= len(all_chapters()[c]) and n > 1]
    return [main, *whole]


def _best_first(candidates, chapter):
    """Answers before none, a notebook before a script; then the newest attempt, the newest file, the nearest, the right name.

    Among answers that are equally new the highest number of a copy is the newest.
    """
    groups = defaultdict(list)
    for candidate in candidates:
        own, there = candidate.own, chapter in candidate.named
        kind = 0 if candidate.answered.get(chapter) else 1 if there else 3 if own else 2
        groups[kind, bool(SCRIPT.search(candidate.file.name))].append(candidate.file)
    return [file for key in sorted(groups) for file in _newest_first(groups[key], chapter, answered=key[0] == 0)]


def _newest_first(files, chapter, *, answered):
    latest = max(file.when for file in files)
    newest = max(_changed(file.path) for file in files)

    def rank(file):
        stem = NOTEBOOK.sub("", file.name.rpartition("/")[2])
        copy = COPY.search(stem) if answered else None
        number = int(next(filter(None, copy.groups()))[:9]) if copy else 0
        old = newest - _changed(file.path)
        return (
            file.when < latest,
            old if old > SAME_MOMENT else 0,
            -number,
            file.name.count("/"),
            stem != chapter,
            file.name,
        )

    return sorted(sorted(files, key=lambda file: file.when, reverse=True), key=rank)


def _chapter_in(name, chapters):
    """The chapter whose name stands in a file's: `Copy of 02_sigmoid`, `02_Sigmoid (1)`, `02-sigmoid`; or ""."""
    plain = re.sub(r"[\s-]+", "_", name.rpartition("/")[2].casefold())
    return next((chapter for chapter in chapters if chapter.casefold() in plain), "")


def _changed(path):
    """When a file was changed last, in seconds since 1970; 0 where nobody knows."""
    try:
        return path.stat().st_mtime
    except OSError:
        archive = next(
            (parent for parent in path.parents if archives.ZIP.search(parent.name) and parent.is_file()), None
        )
        return archives.changed(archive, path.relative_to(archive).as_posix()) if archive else 0


def _why_not(file):
    """Why a file that is neither notebook nor script is not graded, as the end of a sentence."""
    if PAGE.search(file.name):
        return NOT_GRADED["exported" if _is_exported(file) else "page"]
    return NOT_GRADED["packed"] if PACKED.search(file.name) else ""


def _is_exported(file):
    beginning = _bytes(file.path, 100_000) if not file.name.lower().endswith(".pdf") and file.path.is_file() else b""
    return any(word in beginning for word in MADE_FROM_NOTEBOOK)


def _helpers(root, used, files):
    """The scripts that a notebook imports, name -> text; and all that lie in its folder or deeper, name -> `File`."""
    folder = used.name.rpartition("/")[0]
    start = f"{folder}/" if folder else ""
    own = {
        file.name.removeprefix(start): file
        for file in files
        if file is not used and not file.problem and file.name.startswith(start) and SCRIPT.search(file.name)
    }
    try:
        texts = submissions.helpers(used.path, root, {name: file.path for name, file in own.items()}) if own else {}
    except (Closed, Unreadable):  # reading it will say so
        texts = {}
    return texts, own


# ---- what is said about it


def _about_helpers(student, chapter, texts):
    if texts:
        words = {"student": shown(student), "chapter": chapter, "files": _some([shown(name) for name in texts])}
        yield WARNINGS["helpers"].format(**words)


def _about(student, known, others, imported):
    """Warnings about a student's files."""
    student = shown(student)
    if others:
        yield WARNINGS["other_notebooks"].format(student=student, files=_names(others))
    for chapter, (used, *more) in known.items():
        unused = [file for file in more if file not in imported]
        if used.name.rpartition("/")[2] != f"{chapter}.ipynb" or used.name.count("/") > 1:
            yield WARNINGS["other_name"].format(student=student, chapter=chapter, file=shown(used.name))
        if unused:
            names = {"used": shown(used.name), "unused": _some([shown(file.name) for file in unused])}
            yield WARNINGS["second_copy"].format(student=student, chapter=chapter, **names)


def _about_chapters(graded, present, notebooks, asked):
    """Chapters that were handed in and not asked for, or by few."""
    if asked:
        if extra := [chapter for chapter in present if chapter not in graded]:
            yield WARNINGS["not_asked"].format(chapters=", ".join(extra))
        return
    everybody = {student for student, _chapter in notebooks}
    counts = {chapter: sum(c == chapter for _, c in notebooks) for chapter in graded}
    most = [chapter for chapter in graded if counts[chapter] >= FEW * len(everybody)]
    for chapter, count in counts.items():
        if chapter not in most and most and len(everybody) > 2:
            words = {"chapter": chapter, "count": count, "students": len(everybody), "asked": " ".join(most)}
            yield WARNINGS["few"].format(**words)


def _names(others: Iterable[tuple[File, str]]) -> str:
    """Files with the reasons why they were not graded, as a text."""
    return _some([f"{shown(file.name)} ({reason})" if reason else shown(file.name) for file, reason in others])


def _some(names):
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (_(" and {number} more").format(number=more) if more > 0 else "")
