"""Every cell and every claim of the article stands in its chapter: the numbers still come out, the claims are shown or mended."""

import re

import nbformat
import numpy as np
import pytest

# The article's cells and the numbers that it printed under TensorFlow 2.0, in its order.
CELLS = [
    ("02_sigmoid", "x = tf.linspace(-5., 5., 6)", [-5.0, -3.0, -1.0, 1.0, 3.0, 5.0]),
    (
        "02_sigmoid",
        "tf.keras.activations.sigmoid(x)",
        [0.00669285, 0.04742587, 0.26894143, 0.7310586, 0.95257413, 0.9933072],
    ),
    ("02_sigmoid", "tf.sigmoid(x)", [0.00669285, 0.04742587, 0.26894143, 0.7310586, 0.95257413, 0.9933072]),
    ("03_relu", "x = tf.linspace(-5., 5., 6)", [-5.0, -3.0, -1.0, 1.0, 3.0, 5.0]),
    ("03_relu", "tf.keras.activations.relu(x)", [0.0, 0.0, 0.0, 1.0, 3.0, 5.0]),
    ("03_relu", "tf.keras.activations.relu(x, negative_slope=2.)", [-10.0, -6.0, -2.0, 1.0, 3.0, 5.0]),  # was alpha
    ("03_relu", "tf.keras.activations.relu(x, max_value=2.)", [0.0, 0.0, 0.0, 1.0, 2.0, 2.0]),
    (
        "03_relu",
        "tf.keras.activations.relu(x, negative_slope=2., threshold=3.5)",  # was alpha
        [-17.0, -13.0, -9.0, -5.0, -1.0, 5.0],
    ),
    (
        "04_softmax",
        "tf.nn.softmax(tf.constant([[1.5, 4.4, 2.0]]))",
        [0.04802413, 0.87279755, 0.0791784],
    ),
    (
        "04_softmax",
        "tf.keras.activations.softmax(tf.constant([[1.5, 4.4, 2.0]]))",
        [0.04802413, 0.87279755, 0.0791784],
    ),
    (
        "04_softmax",
        "x = tf.random.uniform([1, 5], minval=-2, maxval=2)",  # the article set no seed: this row is ours
        [-0.83209944, -1.1737342, 0.14156294, 0.24502993, -0.33330202],
    ),
    (
        "04_softmax",
        "tf.keras.activations.softmax(x)",  # of our row, in float64
        [0.111841706, 0.0794755743, 0.296114671, 0.328393904, 0.184174145],
    ),
    (
        "04_softmax",
        "tf.keras.activations.softmax(printed)",  # of the row that the article printed
        [0.42763966, 0.09813169, 0.04078862, 0.30023944, 0.13320053],
    ),
    ("05_tanh", "x = tf.linspace(-5., 5., 6)", [-5.0, -3.0, -1.0, 1.0, 3.0, 5.0]),
    (
        "05_tanh",
        "tf.keras.activations.tanh(x)",
        [-0.99990916, -0.9950547, -0.7615942, 0.7615942, 0.9950547, 0.99990916],
    ),
]
RTOL = {"04_softmax": 1e-6}  # oneDNN, TensorFlow's default now, differs in the 7th digit


def article_cells(root, chapter):
    notebook = nbformat.read(root / "notebooks" / f"{chapter}.ipynb", as_version=4)
    return [cell for cell in notebook.cells if "article" in cell.metadata.get("tags", [])]


def printed_numbers(cell):
    (output,) = cell.outputs
    inside = re.search(r"numpy=\s*array\(\[+(.*?)\]", output.data["text/plain"], re.DOTALL)[1]
    return [float(number) for number in inside.split(",")]


@pytest.mark.parametrize(("chapter", "line", "expected"), CELLS)
def test_cell_of_the_article(root, chapter, line, expected):
    (cell,) = [cell for cell in article_cells(root, chapter) if line in cell.source.splitlines()]
    np.testing.assert_allclose(printed_numbers(cell), expected, rtol=RTOL.get(chapter, 1e-7))


@pytest.mark.parametrize("chapter", sorted({chapter for chapter, _, _ in CELLS}))
def test_no_cell_is_tagged_that_is_not_listed(root, chapter):
    assert len(article_cells(root, chapter)) == sum(name == chapter for name, _, _ in CELLS)


# The article's claims in its order: what it says, where that is shown or mended (words of the chapter), and the code that
# lets the reader see it.
CLAIMS = [
    ("an activation transforms what a neuron receives, not linearly, and passes it on", "01_why_nonlinearity",
     "passes the sum through its activation", "print(z, tf.nn.relu(z).numpy(), tf.sigmoid(z).numpy())"),
    ("without one, a layer is a linear transformation", "01_why_nonlinearity",
     "**A word: linear or affine?**", "experiments.plot_random_networks()"),
    ("many such layers are one linear regression", "01_why_nonlinearity",
     '**"Many layers without activations are only one linear regression."** They can\'t be more than one layer',
     "experiments.linear_stack([8, 64, 64, 64, 64, 10])"),
    ("linear transformations can never do image classification", "01_why_nonlinearity",
     '**"Linear transformations can never do tasks like image classification."** Not true',
     'experiments.train_on_digits("linear", depth=2'),
    ("activations let a network learn complex things", "01_why_nonlinearity",
     "**exactly when its activation is not a polynomial**", "experiments.random_units(kind)"),
    ("activations make backpropagation possible", "01_why_nonlinearity",
     '**"Activations make backpropagation possible."** It is possible without them.',
     'experiments.gradient_flow("linear", depth=2)'),
    ("without a differentiable nonlinearity it would be impossible", "01_why_nonlinearity",
     '**"Without a differentiable nonlinearity, backpropagation would be impossible."** ReLU is not differentiable at its kink',
     "experiments.layer_updates(activation)"),
    ("sigmoid maps to [0, 1]", "02_sigmoid", '**"The sigmoid\'s range is [0, 1]."** On paper it never reaches 0 or 1.',
     "inputs[nearest == 1].min()"),
    ("a large input gives nearly 1, a small one nearly 0", "02_sigmoid", "Here, small means *very negative*",
     "tf.sigmoid(0.)"),
    ("there are two ways to call sigmoid", "02_sigmoid", "there are more than two ways",
     "ways = [tf.sigmoid, tf.nn.sigmoid"),
    ("it is very suitable for the output layer", "06_choosing", "The sigmoid can't say anything negative.",
     'experiments.compare_outputs("regression")'),
    ("it is easy to differentiate", "02_sigmoid", r"$$\sigma'(x) = s \, (1 - s)$$", "print(s * (1 - s))"),
    ("it saturates, hence the gradient vanishes", "02_sigmoid",
     '**"Sigmoids saturate, and therefore the gradient vanishes."** Not at the start', "sigmoids.slopes.mean(axis=0)"),
    ("ReLU is the most used activation", "03_relu", 'ReLU is the most used activation. That was in 2019; what came since is in chapter 6.',
     'plotting.plot_value_and_slope("relu")'),
    ("it is 0 for x < 0, with slope 1 for x > 0", "03_relu", "### The slope at the bend", "slope(tf.nn.relu, x)"),
    ("it keeps the gradient decaying continually", "03_relu", "That must be a slip of the pen",
     "experiments.plot_gradient_flows([he, glorot, sigmoid]"),
    ("so it alleviates vanishing gradients", "03_relu", '**"The slope is 1, so the gradient can\'t vanish."** With Glorot weights',
     'experiments.gradient_flow("relu", depth=20, initializer="glorot_uniform")'),
    ("it speeds up convergence", "03_relu", 'People say that ReLU "speeds up convergence"',
     "experiments.steps_to_learn(*runners)"),
    ("it gives a sparse representation", "03_relu", '**"ReLU activations are sparse."** About half of the outputs',
     'experiments.share_of_zeros("relu", optimizer="adam")'),
    ("this is why it can be used in deep networks", "03_relu",
     "The slope is the reason why ReLU can be used in deep networks. It is one of several",
     "experiments.start_grid()"),
    ("for x < 0 the weights can't be updated, the neuron is dead", "03_relu",
     '**"A unit that is inactive is dead."** Only if', "experiments.revival(bias=-0.5)"),
    ("alpha is the slope of the left piece", "03_relu", "its line always crosses zero at the threshold, not at 0",
     "tf.keras.activations.relu(x, negative_slope=2.)"),
    ("what is above max_value becomes max_value", "03_relu", "The maximum is for the right piece only.",
     "max_value=2., threshold=3.)"),
    ("threshold is the x position of the bend", "03_relu",
     "It is where the two pieces change over, but they don't meet there.",
     "near = tf.constant([3.4999, 3.5, 3.5001])"),
    ("below the threshold: alpha * (x - threshold)", "03_relu",
     "Up to the threshold the rule is `negative_slope * (x - threshold)`",
     "tf.keras.activations.relu(x, negative_slope=2., threshold=3.5)"),
    ("softmax is the evolution of sigmoid", "04_softmax", '**"Softmax is the evolution of the sigmoid."** Half true.',
     "print(tf.nn.softmax(pairs)[:, 0].numpy(), tf.sigmoid(x).numpy()"),
    ("its values lie in [0, 1], sum to 1, and are probabilities", "04_softmax",
     '**"Its values lie in [0, 1] and are probabilities."** Half true twice.', "experiments.out_of_distribution()"),
    ("[1.5, 4.4, 2.0] gives [0.048, 0.873, 0.079]", "04_softmax", "It printed 0.04802413, 0.87279755, 0.0791784.",
     "tf.nn.softmax(tf.constant([[1.5, 4.4, 2.0]]))"),
    ("tanh is like sigmoid in function and plot", "05_tanh", r"$$\tanh(x) = 2 \, \sigma(2x) - 1$$",
     "experiments.plot_three_moves"),
    ("so its pros and cons are the same", "05_tanh",
     'its pros and cons are the same."** That is what the article says, and it is half true.',
     'experiments.gradient_flow("tanh", depth=20)'),
    ("the difference is the range [-1, 1]", "05_tanh", '**"Its range is [-1, 1]."** Half true', "inputs[nearest == 1].min()"),
    ("hidden layers mostly need an activation", "06_choosing", "| Hidden layers mostly need an activation | right |",
     'experiments.report_card("linear")'),
    ("layers without one are called logits layers", "06_choosing",
     '**"Layers without an activation are called logits layers."** Half true.', "tf.math.log(p / (1 - p))"),
    ("choose the activation by the data", "06_choosing", '**"Choose the activation by the data."** Half true.',
     'experiments.compare_outputs("counts")'),
    ("the others are mostly variants of these four", "06_choosing",
     '**"The others are mostly variants of these four."** Half true.', "(entry.df(x) < 0).any()"),
    ("the others are mostly variants: in today's networks the four are parts", "07_todays_networks",
     '**"Most others are variants of these four."** The article\'s last words, and half true', "experiments.train_attention("),
]  # fmt: skip


def text_and_code(root, chapter):
    """All Markdown of a chapter on one line, and its code."""
    cells = nbformat.read(root / "notebooks" / f"{chapter}.ipynb", as_version=4).cells
    text, code = ("\n".join(c.source for c in cells if c.cell_type == kind) for kind in ("markdown", "code"))
    return " ".join(re.sub(r"^> ?", "", text, flags=re.MULTILINE).split()), code


@pytest.mark.parametrize(("claim", "chapter", "said", "shown"), CLAIMS)
def test_claim_of_the_article(root, claim, chapter, said, shown):
    text, code = text_and_code(root, chapter)
    assert said in text, f"{chapter} has lost the words on: {claim}"
    assert shown in code, f"{chapter} has lost the cell that shows: {claim}"


def test_all_claims_are_here_and_none_twice():
    assert len({claim for claim, *_ in CLAIMS}) == len(CLAIMS) == 36  # of 35 claims, one in two chapters
