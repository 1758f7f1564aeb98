"""Finds in a text what looks like code and is none: characters that nobody sees, or takes for others, and copied prompts."""

import re
import unicodedata

from course_utils.checking.syntax import parse
from course_utils.texts import _

PROMPT = re.compile(
    r"^[\s\ufeff]*(>>>|\.\.\.:?(?=[ \t]+[^\s#])|In \[[\d ]*\]:|Out\[[\d ]*\]:|\[[\d ]*\]:|```\w*|~~~\w*)", re.MULTILINE
)
LETTER_LIKE = {"“": '"', "”": '"', "„": '"', "″": '"', "‘": "'", "’": "'", "‚": "'", "′": "'", "−": "-", "–": "-", "—": "-", "×": "*",
               "∗": "*", "÷": "/", "∕": "/", "，": ",", "（": "(", "）": ")", "：": ":", "＝": "=", "；": ";", "．": "."}  # fmt: skip
SENTENCES = {
    "prompt": _("Line {number} begins with `{found}`, which was copied along and is no code. Delete it."),
    "fence": _("Line {number} is Markdown's mark around code, and no code. Delete it, and the one at the end."),
    "unseen": _("Line {number} holds a character that nobody sees ({code}){where}. Delete it."),
    "space": _(
        "Line {number} holds a space that is none of the keyboard's ({code}){where}. Replace it by an ordinary one."
    ),
    "other": _("Line {number} holds `{found}` ({code}) where Python wants `{wanted}`. Type it anew."),
    "before": _(", before `{text}`"),
}


def look_alike(source: str) -> str:
    """One sentence about what keeps Python from reading a source though it looks like code, or "".

    Nothing is said unless that alone is the reason: without it, Python has to be able to read the source.
    """
    broken = _broken_line(source)
    if not broken or _broken_line(_without(source)):
        return ""
    prompts = {match.start(1): match[1] for match in PROMPT.finditer(source)}
    places = [place for place, one in enumerate(source) if place in prompts or one in LETTER_LIKE or _is_unseen(one)]
    place = next((place for place in places if _line(source, place) == broken), places[0])
    character = source[place]
    if place in prompts:
        kind = "fence" if prompts[place].startswith(("```", "~~~")) else "prompt"
        return SENTENCES[kind].format(number=_line(source, place), found=prompts[place])
    if character in LETTER_LIKE:
        return _about(source, place, "other", found=character, wanted=LETTER_LIKE[character])
    return _about(source, place, "space" if unicodedata.category(character) == "Zs" else "unseen")


def _broken_line(source):
    """The number of the line at which Python stops reading, or 0."""
    try:
        parse(source)
    except SyntaxError as error:
        return error.lineno or 1
    except RecursionError:
        return 0
    return 0


def _without(source):
    """The same text in plain characters, without prompts."""
    plain = re.sub(PROMPT.pattern + "[ \\t]?", "", source, flags=re.MULTILINE)
    plain = "".join(" " if unicodedata.category(one) == "Zs" else "" if _is_unseen(one) else one for one in plain)
    return plain.translate(str.maketrans(LETTER_LIKE))


def _is_unseen(character):
    return character not in " \t\r\n\f" and unicodedata.category(character) in ("Cf", "Zs", "Cc")


def _about(source, place, kind, **fields):
    after = source[place + 1 :].partition("\n")[0].strip()
    where = SENTENCES["before"].format(text=after[:20]) if after else ""
    code = f"U+{ord(source[place]):04X}"
    return SENTENCES[kind].format(number=_line(source, place), code=code, where=where, **fields)


def _line(source, place):
    return source.count("\n", 0, place) + 1
