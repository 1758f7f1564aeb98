"""What the grader writes: two tables, a page for the class, a page for each student, and how the run was made.

Each file is written beside its place and then moved there, so that none is ever half written. `run.json` lists them.
"""

import csv
import html
import io
import json
import os
import re
import tempfile
from collections import Counter
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from course_utils.checking.feedback import as_html
from course_utils.grading.messages import NOT_CONTAINED
from course_utils.grading.submissions import shown

RUN = "run.json"
MADE_BY = "course grade"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins so
GRADES = ("student", "chapter", "exercise", "points", "max_points", "status", "hint")
LONGEST_NAME = 100  # bytes of a file's name before its suffix
STYLE = (
    "body{font:1em/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse}td,th{border:1px solid #888;padding:.2em .5em;text-align:left}"
    ":root{color-scheme:light dark}"
)


def write(out, rows, chapters, run):
    """Write the whole report, and take away the feedback of students whom an earlier report held and this one doesn't.

    Args:
        out: path of the report's folder, which is there.
        rows: list of `Row`, in the order of the table.
        chapters: the graded chapters, in the course's order.
        run: what is said in `run.json` besides the files, a dict.
    """
    students = _by_student(rows)
    files = {
        "grades.csv": grades_csv(rows),
        "totals.csv": totals_csv(rows, chapters),
        "index.html": index_html(students, run),
        **{f"feedback/{file_name(s)}.html": feedback_html(s, own) for s, own in students.items()},
    }
    old = written_before(out)
    for name, text in files.items():
        write_file(out / name, text)
    write_run(out, run | {"files": sorted(files)})
    for name in set(old) - set(files):
        (out / name).unlink(missing_ok=True)


def write_run(out, run):
    """Write `run.json`, which also marks the folder as a report."""
    write_file(out / RUN, json.dumps({"made_by": MADE_BY, **run}, indent=1, ensure_ascii=False) + "\n")


def written_before(out):
    """The files of feedback that the report in `out` consists of, or [] where there is none."""
    files = (read_run(out) or {}).get("files", [])
    return [name for name in files if isinstance(name, str) and re.fullmatch(r"feedback/[^/\\]+\.html", name)]


def read_run(out):
    """The `run.json` in a folder, or None where the folder is no report."""
    try:
        run = json.loads((out / RUN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return run if isinstance(run, dict) and run.get("made_by") == MADE_BY else None


def write_file(path, text):
    """Write a file so that at its place there is the old one or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with open(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            file.write(text)
        Path(temporary).chmod(0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def grades_csv(rows):
    """The table of interface 4: one row a student and exercise."""
    return _csv(GRADES, [
        (shown(row.student), row.chapter, v.exercise, _points(v.points), v.max_points, v.status, one_line(v))
        for row in rows for v in [row.verdict]
    ])  # fmt: skip


def totals_csv(rows, chapters):
    """One row a student. A sum with a row that was not run is empty, as the row is."""
    lines = []
    for student, own in _by_student(rows).items():
        by_chapter = [_sum(row.verdict for row in own if row.chapter == chapter) for chapter in chapters]
        most = sum(row.verdict.max_points for row in own)
        lines.append((shown(student), _sum(row.verdict for row in own), most, *by_chapter))
    return _csv(("student", "points", "max_points", *chapters), lines)


def index_html(students, run):
    """The class at a glance: students by exercises, in words."""
    head = next(iter(students.values()))
    names = "".join(f'<th scope="col">{html.escape(row.verdict.exercise)}</th>' for row in head)
    body = "".join(_student_line(student, own) for student, own in students.items())
    level = run["isolation"]["used"]
    warnings = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in run["warnings"])
    return page("Grades", f"""<h1>Grades</h1>
<p>{html.escape(summary(run))}</p>
<p>Isolation: {level}. {NOT_CONTAINED[level]}</p>
{f"<h2>Warnings</h2><ul>{warnings}</ul>" if warnings else ""}
<table><thead><tr><th scope="col">student</th><th scope="col">points</th>{names}</tr></thead>
<tbody>
{body}</tbody></table>
<p>The same as tables: <a href="grades.csv">grades.csv</a>, <a href="totals.csv">totals.csv</a>.</p>""")  # fmt: skip


def feedback_html(student, rows):
    """What a student reads: per exercise, what was seen and the next step."""
    verdicts = [row.verdict for row in rows]
    points, most = _sum(verdicts), sum(v.max_points for v in verdicts)
    title = html.escape(shown(student))
    parts = [f"<h1>{title}</h1>", f"<p>{points if points != '' else 'Not yet all'} of {most} points.</p>"]
    for chapter in dict.fromkeys(row.chapter for row in rows):
        parts.append(f"<h2>{html.escape(chapter)}</h2>")
        parts += [as_html(row.verdict) for row in rows if row.chapter == chapter]
    return page(title, "\n".join(parts))


def page(title, body):
    """A page that needs nothing from anywhere else. `title` and `body` are HTML."""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>\n<body>\n{body}\n</body></html>\n'
    )


def summary(run):
    """One sentence: how many students, and the rows by status."""
    counts = ", ".join(f"{count} {status}" for status, count in run["rows"].items())
    students = run["students"]
    return f"{students} student{'s' if students != 1 else ''}, {sum(run['rows'].values())} rows: {counts}."


def count(rows):
    """Status -> number of rows, the most frequent first."""
    return dict(sorted(Counter(row.verdict.status for row in rows).items(), key=lambda pair: (-pair[1], pair[0])))


def file_name(student):
    """A file's name for a student's: other letters than plain ones as %XX, so that no two students share one."""
    name = "".join(c if c.isalnum() or c in "-_." else "".join(f"%{b:02X}" for b in os.fsencode(c)) for c in student)
    if len(os.fsencode(name)) <= LONGEST_NAME:
        return name
    return (
        os.fsencode(name)[: LONGEST_NAME - 13].decode(errors="ignore")
        + "-"
        + sha256(os.fsencode(name)).hexdigest()[:12]
    )


def one_line(verdict):
    """A verdict's sentences as one line of a table."""
    words = f"{verdict.message} {verdict.hint}"
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())


def _student_line(student, rows):
    link = f"feedback/{quote(file_name(student))}.html"
    cells = "".join(f"<td>{row.verdict.status}</td>" for row in rows)
    points = _sum(row.verdict for row in rows)
    return f'<tr><th scope="row"><a href="{link}">{html.escape(shown(student))}</a></th><td>{points}</td>{cells}</tr>\n'


def _by_student(rows):
    students = {}
    for row in rows:
        students.setdefault(row.student, []).append(row)
    return students


def _sum(verdicts):
    points = [verdict.points for verdict in verdicts]
    return "" if None in points else sum(points)


def _points(points):
    return "" if points is None else points


def _csv(head, lines):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([head, *([defused(cell) for cell in line] for line in lines)])
    return text.getvalue()


def defused(cell):
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def _umask():
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
