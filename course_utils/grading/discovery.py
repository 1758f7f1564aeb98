"""Finds who handed in what: each student's notebook of each chapter, and warnings. Nothing is run, and no submission raises."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from course_utils.grading.chapter_files import imported_scripts, notebooks_of
from course_utils.grading.files import shown
from course_utils.grading.grading_messages import WARNINGS
from course_utils.grading.notebook_files import NOTEBOOK
from course_utils.grading.student_folders import File, shortened, student_folders, without_the_course

FEW = 0.5  # share of the students; a chapter that fewer of them handed in may not have been assigned


@dataclass(frozen=True)
class Elsewhere:
    """Another file of a student's, for the exercises of a chapter that the graded notebook does not answer.

    Args:
        name: the file's.
        path: the file's, which may lead into an archive.
        exercises: the names of those that it answers.
        helpers: name -> text of the student's own files that it imports.
    """

    name: str
    path: Path
    exercises: tuple[str, ...]
    helpers: dict


@dataclass(frozen=True)
class HandedIn:
    """What is in the folder of submissions.

    Args:
        students: their names in the report, sorted: those of their folders, or those that a platform gave.
        chapters: those that are graded, in the course's order.
        notebooks: (student, chapter) -> path, which may lead into an archive.
        warnings: sentences for the teacher.
        closed: student -> why the grader may not read their folder.
        unread: student -> the names of their files that are no chapter's notebook, as text; students without any are absent.
        owners: student -> `Owner`, their identity on the platform that the files came from.
        helpers: (student, chapter) -> {name: text} of the student's own files that the notebook imports; absent if there are none.
        elsewhere: (student, chapter) -> list of `Elsewhere`.
    """

    students: tuple[str, ...]
    chapters: tuple[str, ...]
    notebooks: dict
    warnings: tuple[str, ...]
    closed: dict = field(default_factory=dict)
    unread: dict = field(default_factory=dict)
    owners: dict = field(default_factory=dict)
    helpers: dict = field(default_factory=dict)
    elsewhere: dict = field(default_factory=dict)

    def unread_for(self, student: str, chapter: str) -> str:
        """The names of the student's unread files that may be this chapter's notebook; "" if others were read and none has its name."""
        names = self.unread.get(student, "")
        others = any(owner == student for owner, _chapter in self.notebooks)
        return names if not others or chapter.casefold() in names.casefold() else ""


def find(root: Path, chapters: Sequence[str], asked: Sequence[str] = ()) -> HandedIn:
    """Search a folder of submissions, or a learning platform's zip file of them.

    Args:
        root: path of the folder or the zip file. Each folder in it belongs to one student, unless a platform's naming says otherwise.
        chapters: the names of the course's chapters; other notebooks are listed in a warning.
        asked: the chapters to grade; () for every chapter that anybody handed in.

    Raises:
        OSError: the folder itself can't be read.
    """
    warnings = []
    folders = student_folders(root, warnings, strays := [])
    notebooks, closed, unread, helpers, elsewhere, with_the_course = {}, {}, {}, {}, {}, []
    for student, folder in sorted(folders.items()):
        own, files = without_the_course(folder.files)
        with_the_course += [student] if own else []
        if folder.closed:
            closed[student] = folder.closed
            warnings.append(WARNINGS["closed"].format(student=shown(student), reason=folder.closed))
        known, others = notebooks_of(root, files, chapters)
        imported = set()
        for chapter, same in known.items():
            used = next(iter(same))
            notebooks[student, chapter] = used.path
            texts, own = imported_scripts(root, used, files)
            helpers |= {(student, chapter): texts} if texts else {}
            with_it = {own[name] for name in texts}
            also = elsewhere[student, chapter] = _elsewhere(root, same, files, with_it)
            imported |= with_it
            for names in (texts, *(other.helpers for other in also)):
                warnings += _about_helpers(student, chapter, names)
        others = [(file, reason) for file, reason in others if file not in imported]
        warnings += _about(student, known, others, imported, {of: elsewhere[student, of] for of in known})
        if others:
            unread[student] = _names(others)
    if with_the_course:
        warnings.append(
            WARNINGS["with_the_course"].format(students=shortened([shown(name) for name in with_the_course]))
        )
    warnings += [WARNINGS["no_student"].format(file=shown(name)) for name in strays]
    present = {chapter for _, chapter in notebooks}
    graded = tuple(c for c in chapters if c in (asked or present))
    warnings += _about_chapters(graded, [c for c in chapters if c in present], notebooks, asked)
    owners = {student: folder.owner for student, folder in folders.items() if folder.owner.platform}
    students = tuple(sorted(folders))
    kept = {place: path for place, path in notebooks.items() if place[1] in graded}
    return HandedIn(students, graded, kept, tuple(warnings), closed, unread, owners, helpers, elsewhere)


def _elsewhere(root, same, files, imported):
    """The other files of a chapter that answer exercises which no better one answers, as `Elsewhere`.

    Those in `imported` run with the chapter's notebook; the files that these others import are added.
    """
    (_used, done), *others = same.items()
    found = []
    for file, names in others:
        if file not in imported and names - done:
            texts, own = imported_scripts(root, file, files)
            imported |= {own[name] for name in texts}
            found.append(Elsewhere(_place(file, same), file.path, tuple(sorted(names - done)), texts))
            done |= names
    return found


def _place(file, same):
    """A file's name; where others of the same chapter have it, too, with what it lies in."""
    alike = sum(other.name == file.name for other in same) > 1
    return shown("/".join(file.path.parts[-2:]) if alike else file.name)


def _about_helpers(student, chapter, texts):
    if texts:
        words = {"student": shown(student), "chapter": chapter, "files": shortened([shown(name) for name in texts])}
        yield WARNINGS["helpers"].format(**words)


def _about(student, known, others, imported, elsewhere):
    """Warnings about a student's files; `elsewhere` is chapter -> list of `Elsewhere`."""
    student = shown(student)
    if others:
        yield WARNINGS["other_notebooks"].format(student=student, files=_names(others))
    for chapter, (used, *more) in known.items():
        also = [other.path for other in elsewhere[chapter]]
        unused = [file for file in more if file not in imported and file.path not in also]
        if used.name.rpartition("/")[2] != f"{chapter}.ipynb" or used.name.count("/") > 1:
            yield WARNINGS["other_name"].format(student=student, chapter=chapter, file=shown(used.name))
        words = {"student": student, "chapter": chapter, "used": _place(used, known[chapter])}
        for other in elsewhere[chapter]:
            yield WARNINGS["elsewhere"].format(file=other.name, names=", ".join(other.exercises), **words)
        if unused:
            yield WARNINGS["second_copy"].format(
                unused=shortened([_place(file, known[chapter]) for file in unused]), **words
            )


def _about_chapters(graded, present, notebooks, asked):
    """Warnings about chapters that were handed in but not asked for, or that only a few students handed in."""
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
    """Files and the reasons why they were not graded, as text: notebooks first, then what could not be read."""
    told = sorted(others, key=lambda one: (not NOTEBOOK.search(one[0].name), not one[0].problem, not one[1]))
    return shortened([f"{shown(file.name)} ({reason})" if reason else shown(file.name) for file, reason in told])
