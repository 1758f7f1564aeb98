"""What the report's pages share: one look, light and dark, for phone and desktop and printer; nothing from anywhere else."""

import html

POLICY = "default-src 'none'; style-src 'unsafe-inline'"  # nothing runs in a page, whatever a learner's text may hold
STYLE = """
:root{color-scheme:light dark;--page:#fff;--card:#f5f7f9;--text:#1b1f24;--soft:#57606a;--line:#d0d7de;--bar:#0072b2;
--link:#0550ae;--good:#00674b;--bad:#a23f00}
@media (prefers-color-scheme:dark){:root{--page:#14171a;--card:#1e2328;--text:#e6e8eb;--soft:#a3adb8;--line:#3b434c;
--bar:#56b4e9;--link:#8ab4f8;--good:#4cc9a0;--bad:#f0965a}}
*{box-sizing:border-box}
body{font:1rem/1.5 system-ui,sans-serif;max-width:72rem;margin:0 auto;padding:1.5rem 1rem 4rem;color:var(--text);
background:var(--page);overflow-wrap:break-word}
h1{font-size:1.7rem;margin:0 0 .3rem;line-height:1.2}h2{font-size:1.2rem;margin:2.2rem 0 .6rem}h3{font-size:1rem;margin:1.4rem 0 .4rem}
p{margin:.4rem 0}a{color:var(--link)}.soft{color:var(--soft)}small,.small{font-size:.87rem}
.cards{display:flex;flex-wrap:wrap;gap:.7rem;margin:1rem 0}.card{background:var(--card);border:1px solid var(--line);
border-radius:.5rem;padding:.5rem .9rem;min-width:7.5rem}.card strong{display:block;font-size:1.5rem;line-height:1.2}
.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:.5rem}
.scroll:focus-visible,a:focus-visible,summary:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.two{display:grid;grid-template-columns:3fr 2fr;gap:0 2.5rem;align-items:start}
table{border-collapse:collapse;width:100%;font-size:.92rem}th,td{padding:.35rem .6rem;text-align:left;vertical-align:top;
border-top:1px solid var(--line)}thead th{border-top:0;background:var(--card);font-weight:600}
tbody th,.nowrap,td summary{white-space:nowrap}td details{margin:0}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}tbody th{font-weight:500}
.sticky th:first-child{position:sticky;left:0;background:var(--card)}
.passed{color:var(--good)}.lost{color:var(--bad)}
.meter{display:inline-block;width:6rem;height:.7rem;border:1px solid var(--line);border-radius:.2rem;vertical-align:middle;
background:var(--page);margin-right:.4rem}.meter span{display:block;height:100%;background:var(--bar);border-radius:.15rem}
pre{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.7rem .9rem;overflow-x:auto;
font:.87rem/1.45 ui-monospace,monospace;tab-size:4;margin:.5rem 0}
code{font-family:ui-monospace,monospace;font-size:.92em}
details{margin:.5rem 0}summary{cursor:pointer;color:var(--link)}
section.answer{border-top:1px solid var(--line);padding:.4rem 0 .8rem}
svg{max-width:100%;height:auto}svg text{fill:var(--text);font:13px system-ui,sans-serif}svg .bar{fill:var(--bar)}
svg .axis{stroke:var(--soft)}
@media (max-width:44rem){.two{grid-template-columns:1fr}.cards{gap:.5rem}.card{flex:1 1 40%}
.stack td details{display:inline-block}svg text{font-size:16px}.meter{width:3.5rem}.stack thead{position:absolute;left:-100vw}.stack tr{display:block;border-top:1px solid var(--line);padding:.4rem 0}
.stack tr:first-child{border:0}.stack th,.stack td{display:block;border:0;padding:.1rem .7rem}
.stack td::before{content:attr(data-label) ": ";color:var(--soft)}}
@media print{.scroll{overflow:visible}details{display:block}}
""".strip()


def page(title, body):
    """A page that needs nothing from anywhere else.

    Args:
        title: text.
        body: HTML.
    """
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>{html.escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style></head>\n'
        f"<body><main>\n{body}\n</main></body></html>\n"
    )


def table(head, rows, *, label, numbers=(), look=""):
    """A table in a box that scrolls sideways where the screen is narrow.

    Args:
        head: the columns' titles, text.
        rows: for each line its cells, HTML; the first one is the line's title.
        label: what the table shows, for screen readers, text.
        numbers: places of the columns that hold numbers.
        look: "sticky" keeps the first column in sight; "stack" puts the cells under each other on a narrow screen.
    """
    kind = ["n" if place in numbers else "" for place in range(len(head))]
    top = "".join(
        f'<th scope="col" role="columnheader"{_class(k)}>{html.escape(title)}</th>'
        for title, k in zip(head, kind, strict=True)
    )
    lines = "\n".join(_line(cells, kind, head) for cells in rows)
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{html.escape(label)}">'
        f'<table role="table"{_class(look)}><thead role="rowgroup"><tr role="row">{top}</tr></thead>\n'
        f'<tbody role="rowgroup">\n{lines}\n</tbody></table></div>'
    )


def card(number, words):
    """A number that matters, and what it counts; both HTML."""
    return f'<div class="card"><strong>{number}</strong>{words}</div>'


def meter(share, words):
    """A share from 0 to 1 as a small bar beside its words; the words say it all."""
    bar = f'<span class="meter" aria-hidden="true"><span style="width:{100 * share:.0f}%"></span></span>'
    return f'<span class="nowrap">{bar}{words}</span>'


def histogram(counts, labels, *, description):
    """Bars as a picture that says in words what it shows.

    Args:
        counts: how many, one a bar.
        labels: what each bar stands for, text.
        description: the picture's alternative text.
    """
    width, height, floor = 640, 230, 195
    step, top = width / len(counts), max([*counts, 1])
    parts = []
    for place, (number, label) in enumerate(zip(counts, labels, strict=True)):
        tall, middle = 165 * number / top, (place + 0.5) * step
        parts.append(f'<rect class="bar" x="{place * step + 2:.1f}" y="{floor - tall:.1f}" width="{step - 4:.1f}" height="{tall:.1f}"/>')  # fmt: skip
        if number:
            parts.append(f'<text x="{middle:.1f}" y="{floor - tall - 5:.1f}" text-anchor="middle">{number}</text>')
        parts.append(f'<text x="{middle:.1f}" y="{floor + 18}" text-anchor="middle">{html.escape(label)}</text>')
    words = html.escape(description)
    return (
        f'<svg role="img" aria-label="{words}" viewBox="0 0 {width} {height}" width="{width}"><title>{words}</title>'
        f'{"".join(parts)}<line class="axis" x1="0" x2="{width}" y1="{floor}" y2="{floor}"/></svg>'
    )


def _line(cells, kind, head):
    """A line whose roles are said: where it is shown as a block, a browser would forget them."""
    first, *rest = zip(cells, kind, head, strict=True)
    tail = "".join(
        f'<td role="cell" data-label="{html.escape(title)}"{_class(k)}>{cell}</td>' for cell, k, title in rest
    )
    return f'<tr role="row"><th scope="row" role="rowheader"{_class(first[1])}>{first[0]}</th>{tail}</tr>'


def _class(name):
    return f' class="{name}"' if name else ""
