"""What `course doctor` says of the layers that contain a submission."""

import pytest

from course_utils.grading.sandbox import self_test as layers_module
from course_utils.grading.sandbox.pool import ForkPool, OneByOne
from course_utils.grading.sandbox.process import CannotStart
from course_utils.grading.sandbox.self_test import layers

NAMES = ["Isolation of course grade", "A submission's user", "A submission's process", "Its limits"]


@pytest.mark.parametrize(
    ("works", "found", "lacks"),
    [
        ({"bubblewrap": ForkPool("bubblewrap", own_users=True)}, "bubblewrap", ["", "", "", ""]),
        ({"bubblewrap": ForkPool("bubblewrap")}, "bubblewrap", ["", "", "", ""]),
        ({"bubblewrap": OneByOne("bubblewrap")}, "bubblewrap", ["", "", "started anew for each submission", ""]),
        (
            {"process": ForkPool("process")},
            "process",
            ["only as a process, because no such thing. On Linux", "yours, so that it can do", "", ""],
        ),
    ],
)
def test_layers(monkeypatch, works, found, lacks):
    def opened(level):
        if level not in works:
            raise CannotStart("no such thing.")
        return works[level]

    monkeypatch.setattr(layers_module, "opened", opened)
    said = layers()
    assert [name for name, _, _ in said] == NAMES
    assert said[0][1] == found
    for (_, _, sentence), start in zip(said, lacks, strict=True):
        assert sentence.startswith(start)
        assert bool(sentence) == bool(start)


def test_where_nothing_can_be_graded(monkeypatch):
    def opened(level):
        raise CannotStart("no such thing")

    monkeypatch.setattr(layers_module, "opened", opened)
    assert layers() == ((NAMES[0], "", "can't grade here: no such thing."),)
