"""What a teacher reads: the class at a glance, what needs a person's eye, and what the exercises were like."""

import html
from collections import defaultdict
from urllib.parse import quote

import numpy as np

from course_utils.checking.feedback import marked
from course_utils.grading.files import file_name
from course_utils.grading.marks import by_student, most, shown_points, total
from course_utils.grading.messages import CLASS, EYE, NOT_CONTAINED
from course_utils.grading.report.page import card, histogram, meter, page, table
from course_utils.grading.report.statistics import FEWEST, items, misconceptions, score_bins
from course_utils.grading.submissions import shown
from course_utils.texts import ngettext

TABLES = ("grades.csv", "totals.csv", "misconceptions.csv", "canvas.csv", "moodle.csv")
FIRST = 10  # misconceptions in sight; the rest opens
SHOWN = 200  # lines of one list on the page; the tables hold all


def index_html(rows, run, *, changes=(), alike=()):
    """The page of the class.

    Args:
        rows: list of `Row`, in the order of the table.
        run: as `run.json` has it.
        changes: `changes.Change`s since the last report, or None where there was none.
        alike: sentences about answers that are alike beyond chance.
    """
    parts = [
        f"<h1>{CLASS['title']}</h1>",
        f"<p>{html.escape(summary(run))}</p>",
        _cards(rows),
        f'<div class="two"><section>{_scores(rows)}</section><section>{_statuses(run)}</section></div>',
        _misconceptions(rows),
        _exercises(rows),
        _warnings(run),
        _for_a_person(rows, alike),
        _changes(changes),
        _students(rows),
        _how(run, changes is not None),
    ]
    return page(CLASS["title"], "\n".join(filter(None, parts)))


def summary(run):
    """One sentence: how many students, and the rows by status."""
    counts = ", ".join(f"{count} {status}" for status, count in run["rows"].items())
    students = run["students"]
    told = ngettext(
        "{students} student, {rows} rows: {counts}.", "{students} students, {rows} rows: {counts}.", students
    )
    return told.format(students=students, rows=sum(run["rows"].values()), counts=counts)


def _cards(rows):
    students = by_student(rows)
    totals = [points for own in students.values() if (points := total(own)) is not None]
    highest = max(map(most, students.values()), default=0)
    eyes = len(_seen(rows))
    cards = [card(len(students), CLASS["students"])]
    if totals:
        cards.append(card(f"{np.median(totals):g}", CLASS["median"].format(most=highest)))
        cards.append(card(f"{np.mean(totals):.1f}", CLASS["mean"].format(most=highest)))
    open_totals = len(students) - len(totals)
    if open_totals:
        cards.append(card(open_totals, CLASS["open"]))
    eye = card(f'<a href="#eye">{eyes}</a>' if eyes else "0", CLASS["eyes"])
    return f'<div class="cards">{"".join([*cards, eye])}</div>'


def _warnings(run):
    lines = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in run["warnings"])
    return f"<h2>{CLASS['warnings']}</h2><ul>{lines}</ul>" if lines else ""


def _for_a_person(rows, alike):
    """What no program should decide alone, the gravest first."""
    found = _seen(rows)
    body = f"<p>{CLASS['nothing_for_a_person']}</p>"
    if found:
        named = [reason for reason in EYE if any(reason in reasons for _, reasons, *_ in found)]
        explained = "".join(f"<li><strong>{reason}</strong>: {EYE[reason]}</li>" for reason in named)
        lines = [
            (_link(student), html.escape(", ".join(names)), ", ".join(reasons), marked(told))
            for student, reasons, told, names in found[:SHOWN]
        ]
        body = f"<ul>{explained}</ul>" + table(CLASS["eye_head"], lines, label=CLASS["for_a_person"], look="stack") + _more(len(found))  # fmt: skip
    if alike:
        lines = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in alike)
        body += f"<h3>{CLASS['alike']}</h3><p>{CLASS['alike_means']}</p><ul>{lines}</ul>"
    return f'<h2 id="eye">{CLASS["for_a_person"]}</h2>{body}'


def _seen(rows):
    """(student, reasons, what was seen, exercises): one for all exercises of a notebook of which the same is to be said."""
    grave, together = list(EYE), defaultdict(list)
    for row in rows:
        if reasons := _reasons(row):
            told = " ".join([*row.notes, *([row.verdict.message] if row.verdict.status in EYE else [])])
            together[row.student, row.chapter, reasons, told].append(row.verdict.exercise)
    found = [(student, reasons, told, names) for (student, _, reasons, told), names in together.items()]
    return sorted(found, key=lambda seen: grave.index(seen[1][0]))


def _reasons(row):
    """Why a row needs a person's eye: names out of `EYE`, the gravest first."""
    if row.override:  # a person has looked
        return ()
    return tuple(reason for reason in EYE if reason == row.verdict.status or (reason == "notes" and row.notes))


def _changes(changes):
    if changes is None:
        return ""
    lines = [
        (_link(c.student), *(marked(str(cell)) for cell in (c.exercise, c.before, c.after, c.why)))
        for c in changes[:SHOWN]
    ]
    body = table(CLASS["changes_head"], lines, label=CLASS["changes"], look="stack") + _more(len(changes)) if lines else f"<p>{CLASS['no_changes']}</p>"  # fmt: skip
    return f"<h2>{CLASS['changes']}</h2>{body}"


def _scores(rows):
    edges, counts = score_bins(rows)
    highest = max(map(most, by_student(rows).values()), default=0)
    ends = [*(edge - 1 for edge in edges[1:]), highest]
    names = [f"{low}" if low == high else f"{low}–{high}" for low, high in zip(edges, ends, strict=True)]
    told = ", ".join(CLASS["bar"].format(count=c, points=n) for c, n in zip(counts, names, strict=True) if c)
    description = CLASS["histogram"].format(bars=told or CLASS["nobody"])
    lines = [(name, str(number)) for name, number in zip(names, counts, strict=True)]
    as_table = table(CLASS["scores_head"], lines, label=CLASS["scores"], numbers=(1,))
    return (
        f"<h2>{CLASS['scores']}</h2>{histogram(counts, names, description=description)}"
        f"<details><summary>{CLASS['as_table']}</summary>{as_table}</details>"
    )


def _statuses(run):
    every = sum(run["rows"].values())
    lines = [(status, meter(number / every, f"{number}")) for status, number in run["rows"].items()]
    return f"<h2>{CLASS['statuses']}</h2>{table(CLASS['statuses_head'], lines, label=CLASS['statuses'])}"


def _exercises(rows):
    found, points = items(rows), {row.verdict.exercise: row.verdict.max_points for row in rows}
    lines = [
        (
            html.escape(item.name),
            str(points[item.name]),
            _share(item.passed, item.answered),
            _number(item.discrimination),
        )
        for item in found
    ]
    students = found[0].students if found else 0
    chance = CLASS["chance"].format(students=students, error=1 / max(students - 1, 1) ** 0.5)
    means = CLASS["too_few"].format(fewest=FEWEST, students=students) if students < FEWEST else chance
    body = table(CLASS["exercises_head"], lines, label=CLASS["exercises"], numbers=(1, 3))
    below = "".join(f'<p class="small soft">{said}</p>' for said in (CLASS["difficulty"], f"{CLASS['discrimination']} {means}"))  # fmt: skip
    return f"<h2>{CLASS['exercises']}</h2>{body}{below}"


def _share(part, every):
    return meter(part / every, CLASS["of"].format(part=part, all=every)) if every else "–"


def _number(value):
    return "–" if value is None else f"{value:.2f}"


def _misconceptions(rows):
    found = misconceptions(rows)
    if not found:
        return f"<h2>{CLASS['misconceptions']}</h2><p>{CLASS['no_misconceptions']}</p>"
    lines = [_held(held, len(found[0].students)) for held in found]
    body = _misconceptions_table(lines[:FIRST], CLASS["misconceptions"])
    if lines[FIRST:]:
        words = CLASS["rest"].format(number=len(lines) - FIRST)
        body += f"<details><summary>{words}</summary>{_misconceptions_table(lines[FIRST:], words)}</details>"
    return f"<h2>{CLASS['misconceptions']}</h2><p>{CLASS['misconceptions_mean']}</p>{body}"


def _held(held, top):
    learners = meter(len(held.students) / top, str(len(held.students)))
    name = html.escape(held.name.replace("_", " "))
    return name, html.escape(held.exercise), learners, marked(held.hint), _who(held.students)


def _misconceptions_table(lines, label):
    return table(CLASS["misconceptions_head"], lines, label=label, look="stack")


def _who(students):
    return f"<details><summary>{CLASS['who']}</summary>{', '.join(map(_link, students[:SHOWN]))}</details>"


def _students(rows):
    students = by_student(rows)
    names = [row.verdict.exercise for row in next(iter(students.values()), [])]
    lines = [(_link(student), shown_points(total(own)), *map(_status, own)) for student, own in students.items()]
    body = table((*CLASS["students_head"], *names), lines, label=CLASS["all_students"], numbers=(1,), look="sticky")
    return f"<h2>{CLASS['all_students']}</h2>{body}"


def _status(row):
    kind = "passed" if row.verdict.passed else "soft" if row.verdict.status == "missing" else "lost"
    mark = f" <small>({CLASS['set_to'].format(points=shown_points(row.points))})</small>" if row.override else ""
    return f'<span class="{kind}">{row.verdict.status}</span>{mark}'


def _how(run, changed):
    level = run["isolation"]["used"]
    files = [*TABLES, *(["changes.csv"] if changed else [])]
    links = ", ".join(f'<a href="{name}">{name}</a>' for name in files)
    seed = CLASS["seed"].format(seed=run["seed"]) if "seed" in run else ""
    return (
        f"<h2>{CLASS['how']}</h2><p>{CLASS['isolation'].format(level=level)} {NOT_CONTAINED[level]}</p><p>{seed}</p>"
        f"<p>{CLASS['files']} {links}.</p><p>{CLASS['overrides']}</p>"
    )


def _link(student):
    return f'<a href="feedback/{quote(file_name(student))}.html">{html.escape(shown(student))}</a>'


def _more(number):
    return f"<p class='small'>{CLASS['more'].format(number=number - SHOWN)}</p>" if number > SHOWN else ""
