"""No page says how long a machine takes: another machine would contradict it. Ratios, limits and a reader's own time may stand."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("notebooks/*.md"), ROOT / "Makefile"]
TIME = re.compile(
    r"\b(?i:\d[\d.,]*|half an?|a quarter of an|two|three|four|five|ten|some|several|few) (?:milli)?(?:seconds?|minutes?|hours?)\b"
    r"|\b(?:takes?|in|within|about|after) an? (?:second|minute|hour)(?=[.,;:)]| and| or| on| for| each|$)"
    r"|\b\d[\d.,]* (?:ms|s|min|h)\b|\ba (?:minute|second|hour) or two\b"
    r"|(?:takes?|:) (?:milliseconds|minutes|hours)\b"
)
READER = re.compile(r"\*\*Time:\*\* .*|(?:in|that takes) about five minutes")  # what a person needs, not a machine
LIMITS = {  # limits that are set in code, and where; they hold on every machine
    "`--timeout SECONDS` (default: 10)": "course_utils/cli.py: default=10.0",
    "as long on the clock (100 seconds)": "ten times --timeout",
    "limits of its own, 60 and 600 seconds": "course_utils/grading",
    "with 10 seconds of processor time and 100 on the clock": "course_utils/learner/check.py: PATIENCE",
    "three minutes of processor time in all, or half an hour on the clock": "course_utils/grading",
    "the limits are 60 s and 2 GB on two quiet cores": "benchmarks/chapters.py: MOST",
    "Under 60 s and 2 GB on two quiet cores": "benchmarks/chapters.py: MOST",
    "An answer may take ten seconds there, four in a notebook": "course_utils/building/site",
}


def times(text):
    """What a text says of absolute time, but for limits and what a reader needs."""
    for allowed in LIMITS:
        text = text.replace(allowed, "")
    return [match[0] for match in TIME.finditer(READER.sub("", text))]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_page_promises_a_time(path):
    assert times(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "1,000 notebooks in 41 seconds.", "1,000 notebooks take a minute.", "a minute or two, the first time", "It takes hours.",
        "about a quarter of an hour", "A diagnosis takes a second and can tell", "in 3.5 s", "half an hour", "12 ms a call",
        "after a few minutes",
    ],
)  # fmt: skip
def test_a_time_is_found(sentence):
    assert times(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "three times as long as nbgrader on the same machine", "a second derivative", "There is a second one", "**Time:** about 10 minutes.",
        "asks you again, in about five minutes", "the 1830s", "a second layer", "in the second half", "a network of 4 hidden layers",
        "how many notebooks an hour your machine grades",
    ],
)  # fmt: skip
def test_what_is_no_time_is_not(sentence):
    assert times(sentence) == []


def test_every_limit_that_is_let_through_is_said_somewhere():
    said = "\n".join(path.read_text("utf-8") for path in PAGES)
    assert [limit for limit in LIMITS if limit not in said] == []
