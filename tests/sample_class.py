"""A made-up class: submissions whose answers come out of the bank, the same ones for the same seed.

    python tests/sample_class.py FOLDER [STUDENTS]

writes FOLDER/<student>/<chapter>.ipynb for `course grade` to be tried on.
"""

import json
import random
import sys
from inspect import getsource
from pathlib import Path

from bank import ch02, ch03, ch04, measured
from bank.answers import cell
from bank.anyhow import of_its_own

from course_utils.building.sources import SETUP, stub
from course_utils.exercises import chapters, exercise

IMPORTS = f"import functools, itertools, math\nimport keras, scipy.special, tensorflow as tf\n{SETUP}\n"
BANK = {"02_sigmoid": ch02, "03_relu": ch03, "04_softmax": ch04}
FIRST = [
    "Ada",
    "Ben",
    "Chen",
    "Dilek",
    "Emma",
    "Femi",
    "Goran",
    "Hana",
    "Ines",
    "Jonas",
    "Kofi",
    "Lena",
    "Mei",
    "Noor",
    "Omar",
    "Pia",
    "Quim",
    "Rosa",
    "Sami",
    "Tara",
]
LAST = [
    "Adler",
    "Baker",
    "Costa",
    "Diallo",
    "Evans",
    "Fischer",
    "Garcia",
    "Haddad",
    "Ito",
    "Jansen",
    "Khan",
    "Lopez",
    "Moreau",
    "Novak",
    "Okafor",
    "Patel",
]
TOLD_APART = ("right(", "find(")  # what an answer uses that only the tests have
AT_FAULT = {  # answers that need a person's eye
    "endless": "def {name}{signature}:\n    n = 1\n    while n > 0:\n        n = n + 1\n    return n",
    "exits": "import os\n\ndef {name}{signature}:\n    os._exit(1)",
}
PAIR = (7, 19)  # two students who hand in the same long code
THEIRS = """def {name}{signature}:
    flat = np.ravel(np.asarray({x}, dtype=float))
    result = np.empty_like(flat)
    for place in range(flat.size):
        value = float(flat[place])
        if value > 3.0:
            result[place] = value - 1.5
        else:
            result[place] = value / 2.0 + 0.25
    return result.reshape(np.shape({x}))"""


def hand_in(folder, students=40, seed=1):
    """Write a class's submissions.

    Args:
        folder: where to.
        students: int, how many.
        seed: int, draws who knows what.
    """
    rng = random.Random(seed)
    for number, name in enumerate(names(students, rng)):
        knows = rng.betavariate(3, 1.6)
        for chapter in BANK:
            if rng.random() < 0.05 and number not in PAIR:
                continue  # not handed in
            cells = [IMPORTS, *(_cell(each, chapter, number, knows, rng) for each in chapters()[chapter])]
            path = Path(folder) / name / f"{chapter}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(_notebook(cells)), encoding="utf-8")


def names(students, rng):
    """As many names, none twice."""
    every = [f"{first} {last}" for first in FIRST for last in LAST]
    return sorted(rng.sample(every, students)) if students <= len(every) else [f"s{n:05}" for n in range(students)]


def _cell(name, chapter, number, knows, rng):
    spec, luck = exercise(name), rng.random()
    hard = {"easy": 0.1, "medium": 0.3, "hard": 0.45}[spec.difficulty]
    if number in PAIR and luck < 0.8:
        return cell(name, THEIRS)
    if luck < 0.04:
        return stub(spec)
    if luck < 0.06:
        return cell(name, rng.choice(list(AT_FAULT.values())))
    if luck < 0.08 and (forbidden := _bank(chapter, "FORBIDDEN", name)):
        return rng.choice(forbidden)
    if rng.random() > hard + 0.25 - 0.35 * knows and rng.random() < 0.35 + knows:
        right = [getsource(spec.solution), *_bank(chapter, "RIGHT", name)]
        return right[0] if rng.random() < 0.4 else rng.choice(right)
    wrong = _bank(chapter, "WRONG", name)[:9]
    usual = [1 / place for place in range(1, len(wrong) + 1)]  # the first are the most usual
    return rng.choices(wrong, usual)[0]


def _bank(chapter, kind, name):
    """The bank's answers of a kind, "RIGHT", "WRONG" or "FORBIDDEN", to an exercise."""
    found = [_usable(table[name]) for bank in (BANK[chapter], measured) if name in (table := getattr(bank, kind))]
    return found[0] if found else []


def _usable(table):
    return [text for text in of_its_own(table).values() if not any(word in text for word in TOLD_APART)]


def _notebook(cells):
    code = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    return {"cells": [code | {"source": cell} for cell in cells], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}


if __name__ == "__main__":
    hand_in(sys.argv[1], *map(int, sys.argv[2:3]))
