"""The section "Sources" of a chapter and the page of all references, both made from `course_utils/references.py`."""

import re
from collections.abc import Mapping

import yaml

from course_utils.activations import ACTIVATIONS, GATED
from course_utils.references import REFERENCES
from course_utils.texts import _

PATH = "notebooks/references.md"
BLOCK = re.compile(r"^```\{sources\}[ \t]*\n(.*?)^```[ \t]*$", re.DOTALL | re.MULTILINE)
PAGE = _("""<!-- Made by `course build` from course_utils/references.py and the chapters' sources; don't edit it here. -->

# References

Everything that the course leans on, once: who, when, what and where. After each entry stands where it is used. The numbers
that the course measures itself are not in this list: a cell on the chapter's page works them out.

## Papers and books

{papers}

## Pages, documentation and data

{pages}
""")
NO_PAPERS = ("alpaydin1998", "okabe2008")  # though they have authors and a year


def cited_in(text: str) -> dict[str, str]:
    """The keys and comments in a chapter's `sources` blocks, in order.

    Args:
        text: the chapter's source.

    Returns:
        dict, key -> comment or "".

    Raises:
        ValueError: a block isn't a list of keys, or names a reference that is not in `course_utils/references.py`.
    """
    lines = [line for block in BLOCK.findall(text) for line in _lines(block)]
    unknown = [key for key, _comment in lines if key not in REFERENCES]
    if unknown:
        sentence = _("There is no reference {key!r} in course_utils/references.py: add it there.")
        raise ValueError(sentence.format(key=unknown[0]))
    return dict(lines)


def _lines(block):
    try:
        entries = yaml.safe_load(block)
    except yaml.YAMLError:
        entries = None
    if not isinstance(entries, list) or not all(isinstance(entry, (str, dict)) and entry for entry in entries):
        sentence = _("A block `sources` is a list of references, one a line after a dash. Got {block!r}.")
        raise ValueError(sentence.format(block=block))
    return [(entry, "") if isinstance(entry, str) else next(iter(entry.items())) for entry in entries]


def room(text: str) -> str:
    """A chapter's sources as a Markdown list.

    Args:
        text: a chapter's source, or only the block.

    Returns:
        str.
    """
    return "\n".join(
        f"- {_sentence(REFERENCES[key])}{comment and f' {comment}'}" for key, comment in cited_in(text).items()
    )


def _sentence(reference):
    return f"{reference.markdown()}."


def page(chapters: Mapping[str, str]) -> str:
    """The page of all references.

    Args:
        chapters: name -> source.

    Returns:
        Markdown.
    """
    cited = {name: cited_in(text) for name, text in chapters.items()}
    uses = {key: _uses(key, cited) for key in REFERENCES}
    papers = [key for key, reference in REFERENCES.items() if reference.year and key not in NO_PAPERS]
    groups = {"papers": sorted(papers, key=_order), "pages": [key for key in REFERENCES if key not in papers]}
    return PAGE.format_map({name: "\n".join(_entry(key, uses[key]) for key in keys) for name, keys in groups.items()})


def _order(key):
    return (REFERENCES[key].names[0].casefold(), REFERENCES[key].year)


def _uses(key, cited):
    citing = [name for name, keys in cited.items() if key in keys]
    links = [_("[chapter {number}]({name}.ipynb)").format(number=int(name[:2]), name=name) for name in citing]
    catalogue = [entry.title for entry in (*ACTIVATIONS.values(), *GATED.values()) if key in entry.source.keys]
    return [*links, *([_("the catalogue ({names})").format(names=", ".join(catalogue))] if catalogue else [])]


def _entry(key, uses):
    used = _("Used in {places}.").format(places=", ".join(uses) or _("the code"))
    return f"- {_sentence(REFERENCES[key])} {used}"
