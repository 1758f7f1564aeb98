"""Decides which of a student's files is which chapter's notebook, and why the others are not graded. Nothing is run."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from course_utils.exercises import chapters as all_chapters
from course_utils.grading import archives, submissions
from course_utils.grading.grading_messages import NOT_GRADED
from course_utils.grading.notebook_files import NOTEBOOK, SCRIPT, Closed, Unreadable
from course_utils.grading.student_folders import File, first_bytes

MOST_FILES = 200  # of one student's that are opened to find out what they are
SAME_MOMENT = 2  # seconds: files that were unpacked or copied together count as equally new
PAGE = re.compile(r"\.(?:pdf|html?)$", re.IGNORECASE)
DOCUMENT = re.compile(r"\.(?:qmd|rmd|md|docx?|odt|rtf|tex|gdoc|url|webloc|lnk|deepnote|m|r|jl)$", re.IGNORECASE)
MAYBE_NOTEBOOK = ("", "txt", "json", "download", "crdownload", "part", "bak", "old")
PACKED = re.compile(r"\.(?:zip|rar|7z|tar|t?gz|tgz|bz2|xz)$", re.IGNORECASE)
MADE_FROM_NOTEBOOK = (b"jp-Notebook", b"jupyter", b"nbconvert")  # in a page that Jupyter exported
# How browsers, Jupyter, Canvas and people name a later copy: by a time, a number, or a word.
MOMENT = re.compile(r"(?<!\d)(20\d\d)([-_.]?)(\d\d)\2(\d\d)(?:[-_T. ]?(\d\d)[-_.:h]?(\d\d)(?:[-_.:m]?(\d\d))?)?(?!\d)")
COPY = re.compile(r"(?:\((\d+)\)|-Copy(\d+)|[-_ ]v(?:ersion)?[-_ .]?(\d+)|-(\d+))$", re.IGNORECASE)
LATER = re.compile(r"final|corrected|copy|kopie|copie|copia", re.IGNORECASE)
CODE = re.compile(rf"{NOTEBOOK.pattern}|{SCRIPT.pattern}", re.IGNORECASE)
SOLUTIONS = "solutions"  # a folder of the course


@dataclass(frozen=True)
class _Candidate:
    """A file that may be a chapter's notebook.

    Args:
        file: the `File`.
        answered: chapter -> those of its exercises that the file answers.
        named: chapter -> how many of its exercises the file contains, answered or not.
        own: whether the course handed it out, such as a chapter to read.
    """

    file: File
    answered: dict
    named: dict
    own: bool = False


def notebooks_of(
    root: Path, files: Sequence[File], chapters: Sequence[str]
) -> tuple[dict[str, dict[File, frozenset[str]]], list[tuple[File, str]]]:
    """Assign a student's files to chapters.

    Args:
        root: the folder of submissions.
        files: the student's.
        chapters: the names of the course's chapters.

    Returns:
        Chapter -> its files, the one to grade first, each with the exercises that it answers; and each other file with the
        reason why it is not graded, or "".
    """
    found, others, looked, sniffed = defaultdict(list), [], 0, 0
    for file in sorted(files, key=lambda file: _promise(file, chapters)):
        known = NOTEBOOK.search(file.name) or SCRIPT.search(file.name)
        if not known and not file.problem and sniffed < MOST_FILES and _suffix(file) in MAYBE_NOTEBOOK:
            sniffed += 1
            known = _begins_like_a_notebook(file)
        if file.problem or not known:
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
    _add_answers_elsewhere(found)
    return {chapter: _best_first(same, chapter) for chapter, same in found.items()}, others


def _promise(file, chapters):
    """How early a file is looked at: those named like a chapter first, then other notebooks, then scripts."""
    return (not _chapter_in(file.name, chapters), not NOTEBOOK.search(file.name), not SCRIPT.search(file.name))


def _suffix(file):
    return file.name.rpartition("/")[2].partition(".")[2].rpartition(".")[2].casefold()


def _begins_like_a_notebook(file):
    """Whether a file is a notebook although its name doesn't say so, as after a download that renamed it."""
    start = first_bytes(file.path, 20_000).lstrip()
    return start.startswith(b"{") and b'"cell_type"' in start


def _add_answers_elsewhere(found):
    """Where nothing answers a chapter, another chapter's notebook that answers two of its exercises or more counts."""
    everything = {id(one): one for same in found.values() for one in same}.values()
    for chapter in {chapter for one in everything for chapter, names in one.answered.items() if len(names) > 1}:
        if not any(one.answered.get(chapter) for one in found.get(chapter, ())):
            found[chapter] += [one for one in everything if len(one.answered.get(chapter, ())) > 1]


def _candidate(file, root, chapters):
    """A `_Candidate` and "", or None and the reason."""
    try:
        look = submissions.look(file.path, root)
    except Closed:
        return _Candidate(file, {}, {}), ""  # the error is reported when the file is read
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
    answered = {c: names & look.answered for c, names in per.items() if names & look.answered}
    if look.chapter in chapters and look.kind == "exercises":
        named = {look.chapter: 1000} | {c: n for c, n in named.items() if c != look.chapter}
    return _Candidate(file, answered, named, look.kind == "chapter"), ""


def _chapters_of(candidate, chapters):
    """The chapters whose notebook a file is: its content decides; where that says nothing, its name.

    One notebook may answer several chapters; a function or two from another chapter are helpers.
    """
    if candidate.own or not candidate.named:
        name = _chapter_in(candidate.file.name, chapters)
        return [name] if name else []
    main = max(candidate.named, key=candidate.named.get)
    counts = {chapter: len(names) for chapter, names in candidate.answered.items()}
    whole = [c for c, n in counts.items() if c != main and 2 * n >= len(all_chapters()[c]) and n > 1]
    return [main, *whole]


def _best_first(candidates, chapter):
    """Sort by: answers before none, notebook before script, newest attempt, newest file, fewest folders around it, right name.

    Among files that are equally new, the name decides which is the newest: by a time, a number, or a word such as "final".
    """
    groups = defaultdict(list)
    for candidate in candidates:
        own, there = candidate.own, chapter in candidate.named
        kind = 0 if candidate.answered.get(chapter) else 1 if there else 3 if own else 2
        groups[kind, bool(SCRIPT.search(candidate.file.name))].append(candidate.file)
    answers = {candidate.file: candidate.answered.get(chapter, frozenset()) for candidate in candidates}
    best = [file for key in sorted(groups) for file in _newest_first(groups[key], chapter, answered=key[0] == 0)]
    return {file: answers[file] for file in best}


def _newest_first(files, chapter, *, answered):
    latest = max(file.when for file in files)
    newest = max(_changed(file.path) for file in files)

    def rank(file):
        stem = NOTEBOOK.sub("", file.name.rpartition("/")[2])
        moment, number, later = _version(stem) if answered else (0, 0, False)
        old = newest - _changed(file.path)
        return (
            file.when < latest,
            old if old > SAME_MOMENT else 0,
            -moment,
            -number,
            not later,
            file.name.count("/"),
            stem != chapter,
        )

    by_name = sorted(files, key=lambda file: file.name, reverse=True)
    return sorted(sorted(by_name, key=lambda file: file.when, reverse=True), key=rank)


def _version(stem):
    """What a file's name says about when it was made: (time as a number, or 0; number of the copy, or 0; a word for later)."""
    found = MOMENT.search(stem)
    moment = (
        int("".join((part or "").zfill(2) for place, part in enumerate(found.groups()) if place != 1)) if found else 0
    )
    copy = COPY.search(MOMENT.sub("", stem))
    number = int(next(filter(None, copy.groups()))[:9]) if copy else 0
    return moment, number, bool(LATER.search(stem))


def _chapter_in(name, chapters):
    """The chapter that a file name contains, as in `Copy of 02_sigmoid`, `02_Sigmoid (1)` or `02-sigmoid`; or ""."""
    plain = re.sub(r"[\s-]+", "_", name.rpartition("/")[2].casefold())
    return next((chapter for chapter in chapters if chapter.casefold() in plain), "")


def _changed(path):
    """When a file was last changed, in seconds since 1970; 0 if that is unknown."""
    try:
        return path.stat().st_mtime
    except OSError:
        archive = next(
            (parent for parent in path.parents if archives.ZIP.search(parent.name) and parent.is_file()), None
        )
        return archives.changed(archive, path.relative_to(archive).as_posix()) if archive else 0


def _why_not(file):
    """Why a file that is neither a notebook nor a script is not graded, as the end of a sentence."""
    if PAGE.search(file.name):
        return NOT_GRADED["exported" if _is_exported(file) else "page"]
    if PACKED.search(file.name):
        return NOT_GRADED["packed"]
    return NOT_GRADED["document"] if DOCUMENT.search(file.name) else ""


def _is_exported(file):
    start = first_bytes(file.path, 100_000) if not file.name.lower().endswith(".pdf") and file.path.is_file() else b""
    return any(word in start for word in MADE_FROM_NOTEBOOK)


def imported_scripts(root: Path, used: File, files: Sequence[File]) -> tuple[dict[str, str], dict[str, File]]:
    """The files that a notebook imports or runs, name -> text; and all in its folder or below, name -> `File`."""
    folder = used.name.rpartition("/")[0]
    start = f"{folder}/" if folder else ""
    own = {
        file.name.removeprefix(start): file
        for file in files
        if file is not used and not file.problem and file.name.startswith(start) and CODE.search(file.name)
    }
    try:
        texts = submissions.helpers(used.path, root, {name: file.path for name, file in own.items()}) if own else {}
    except (Closed, Unreadable):  # the error is reported when the file is read
        texts = {}
    return texts, own
