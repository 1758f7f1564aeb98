"""Tables of a page: what was printed in columns becomes a table, and nothing else does."""

import re

import pytest

from course_utils.building.site import tables


def rows(markup):
    """The rows of all tables in a piece of HTML: each a list of (tag, text)."""
    return [
        [(tag, text.replace("\u00a0", "~")) for tag, text in re.findall(r"<(t[hd])\b[^>]*>(.*?)</t[hd]>", row)]
        for row in re.findall(r"<tr>(.*?)</tr>", markup)
    ]


PRINTED = """\
output + loss    training loss  best possible
tanh(1) + MSE    falls          0.000
linear(1) + MSE  falls in 2     1.463
sigmoid(1)       does not fall  0.447
the losses <differ>: True
"""


def test_lines_in_columns_become_a_table_and_the_others_stay():
    found = tables.printed(PRINTED)
    assert rows(found) == [
        [("th", "output + loss"), ("th", "training loss"), ("th", "best possible")],
        [("th", "tanh(1) + MSE"), ("td", "falls"), ("td", "0.000")],
        [("th", "linear(1) + MSE"), ("td", "falls in 2"), ("td", "1.463")],
        [("th", "sigmoid(1)"), ("td", "does not fall"), ("td", "0.447")],
    ]
    assert found.endswith("<pre>the losses &lt;differ&gt;: True</pre>")
    assert found.count("<thead>") == 1
    assert re.findall(r'class="number">([^<]*)<', found) == ["best possible", "0.000", "1.463", "0.447"]


def test_a_number_and_the_name_after_it_are_one_column():
    text = "   layer     mean  dead\n1  hidden_1   0.1  2.0%\n2  gelu         -  0.0%\n3  output     0.3     -\n"
    assert rows(tables.printed(text)) == [
        [("th", "layer"), ("th", "mean"), ("th", "dead")],
        [("th", "1~hidden_1"), ("td", "0.1"), ("td", "2.0%")],
        [("th", "2~gelu"), ("td", "-"), ("td", "0.0%")],
        [("th", "3~output"), ("td", "0.3"), ("td", "-")],
    ]


def test_two_columns_have_no_head_and_what_belongs_below_is_set_in():
    found = tables.printed("wave\nslopes             0 to 1\nfirst of 10        9.5\n  divided by last  not finite\n")
    assert found.startswith("<pre>wave</pre>")
    assert rows(found) == [
        [("th", "slopes"), ("td", "0 to 1")],
        [("th", "first of 10"), ("td", "9.5")],
        [("th", "divided by last"), ("td", "not finite")],
    ]
    assert '<th scope="row" class="below">divided by last</th>' in found


@pytest.mark.parametrize("text", [
    "one line",
    "only  two\nlines  here\n",
    "array([[ 0.1,  0.2],\n       [ 0.3,  0.4],\n       [ 0.5,  0.6]])",
    "[1.   0.5  2. ]\n[0.1  0.2  0.3]\n[0.1  0.2  0.3]\n",
    "left:    1\nright:   2\nmiddle:  3\n",
    "layer  1: 6e-07\nlayer  2: 3e-06\nlayer  3: 2e-05\nlayer 10: 4e-01\n",
    "some words stand\nin three lines\nas a sentence\n",
    "slope:  [False  True]\nother:  [False  True]\nlast: 1\n",
])  # fmt: skip
def test_what_is_no_table(text):
    assert tables.printed(text) is None


def test_a_table_of_pandas_has_its_box_and_no_empty_head():
    pandas = pytest.importorskip("pandas")
    found = tables.boxed("<p>before</p>" + pandas.DataFrame({"a": [1], "b": [2]}, index=["row"])._repr_html_())
    assert found.startswith('<p>before</p><div class="course-table" role="group"')
    assert "<style" not in found
    cells = re.findall(r"<(t[hd])[^>]*>([^<]*)</", found)
    assert cells == [("td", ""), ("th", "a"), ("th", "b"), ("th", "row"), ("td", "1"), ("td", "2")]


def test_the_name_of_the_rows_stands_in_the_one_head():
    pandas = pytest.importorskip("pandas")
    index = pandas.Index(["first", "second"], name="layer")
    table = pandas.DataFrame({"std": ["1.7e-06", "0.1"], "said": ["0.7 to 0.8", "2 of 3 seeds not"]}, index=index)
    head, body = tables.boxed(table._repr_html_()).split("</thead>")
    assert head.count("<tr") == 1
    assert re.findall("<th>([^<]*)</th>", head) == ["layer", "std", "said"]
    assert re.findall('<td class="number">([^<]*)</td>', body) == ["1.7e-06", "0.7 to 0.8", "0.1"]
    both = pandas.DataFrame({"a": [1]}, index=pandas.MultiIndex.from_tuples([("x", "y")], names=["one", "two"]))
    assert tables.boxed(both._repr_html_()).count("<tr") == 3  # two heads that say something stay two
