"""Tables of a page: those that code printed become HTML tables, and each goes into a box in which it can be scrolled.

`docs/static/course.css` keeps a table's first column in view and shows where there is more; pure functions, text in, HTML out.
"""

import html
import re

from course_utils.texts import _

ROWS = 3  # fewer lines may line up by accident
GAP = re.compile(r" {2,}")
NOT_A_TABLE = re.compile(r"\s*[\[(<]|array\(|.*\d: ")  # arrays, and lines with a number and a colon: left as they are
PANDAS = re.compile(r"<div>\s*<style scoped>.*?</style>\s*(<table.*?</table>)\s*</div>", re.DOTALL)
TWO_HEADS = re.compile(  # a row with the columns' names, and below it one with only the index's name
    r"(<thead>\s*<tr[^>]*>\s*)<t[hd]></t[hd]>((?:\s*<th>[^<]*</th>)+\s*</tr>)\s*<tr>\s*(<th>[^<]*</th>)(?:\s*<t[hd]></t[hd]>)+\s*</tr>(?=\s*</thead>)"
)
NUMBER = re.compile(r"<td>([-<]?\d[^<\s]*(?: to \d[^<\s]*)?)</td>")
BOX = '<div class="course-table" role="group" aria-label="{label}" tabindex="0">{table}</div>'


def boxed(markup: str) -> str:
    """A piece of HTML with each of pandas's tables in a box, without pandas's style and without empty header cells."""
    mended = TWO_HEADS.sub(r"\1\3\2", markup).replace("<th></th>", "<td></td>")  # screen readers announce empty <th>s
    return PANDAS.sub(lambda found: BOX.format(label=_("Table"), table=_numbers(found[1])), mended)


def _numbers(table):
    return NUMBER.sub(r'<td class="number">\1</td>', table)  # must not wrap after an e-


def printed(text: str) -> str:
    """What code printed, as HTML in which lines that stand in columns are tables; None if there are no such lines.

    >>> print(printed("left  0.5\\nright 0.25\\nboth  0.75") is None, printed("a    1\\nbb   22\\nccc  333")[:12])
    True <div class="
    """
    lines, parts, at, found = text.rstrip("\n").split("\n"), [], 0, False
    while at < len(lines):
        end = _end_of_table(lines, at)
        if end:
            parts.append(_table(lines[at:end]))
            found = True
        else:
            end = next((n for n in range(at + 1, len(lines)) if _end_of_table(lines, n)), len(lines))
            parts.append(f"<pre>{html.escape(chr(10).join(lines[at:end]))}</pre>")
        at = end
    return "".join(parts) if found else None


def _end_of_table(lines, start):
    """One past the last line of the table that begins at `start`, or 0 if none does."""
    end = start + ROWS
    if end > len(lines) or not _stand_in_columns(lines[start:end]):
        return 0
    while end < len(lines) and _stand_in_columns(lines[start : end + 1]):
        end += 1
    return end


def _stand_in_columns(lines):
    """Whether each line has something in the last of at least two columns, and is neither an array nor a sentence with a colon."""
    if not all(line.strip() for line in lines) or any(map(NOT_A_TABLE.match, lines)):
        return False
    places = _columns(lines)
    (first_start, first_end), (last, _end) = places[0], places[-1]
    labels = [line[first_start:first_end].rstrip() for line in lines]
    return len(places) > 1 and all(line[last:].strip() for line in lines) and not any(x.endswith(":") for x in labels)


def _columns(lines):
    """Where the columns of some lines begin and end, as pairs; at least two spaces separate them in every line."""
    width = max(map(len, lines))
    used = "".join("#" if any(line[at : at + 1].strip() for line in lines) else " " for at in range(width))
    first = len(used) - len(used.lstrip())
    gaps = [(gap.start(), gap.end()) for gap in GAP.finditer(used, first)]
    return list(zip([first, *(end for _start, end in gaps)], [*(start for start, _end in gaps), width], strict=True))


def _table(lines):
    places = _columns(lines)
    named = _numbers_its_rows(lines, *places[0])  # the rows' names are in the second column
    places[:2] = [(places[0][0], places[1][1])] if named else places[:2]
    rows = [[line[start:end].rstrip() for start, end in places] for line in lines]
    if named:
        rows = [[re.sub("(?<=[0-9]) +", "\u00a0", first, count=1), *rest] for first, *rest in rows]
    numbered = [all(_is_number(row[at]) for row in rows[1:]) for at in range(len(places))]
    head = (
        rows[:1] if len(places) > 2 and not any(map(_is_number, filter(str.strip, rows[0]))) and any(numbered) else []
    )
    parts = ["<thead>", *(_row(row, "th", numbered) for row in head), "</thead>"] if head else []
    parts += ["<tbody>", *(_row(row, "td", numbered) for row in rows[len(head) :]), "</tbody>"]
    return BOX.format(label=_("Table"), table=f'<table class="table">{"".join(parts)}</table>')


def _numbers_its_rows(lines, start, end):
    head, *rows = [line[start:end].strip() for line in lines]
    return not head and all(map(str.isdigit, rows)) and len(set(rows)) == len(rows)


def _is_number(field):
    return bool(re.match(r"[-<]?\s*\d|-?\s*$|(nan|inf)\b", field.strip()))


def _row(fields, tag, numbered):
    cells = []
    for place, (field, is_number) in enumerate(zip(fields, numbered, strict=True)):
        inside = html.escape(re.sub(" +", " ", field.strip(" ")))
        kind = "th" if place == 0 and inside else tag if inside else "td"
        scope = f' scope="{"col" if tag == "th" else "row"}"' if kind == "th" else ""
        look = ' class="number"' if is_number else ' class="below"' if field.startswith("  ") else ""
        cells.append(f"<{kind}{scope}{look}>{inside}</{kind}>")
    return f"<tr>{''.join(cells)}</tr>"
