"""Recognises whose a downloaded file is from the names that learning platforms give. Only names are read.

Sources:
    Moodle: moodle/moodle, mod/assign/classes/downloader.php.
    Canvas: instructure/canvas-lms, lib/content_zipper.rb.
    Blackboard: "Download assignments", https://help.blackboard.com
    Brightspace: "Download submissions", https://community.d2l.com
    Gradescope: "Export submissions", https://guides.gradescope.com
    GitHub Classroom: `gh classroom clone student-repos`.
"""

import contextlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

import yaml

MOODLE = re.compile(r"(?P<name>.+)_(?P<id>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<rest>.*)|(?P<end>\.\w+))?")
# Canvas keeps letters, digits and combining marks of a name: Python's `\w` lacks the marks.
CANVAS = re.compile(r"(?P<name>[^\s./\\-]+?)(?P<late>_LATE|_late)?_(?P<id>\d+)_(?P<when>\d+)_(?P<rest>.+)")
CANVAS_TEXT = re.compile(r"(?P<name>[^\s./\\-]+?)(?P<late>_LATE|_late)?_(?P<id>\d+)_(?P<rest>(?:text|link)\.html)")
CANVAS_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?anon_(?P<id>[A-Za-z0-9]+)_(?:(?P<when>\d+)_(?P<rest>.+)|(?P<text>(?:text|link)\.html))"
)
BLACKBOARD = re.compile(
    r"(?P<assignment>.*_)?(?P<id>[^_]+)_attempt_(?P<when>\d{4}(?:-\d\d){5})(?:_(?P<rest>.+)|(?P<end>\.txt))"
)
BRIGHTSPACE = re.compile(
    r"(?P<id>\d+-\d+) - (?P<name>.+?)(?: - (?P<when>(?:(?! - ).)*\d{4}(?:(?! - ).)*))?(?: - (?P<rest>[^/]*\.\w+))?"
)
BRIGHTSPACE_DATES = (
    "%b %d, %Y %I%M %p",
    "%b %d, %Y %H%M",
    "%B %d, %Y %I%M %p",
    "%d %B, %Y %H%M",
    "%d %b, %Y %H%M",
    "%Y-%m-%d %H%M",
)
GRADESCOPE = re.compile(r"submission_(?P<id>\d+)")
METADATA = "submission_metadata.yml"  # Gradescope's list of submissions and their owners
MOST_METADATA = 50_000_000  # bytes of it


@dataclass(frozen=True)
class Owner:
    """The owner of a file or a folder according to a platform.

    Args:
        platform: "moodle", "canvas", "blackboard", "brightspace", "gradescope", "github", or "" for a folder of that name.
        name: of the student or the group, unchanged.
        id: the platform's number or login for them, unchanged; "" if there is none.
        late: whether the platform marks it as late.
        when: of the attempt, text that sorts by time; "" if the name does not say.
        rest: the file's original name if the platform put the student's in front of it, or "".
    """

    platform: str
    name: str
    id: str = ""
    late: bool = False
    when: str = ""
    rest: str = ""


def owner(name: str, *, folder: bool) -> Owner | None:
    """The owner of a download, by its name; None if it matches no platform's pattern.

    Examples:
        >>> owner("Ada Baker_1204567_assignsubmission_file_", folder=True)
        Owner(platform='moodle', name='Ada Baker', id='1204567', late=False, when='', rest='')
        >>> owner("bakerada_LATE_123_4567_02_sigmoid-1.ipynb", folder=False).rest
        '02_sigmoid-1.ipynb'
    """
    if found := MOODLE.fullmatch(name):
        rest = found["rest"] or (f"{found['kind']}{found['end']}" if found["end"] else "")
        return Owner("moodle", found["name"], found["id"], rest="" if folder else rest or name)
    if found := BRIGHTSPACE.fullmatch(name):
        return Owner(
            "brightspace",
            found["name"],
            found["id"],
            when=_sortable(found["when"]),
            rest="" if folder else found["rest"] or name,
        )
    if folder:
        return None
    if found := BLACKBOARD.fullmatch(name):
        return Owner(
            "blackboard", found["id"], found["id"], when=found["when"], rest=found["rest"] or f"{found['id']}.txt"
        )
    if found := CANVAS_ANONYMOUS.fullmatch(name):
        return Owner(
            "canvas",
            f"anon_{found['id']}",
            late=bool(found["late"]),
            when=found["when"].zfill(20) if found["when"] else "",
            rest=found["rest"] or found["text"],
        )
    if found := CANVAS_TEXT.fullmatch(name):
        return Owner("canvas", found["name"], found["id"], bool(found["late"]), rest=found["rest"])
    if found := CANVAS.fullmatch(name):
        return Owner("canvas", found["name"], found["id"], bool(found["late"]), found["when"].zfill(20), found["rest"])
    return None


def gradescope_owners(folders: Sequence[str], metadata: bytes) -> dict[str, list[Owner]]:
    """Folder -> the owners who handed it in together, for a Gradescope export.

    Args:
        folders: the names of the folders next to the metadata.
        metadata: the content of `submission_metadata.yml`.
    """
    try:
        # This loader reads everything as text, an id 0012 too, and passes over the tags of Gradescope's own language.
        document = yaml.load(metadata.decode("utf-8-sig"), Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    except (yaml.YAMLError, ValueError, RecursionError):
        document = None
    owners = {}
    for folder in folders:
        entry = document.get(folder) if isinstance(document, dict) else None
        people = entry.get(":submitters") if isinstance(entry, dict) else None
        known = [
            Owner("gradescope", _whole(person[":name"]), _given(person, ":sid") or _given(person, ":email"))
            for person in (people if isinstance(people, list) else ())
            if isinstance(person, dict) and _given(person, ":name")
        ]
        if known or GRADESCOPE.fullmatch(folder):
            owners[folder] = known or [Owner("gradescope", folder)]
    return owners


def _given(person, key):
    value = person.get(key)
    return _whole(value) if isinstance(value, str) and value not in ("", "~", "null") else ""


def _whole(value):
    """A value as text without lone surrogates, which can't be encoded."""
    return str(value).encode("utf-8", "replace").decode()


def github_owners(folders: Sequence[str]) -> dict[str, Owner]:
    """Folder -> owner, for clones of GitHub Classroom repositories, `<assignment>-<login>`; {} if these are not."""
    start = _common_start(folders)
    return {folder: Owner("github", folder, folder.removeprefix(start)) for folder in folders} if start else {}


def blackboard_login(text: str) -> str:
    """The login in the text file that Blackboard adds to an attempt, `Name: Ada Baker (abaker)`, in any language, or ""."""
    found = re.search(r"^[^\n:]+: .*\(([^()\n]+)\)\s*$", text, re.MULTILINE)
    return found[1] if found else ""


def blackboard_logins(names: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    """Attempt -> login, where a login may contain the `_` that separates the parts of a name.

    All names begin with the assignment's: what comes after that is the login.

    Args:
        names: of files.
        known: attempt -> login, of those whose text file names it.
    """
    attempts = {attempt_of(name) for name in names} - {""}
    heads = {attempt: attempt[: attempt.rindex("_attempt_")] for attempt in attempts}
    starts = {
        heads[one].removesuffix(login) for one, login in known.items() if heads.get(one, "").endswith(f"_{login}")
    }
    start = next(iter(starts)) if len(starts) == 1 else "" if starts else _common_start(set(heads.values()), "_")
    found = {one: head.removeprefix(start) for one, head in heads.items() if start and head != start}
    return found | {one: login for one, login in known.items() if one in heads}


def attempt_of(name: str) -> str:
    """The prefix that Blackboard gives to the names of all files of one attempt, or ""."""
    found = BLACKBOARD.fullmatch(name)
    return name[: found.end("when")] if found else ""


def person(owner: Owner) -> tuple[str, ...]:
    """A key that is the same for everything one person handed in. Brightspace's second number may be the attempt's."""
    return owner.platform, owner.name, owner.id.partition("-")[0] if owner.platform == "brightspace" else owner.id


def labels(owners: Iterable[Owner]) -> dict[tuple[str, ...], str]:
    """`person` -> their name in the report, with the id if somebody else has the same name.

    When Moodle hides names, it calls everybody Participant.
    """
    people = {person(owner): owner for owner in owners}
    often = Counter(_alike(owner.name).casefold() for owner in people.values())
    found, taken = {}, set()
    for key, owner in people.items():
        name = owner.name
        if owner.platform == "moodle" and name == "Participant":
            name = f"{name} {owner.id}"
        elif often[_alike(name).casefold()] > 1 and owner.id:
            name = f"{name} ({owner.id})"
        numbered = (f"{name} ({n})" for n in count(2))
        found[key] = name if _alike(name) not in taken else next(one for one in numbered if _alike(one) not in taken)
        taken.add(_alike(found[key]))
    return found


def _alike(name):
    """A name as it looks: letters with marks can be written in two ways."""
    return unicodedata.normalize("NFC", name)


def _common_start(names, end="-"):
    """The common prefix of several names, up to an `end`; "" if there is none."""
    if len(names) < 2:
        return ""
    first, last = min(names), max(names)
    same = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[: first.rfind(end, 0, same) + 1]


def _sortable(words):
    for form in BRIGHTSPACE_DATES if words else ():
        with contextlib.suppress(ValueError):
            return datetime.strptime(words.strip(), form).isoformat()
    return ""
