"""Exercise: the share of dead units in a layer."""

import numpy as np

from course_utils.checking.spec import Exercise, Misconception, about, case
from course_utils.exercises import _reasons as reasons
from course_utils.texts import _

PROMPT = _(r"""
A ReLU unit that gives 0 for **every** sample of the data is *dead* there. What share of a layer's units is dead?

- `activations` is a NumPy array of shape (samples, units), float32 or float64: the layer's outputs, after its ReLU. Each row is
  one sample, each column one unit. There is at least one of each.
- Each number is either 0 or from 0.001 to 10.
- Return one number between 0 (no unit is dead) and 1 (all of them are).
""")

EXPLANATION = _(r"""
**Why it is right.** `activations == 0` tests each number. `np.all(..., axis=0)` goes down each column: is this unit 0 for
every sample? That leaves one answer for each unit. True counts as 1 and False as 0, so their mean is the share of dead units.

**The tempting wrong answer** is `np.mean(activations == 0)`, the share of zeros. A healthy ReLU unit is inactive for about
half of the samples when a network starts, so that number is near one half in a layer without a single dead unit. A unit
that is inactive for one sample, or for a hundred, can still learn from the next.
""")


def dead_share(activations):
    dead = np.all(activations == 0, axis=0)  # one answer a unit
    return np.mean(dead)


def reference(activations):
    return 1 - np.count_nonzero(np.max(activations, axis=0)) / activations.shape[1]


def _layer(rng, samples, units, dead):
    """Activations with this many dead units, each other unit inactive for some of the samples."""
    activations = np.round(rng.uniform(0.001, 10, (samples, units)), 3)
    activations[rng.random((samples, units)) < rng.uniform(0, 0.9)] = 0
    activations[rng.integers(0, samples, units), np.arange(units)] = rng.choice([0.001, 0.1, 3], units)
    activations[:, rng.permutation(units)[:dead]] = 0
    return activations


SHAPES = ((1, 7), (2, 3), (6, 20), (50, 8), (33, 33), (40, 59))  # few: a `tf.function` is traced anew for each


def _draw(rng):
    samples, units = SHAPES[rng.integers(len(SHAPES))]
    dead = rng.integers(0, units + 1)
    return (_layer(rng, samples, units, dead).astype(rng.choice([np.float32, np.float64])),)


SIMPLE = (  # each with why it is tried
    (np.array([[0.0, 1.0], [0.0, 2.0]]), _("Two units: one is inactive for every sample.")),
    (np.array([[1.0, 0.0], [0.0, 2.0]]), _("Two units: each is inactive for one sample.")),
    (np.array([[0.0, 1.0, 0.0, 2.0], [0.0, 0.0, 3.0, 0.0]]), _("More units than samples.")),
    (np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 5.0], [0.0, 2.0, 0.0]]), _("As many units as samples: a wrong axis shows only in the result.")),
    (np.array([[0.0, 0.1, 0.0], [0.0, 0.0, 0.001], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]), _("Units that are rarely active, and only weakly.")),
    (np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), _("No zero anywhere.")),
    (np.zeros((3, 2)), _("Nothing but zeros.")),
    (np.array([[0.0, 0.0, 4.0, 0.0, 1.0]]), _("A single sample.")),
    (np.array([[0.0], [0.0], [2.0]]), _("A single unit.")),
    (np.concatenate([np.zeros((199, 3)), [[0.0, 1.0, 2.0]]]), _("Two units wake for the last of many samples.")),
)  # fmt: skip
EVERYWHERE = tuple(_layer(np.random.default_rng(dead), 6, 20, dead) for dead in range(21))  # each share, in 20ths


EXERCISE = Exercise(
    place=20,
    title=_("The share of dead units"),
    difficulty="easy",
    minutes=8,
    points=1,
    prompt=PROMPT,
    solution=dead_share,
    explanation=EXPLANATION,
    reference=reference,
    cases=(
        *(one for layer, reason in SIMPLE for one in about(reason, case(layer))),
        *about(reasons.FLOAT32, case(SIMPLE[3][0].astype(np.float32))),
        *about(_("A layer of 20 units, with each number of dead ones."), *map(case, EVERYWHERE)),
    ),
    draw=_draw,
    next_step=_("Go through a layer of 2 samples and 2 units by hand: which question do you ask about each unit?"),
    hints=(
        _("Which of the two directions runs over the samples, down or across? Ask your question along that one."),
        _(
            "First find one answer, yes or no, for each unit: is it 0 for all samples? Print that, and count its length."
        ),
        _("`np.all` takes an `axis`. And what does `np.mean` make of an array of True and False?"),
    ),
    misconceptions=(
        Misconception(
            "share_of_zeros",
            lambda activations: np.mean(activations == 0),
            _("That counts zeros. Is a unit dead if it is inactive for half of the samples?"),
        ),
        Misconception(
            "count_of_zeros",
            lambda activations: np.sum(activations == 0),
            _("How many units does the layer have? Can there be more dead ones than that, and is the count a share?"),
        ),
        Misconception(
            "samples_for_units",
            lambda activations: np.mean(np.all(activations == 0, axis=1)),
            _("Each row is a sample. What do you ask about each row, and what did you want to ask?"),
        ),
        Misconception(
            "sometimes_silent",
            lambda activations: np.mean(np.any(activations == 0, axis=0)),
            _("Is a unit dead if it is active for some of the samples?"),
        ),
        Misconception(
            "weak_for_dead",
            lambda activations: np.mean(np.mean(activations, axis=0) < 0.7),
            _("A small output is not 0. Would a gradient reach that unit for some sample?"),
        ),
        Misconception(
            "never_negative",
            lambda activations: np.mean(np.all(activations < 0, axis=0)),
            _("Can a number be negative after a ReLU?"),
        ),
        Misconception(
            "first_sample_only",
            lambda activations: np.mean(activations[0] == 0),
            _("How many samples must you look at before you call a unit dead?"),
        ),
        Misconception(
            "mostly_silent",
            lambda activations: np.mean(np.mean(activations == 0, axis=0) > 0.5),
            _(
                "Your unit may still be active for some of the samples. Where did you draw the line, and where does the prompt draw it?"
            ),
        ),
        Misconception(
            "count_for_share",
            lambda activations: np.sum(np.all(activations == 0, axis=0)),
            _(
                "You found the dead units. Two dead ones out of four, or out of a thousand: should the result be the same?"
            ),
        ),
        Misconception(
            "share_of_the_living",
            lambda activations: np.mean(np.any(activations > 0, axis=0)),
            _("What does your function give for a layer of zeros, where every unit is dead?"),
        ),
        Misconception(
            "one_answer_a_unit",
            lambda activations: np.all(activations == 0, axis=0),
            _("You have one answer for each unit. How do you make one number, a share, out of them?"),
        ),
        Misconception(
            "the_whole_layer",
            lambda activations: np.all(activations == 0),
            _("That asks one question about all numbers at once. How can you ask each unit on its own?"),
        ),
        Misconception(
            "divided_by_samples",
            lambda activations: np.sum(np.all(activations == 0, axis=0)) / len(activations),
            _("You found the dead units. You want their share of what: what does `len` count in a table?"),
        ),
        Misconception(
            "divided_by_all_numbers",
            lambda activations: np.sum(np.all(activations == 0, axis=0)) / np.size(activations),
            _("You found the dead units. You want their share of the units: how many of those are there?"),
        ),
        Misconception(
            "percent",
            lambda activations: 100 * np.mean(np.all(activations == 0, axis=0)),
            _("A share of one half is 0.5. What did you multiply it by?"),
        ),
    ),
)
