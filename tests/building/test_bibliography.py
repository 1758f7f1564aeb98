"""The page of references: whoever is cited stands there, and whatever stands there is cited."""

import re

import pytest

from course_utils.activations import ACTIVATIONS
from course_utils.building import bibliography
from course_utils.references import REFERENCES, Reference, cited

NAME = r"[A-ZÀ-Ž][\w-]+"
# Glorot and Bengio 2010 | Dauphin and others 2017 | He's (2015) | Maas, Hannun, Ng 2013 | Klambauer et al. 2017
CITATION = re.compile(rf"({NAME}(?:(?:, | and |, and ){NAME})*)(?:'s| and others| et al\.)?,? \(?((?:18|19|20)\d\d)\b")
MONTHS = ("January", "October", "August")


def citations(text):
    """(last names, year) pairs, as a text cites them."""
    found = CITATION.findall(" ".join(text.split()))
    return [(re.split(r", and |, | and ", names), year) for names, year in found if names not in MONTHS]


def is_cited(names, year, keys):
    """Whether one of the references has this year and, among its authors, the word that stands next to the year."""
    found = (REFERENCES[key] for key in keys)
    return any(one.year == year and names[-1] in {name.split()[-1] for name in one.names} for one in found)


@pytest.fixture
def chapters(root):
    return {path.stem: path.read_text("utf-8") for path in sorted((root / "notebooks").glob("[0-9][0-9]_*.md"))}


@pytest.fixture
def code(root):
    paths = [p for p in sorted((root / "course_utils").rglob("*.py")) if p.name != "references.py"]
    return {str(path.relative_to(root)): path.read_text("utf-8") for path in paths}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("as (Ioffe and Szegedy 2015) say", [(["Ioffe", "Szegedy"], "2015")]),
        ("Cybenko 1989, and Hornik and\nothers 1989", [(["Cybenko"], "1989"), (["Hornik"], "1989")]),
        ("| Glorot, Bordes, Bengio 2011 |", [(["Glorot", "Bordes", "Bengio"], "2011")]),
        ("He's (2015), in Keras", [(["He"], "2015")]),
        ("of 21 October 2019, an article of 2019", []),
    ],
)
def test_citations_are_found(text, found):
    assert citations(text) == found


def test_every_citation_in_a_chapter_stands_in_its_sources(chapters):
    loose = [
        (name, *citation)
        for name, text in chapters.items()
        for citation in citations(bibliography.BLOCK.sub("", text))
        if not is_cited(*citation, bibliography.cited_in(text))
    ]
    assert loose == []


def test_every_citation_in_the_code_is_a_reference(code):
    loose = [(path, *c) for path, text in code.items() for c in citations(text) if not is_cited(*c, REFERENCES)]
    assert loose == []


def test_a_source_without_a_comment_is_named_in_the_chapter(chapters):
    for name, text in chapters.items():
        prose = bibliography.BLOCK.sub("", text)
        silent = [key for key, comment in bibliography.cited_in(text).items() if not comment]
        assert all(any(person in prose for person in REFERENCES[key].names or ["sparsemax"]) for key in silent), name


def test_every_reference_is_used(chapters, code):
    in_rooms = {key for text in chapters.values() for key in bibliography.cited_in(text)}
    in_code = [citation for text in code.values() for citation in citations(text)]
    unused = [
        key
        for key, reference in REFERENCES.items()
        if key not in in_rooms
        and not any(key in entry.source.keys for entry in ACTIVATIONS.values())
        and not any(is_cited(*citation, [key]) for citation in in_code)
    ]
    assert unused == []


def test_every_chapter_but_the_first_names_its_sources(chapters):
    assert [name for name, text in chapters.items() if not bibliography.cited_in(text)] == ["00_start_here"]


def test_who_when_and_where():
    for key, reference in REFERENCES.items():
        assert all((reference.title, reference.venue)), key
        assert bool(reference.authors) or not reference.year, key
        assert not reference.year or key.endswith(reference.year), key
        assert re.fullmatch(r"(\d{4}\.\d{4,5})?", reference.arxiv), key


def test_the_catalogue_takes_its_sources_from_here():
    for entry in ACTIVATIONS.values():
        assert entry.source.keys, entry.name


def test_the_page_has_every_reference_once_and_says_where_it_is_used(root, chapters):
    page = (root / bibliography.PATH).read_text("utf-8")
    for key, reference in REFERENCES.items():
        (line,) = [line for line in page.splitlines() if line.startswith(f"- {reference.markdown()}. ")]
        for name, text in chapters.items():
            assert (f"({name}.ipynb)" in line) == (key in bibliography.cited_in(text))


def test_names_and_texts():
    two = Reference("Y. N. Dauphin, K.-R. Müller", "2017", "A title", "ICML", "1612.08083")
    assert two.names == ("Dauphin", "Müller")
    assert Reference("A. Howard and others", "2019", "T", "V").names == ("Howard",)
    assert two.citation() == "Dauphin and Müller 2017"
    assert REFERENCES["he2015"].citation() == "He and others 2015"
    assert REFERENCES["howard2019"].citation() == "Howard and others 2019"
    assert REFERENCES["misra2020"].citation() == "Misra 2020"
    assert REFERENCES["keras_activations"].citation() == "Keras's documentation of keras.activations"
    assert two.text() == "Y. N. Dauphin, K.-R. Müller, 2017, A title, ICML, arXiv:1612.08083"
    assert two.markdown().endswith("2017, *A title*, ICML, [arXiv:1612.08083](https://arxiv.org/abs/1612.08083)")
    assert str(cited("As in {nair2010}")) == f"As in {REFERENCES['nair2010'].text()}"


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("- nair2011\n", "There is no reference 'nair2011'"),
        ("nair2010\n", "a list of references, one a line after a dash"),
        ("- nair2010: one: two\n", "a list of references, one a line after a dash"),
        ("- 2010\n", "a list of references, one a line after a dash"),
    ],
)
def test_an_author_s_mistake(block, message):
    with pytest.raises(ValueError, match=message):
        bibliography.room(f"```{{sources}}\n{block}```")


def test_a_room_is_a_list():
    room = bibliography.room("```{sources}\n- kingma2015: The optimizer Adam.\n- article\n```")
    first, second = room.splitlines()
    assert first == f"- {REFERENCES['kingma2015'].markdown()}. The optimizer Adam."
    assert second == "- *TensorFlow 2.0 (7): activation functions*, a blog post in Chinese, 21 October 2019."
