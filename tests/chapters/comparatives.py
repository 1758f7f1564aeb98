"""Every sentence of the course that compares, and how it is backed; `test_comparatives.py` finds sentences that are missing here.

A row is words of the sentence -> its backing. A chapter's rows are its owner's to keep.
"""

from typing import NamedTuple


class Measured(NamedTuple):
    """A test holds the sentence: each side at its own best rate, two lengths, two kinds of data, five seeds."""

    test: str


class OneSetting(NamedTuple):
    """The sentence is about one setting, which these words in the same section name."""

    said: str


class NoContest(NamedTuple):
    """Nothing is claimed by experience: arithmetic, a definition, a question, or a choice that is marked as wrong."""

    why: str


ARITHMETIC, QUESTION, WRONG_CHOICE = map(NoContest, ("arithmetic", "a question", "a choice that is marked as wrong"))

COMPARATIVES = {
    "01_why_nonlinearity": {
        "Giving each network the learning rate that suits it best doesn't change that.": Measured(
            "test_chapter_01.py::test_relu_gains_a_little_on_the_digits_with_each_network_s_own_best_rate"
        ),
        "% of the points right, a little better than guessing.": Measured(
            "test_chapter_01.py::test_no_learning_rate_and_no_patience_bends_the_straight_border"
        ),
        "With more hinges it quickly gets better.": ARITHMETIC,
        "How quickly?": QUESTION,
        "The best straight line has an error of 0.4448.": ARITHMETIC,
        "What is the error of the best sum of 64 units": QUESTION,
        "Squares get no closer than a straight line.": ARITHMETIC,
        "Cubes stop at the best cubic curve": ARITHMETIC,
        "let the best affine function (least squares again) imitate a network": NoContest("a definition"),
        "does the best affine function reproduce?": QUESTION,
        "tells you what a deeper network has to beat;": NoContest("advice"),
        "that deeper networks are better why:": WRONG_CHOICE,
    },
    "02_sigmoid": {
        "Why don't they make up for it, or make it worse?": QUESTION,
        "whether the ten plain layers would learn after many more steps": NoContest("says what can't be shown"),
        "where on paper it would learn slowly.": ARITHMETIC,
        "the worst mistakes teach the network *nothing*.": ARITHMETIC,
    },
    "03_relu": {
        'race People say that ReLU "speeds up convergence":': QUESTION,
        '- ReLU "speeds up convergence":': QUESTION,
        "that a network with it learns in fewer steps.": QUESTION,
        "ReLU with He weights is faster than tanh with Glorot weights.": OneSetting("At this learning rate, 0.05"),
        "the starting weights, and tanh is faster than ReLU.": OneSetting("At this learning rate, 0.05"),
        "in which each runner gets its own best rate,": NoContest("how the comparison is made"),
        "Both are far ahead of the sigmoid.": Measured(
            "test_chapter_03.py::test_tanh_and_relu_each_at_its_own_best_rate"
        ),
        'So "ReLU speeds up convergence" is true against': Measured(
            "test_chapter_03.py::test_tanh_and_relu_each_at_its_own_best_rate"
        ),
        "```{quiz} best question:": QUESTION,
        "A colleague says that ELU is the fastest activation, and shows you": QUESTION,
        "ELU, GELU and SiLU is fastest in your network.": NoContest("says what is not known"),
        "With two layers and Adam, GELU was ahead of ELU.": Measured(
            "test_chapter_03.py::test_your_turn_with_three_settings"
        ),
        "With Adam at 0.001 and two layers": Measured("test_chapter_03.py::test_your_turn_with_three_settings"),
    },
    "04_softmax": {
        "it learns, but clearly worse -": WRONG_CHOICE,
        "With plain SGD it goes worse:": OneSetting("at 0.3"),
        "another class may win why:": WRONG_CHOICE,
        "the best temperature to more digits,": NoContest("arithmetic on stored predictions"),
        "Then the loss would fall slowly": NoContest("of a wrong choice"),
    },
    "05_tanh": {
        "it learns more than ten times as quickly as with the sigmoid.": OneSetting("with the learning rate 0.1"),
        "At the same learning rate, how quickly does": QUESTION,
        "- about as slowly as with the sigmoid -": QUESTION,
        "If it trains better, which of the two is the": QUESTION,
        "of the six functions gets its own best learning rate, out of 0.1,": NoContest("how the comparison is made"),
        "centred needs two to five times as many steps as its centred twin.": Measured(
            "test_chapter_05.py::test_at_its_own_best_rate_the_centre_matters_more_than_the_slope"
        ),
        "the flatter one has the larger best rate.": Measured(
            "test_chapter_05.py::test_at_its_own_best_rate_the_centre_matters_more_than_the_slope"
        ),
        'So whenever you read "A is faster than B", ask:': QUESTION,
        "**did each of them get its own best learning rate?**": QUESTION,
        "one and a half to two times as many steps as its centred twin,": Measured(
            "test_chapter_05.py::test_in_longer_training_both_cost_less_and_the_centre_still_more"
        ),
        "steps, each function at its own best rate, at least 25": Measured(
            "test_chapter_05.py::test_on_other_data_the_centred_functions_are_ahead_as_well"
        ),
        "with the waves, tanh is ahead of the two flatter centred": Measured(
            "test_chapter_05.py::test_on_other_data_the_centred_functions_are_ahead_as_well"
        ),
        "rate of 0.1, tanh was far ahead of the sigmoid.": OneSetting("At a learning rate of 0.1"),
        "At 0.3 tanh learns even faster than at 0.1.": Measured("test_chapter_05.py::test_your_turn_at_three_rates"),
        "tell you:** which function is best in another network, or with": NoContest("says what is not known"),
        "the depth - deep networks learn faster with the offset answer:": QUESTION,
        "seeds need at least three times as many steps as any seed of the tanh": OneSetting(
            "at a rate at which even the deep networks learn, 0.02"
        ),
        "of eight layers needs about five times as many steps as tanh,": OneSetting("At a learning rate of 0.1"),
        "at tanh's best rate, 0.3, the mended start gains hardly anything.": OneSetting("with two layers at"),
        "Each shift gets its own best rate, out of four below that": NoContest("how the comparison is made"),
        "with all five seeds, at the best of the four rates.": Measured(
            "test_chapter_05.py::test_what_the_chapter_says_of_shifted_inputs"
        ),
        "What matters is how far the best bias has to move.": NoContest(
            "names a cause, which the shifts around it show"
        ),
        "costs several times as many steps as no shift.": Measured(
            "test_chapter_05.py::test_your_turn_with_three_shifts"
        ),
        "It shrinks only slowly, since tanh is a little": NoContest("the size of numbers, before any training"),
        "and twice as large ones do best, and their bands overlap.": OneSetting("at a learning rate of 0.02"),
        "and the network does little better than chance.": OneSetting("at a learning rate of 0.02"),
        "can't tell you:** which factor is best at another depth, or": NoContest("says what is not known"),
        '**"Tanh is better than the sigmoid because it': Measured(
            "test_chapter_05.py::test_at_its_own_best_rate_the_centre_matters_more_than_the_slope"
        ),
        "when each function got its own best rate?": QUESTION,
        "function needs about twice as many steps as tanh.": Measured(
            "test_chapter_05.py::test_at_its_own_best_rate_the_centre_matters_more_than_the_slope"
        ),
        "At its own best rate, each lifted function": Measured(
            "test_chapter_05.py::test_at_its_own_best_rate_the_centre_matters_more_than_the_slope"
        ),
        "Why did 1 + tanh need so many more steps than tanh with eight layers,": OneSetting(
            "at the learning rate of 0.02"
        ),
        "With each function at its own best rate, being centred matters": Measured(
            "test_chapter_05.py::test_at_its_own_best_rate_the_centre_matters_more_than_the_slope"
        ),
    },
    "06_choosing": {
        "to the side and 0.8 ahead.": QUESTION,
        "The best possible is 0.48:": ARITHMETIC,
        "*Best possible* follows from the range alone:": ARITHMETIC,
        "A fair comparison gives **each side its own best learning rate**,": NoContest("how the comparison is made"),
        "No activation beats all the others everywhere.": Measured(
            "test_chapter_06.py::test_on_the_digits_nobody_is_ahead_of_all_others"
        ),
        "layers of sigmoids needed more than three times as many steps as tanhs": Measured(
            "test_chapter_05.py::test_at_its_own_best_rate_the_centre_matters_more_than_the_slope"
        ),
        '**"GELU is better than ReLU."** Its authors measured it so,': QUESTION,
        "Here, with SGD, each with its own best rate, and by training loss:": NoContest("how the comparison is made"),
        "On the waves yes, on the digits neither is ahead.": Measured(
            "test_chapter_06.py::test_each_at_its_own_best_rate"
        ),
        "Yet by the loss on the *test* digits,": OneSetting("the *test* digits"),
        'So "better" means nothing without a recipe and a measure.': NoContest("advice"),
        "the loss after ten times as many steps why:": WRONG_CHOICE,
        "And give each side its own best learning rate.": NoContest("advice"),
        "Compare with several seeds, each activation at its own best learning rate.": NoContest("advice"),
        "with five seeds, each with its own best learning rate, before you": NoContest("advice"),
    },
    "07_todays_networks": {
        "for both kinds their own best of two rates": NoContest("how the comparison is made"),
        "the plain network is ahead for every seed.": OneSetting("On this task, after 200 steps"),
        "With the root it falls slowly,": NoContest("the size of numbers, before any training"),
        "Further left is better.": NoContest("how a picture is read"),
        "search for better Transformers came up with it": NoContest("what another paper did"),
        "A sum alone doesn't win every race.": OneSetting("On this task, after 200 steps"),
        "The best answer is then the most frequent value.": ARITHMETIC,
        "with equally many weights and 800 steps, each at its best": QUESTION,
        "GELU that is ahead of SwiGLU in the median.": OneSetting("on the waves after 200"),
        "for example, ReLU is ahead of SwiGLU after 800 steps": OneSetting("after 800 steps"),
        "SwiGLU has the lowest median loss as well (the course's tests check it).": Measured(
            "test_chapter_07.py::test_a_product_in_the_task_is_not_what_decides"
        ),
        "each kind of step at its best of two learning rates.": QUESTION,
    },
    "exercises": {
        "Which spread is best depends on the number of inputs and on the": QUESTION,
        "One half everywhere is the best that a linear layer can do.": ARITHMETIC,
        "that is wrong by 100 looks no worse than one that is wrong by": ARITHMETIC,
        "Make the wrong logit ten times worse.": QUESTION,
        "Should a worse model have a larger or a": QUESTION,
        "Where did the second-best class go?": QUESTION,
        "shifted, and run through faster.": ARITHMETIC,
        "it higher, let its input run faster.": ARITHMETIC,
        "weights, whichever suits it better;": NoContest("how the check works"),
        "of two spirals right, in the best of 3 tries with 600 steps of": NoContest("how the check works"),
        "whether your function is *better* than another.": NoContest("says what can't be shown"),
        "On the two spirals the best of {tries} networks with": NoContest("how the check works"),
        "A gate that opens slowly.": NoContest("a picture of a curve"),
    },
}
