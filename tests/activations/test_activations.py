"""The catalogue against three oracles that know nothing of it: Keras, finite differences and 50 digits of mpmath."""

import dataclasses
import inspect
import itertools
import os
import subprocess
import sys

import mpmath
import numpy as np
import pytest

from course_utils import activations
from course_utils.activations import ACTIVATIONS, ALIASES, Activation, get, kinks_at, saturated
from course_utils.activations.catalogue import register

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

INF, NAN = float("inf"), float("nan")
NAMES = list(ACTIVATIONS)
EVERY = pytest.mark.parametrize("entry", ACTIVATIONS.values(), ids=NAMES)
KNOWN_TO_KERAS = [entry for entry in ACTIVATIONS.values() if entry.keras_name]
# 0.037 is no divisor of 3, 6 or 0.5: no point of this grid lies on a kink.
GRID = np.arange(-12.0, 12.0, 0.037)


def value_and_tape(function, x):
    """What TensorFlow computes: the function's value at x, and the gradient of its sum."""
    import tensorflow as tf

    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    return np.asarray(y), np.asarray(tape.gradient(y, x))


def in_keras(entry, **parameters):
    import keras

    function = keras.activations.get(entry.keras_name)
    return lambda x: function(x, **entry.keras_arguments, **parameters)


def test_an_entry_is_found_under_its_own_name():
    assert [entry.name for entry in ACTIVATIONS.values()] == NAMES


# float64: a few roundings of 1e-16, times |x| <= 12; but TensorFlow takes the constants 0.2, sqrt(2), 0.044715 and
# sqrt(2 / pi) through float32 (measured: 1.5e-8, 5.7e-9 and 9.8e-10 on this grid).
# float32: roundings of 6e-8, times |x|; TensorFlow's slopes of mish and gelu_tanh then multiply 1 - tanh^2, of which only
# roundings are left, by x, and gelu_tanh's by the slope of tanh's input as well (at -4.859 it was 0 in place of -3.7e-6).
THROUGH_FLOAT32 = {"leaky_relu": 2e-8, "gelu": 6e-9, "gelu_tanh": 2e-9}
INNER_SLOPE = np.polynomial.Polynomial([1, 0, 3 * 0.044715]) * np.sqrt(2 / np.pi)


@pytest.mark.parametrize("entry", KNOWN_TO_KERAS, ids=lambda entry: entry.name)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_value_and_slope_agree_with_keras(entry, dtype):
    x = GRID.astype(dtype)
    value, slope = value_and_tape(in_keras(entry), x)
    tolerance = 5e-6 if dtype == np.float32 else THROUGH_FLOAT32.get(entry.name, 2e-14)
    assert value.dtype == slope.dtype == dtype
    np.testing.assert_allclose(entry.f(x), value, rtol=tolerance, atol=tolerance)
    cancelled = 2**-22 * np.abs(x * INNER_SLOPE(x)) if (entry.name, dtype) == ("gelu_tanh", np.float32) else 0
    assert np.isclose(entry.df(x), slope, rtol=tolerance, atol=tolerance + cancelled).all()


RELU_ARGUMENTS = list(itertools.product([0.0, 0.1, 1.0, 2.0], [None, 0.0, 2.0, 6.0], [-1.0, 0.0, 1.5, 3.0]))


@pytest.mark.parametrize(("negative_slope", "max_value", "threshold"), RELU_ARGUMENTS)
def test_relu_agrees_with_keras_for_every_combination_of_arguments(negative_slope, max_value, threshold):
    arguments = {"negative_slope": negative_slope, "max_value": max_value, "threshold": threshold}
    relu = ACTIVATIONS["relu"]
    value, slope = value_and_tape(in_keras(relu, **arguments), GRID)
    # Keras takes negative_slope through float32 on some paths: 0.1 becomes 0.10000000149.
    np.testing.assert_allclose(relu.f(GRID, **arguments), value, rtol=5e-8, atol=1e-14)
    np.testing.assert_allclose(relu.df(GRID, **arguments), slope, rtol=5e-8, atol=1e-14)


@pytest.mark.parametrize(
    ("arguments", "x", "value"),
    [
        ({"max_value": 2.0, "threshold": 3.0}, 2.5, 0.0),  # not 2: below the threshold
        ({"max_value": 2.0, "threshold": 3.0}, 4.0, 2.0),
        ({"max_value": 2.0, "threshold": -1.0}, -0.5, 0.0),  # clipped at 0
        ({"threshold": -1.0}, -0.5, -0.5),  # not clipped
        ({"threshold": 3.5}, 3.5, 0.0),  # at the threshold
        ({"max_value": 0.0}, 5.0, 0.0),  # 0 is a maximum, not "none"
        ({"max_value": -1.0}, 5.0, 0.0),  # as in Keras's code
        ({"negative_slope": 2.0, "threshold": 3.5, "max_value": 4.0}, [-5, -3, -1, 1, 3, 5], [-17, -13, -9, -5, -1, 4]),
    ],
)
def test_relu_in_the_places_that_surprise(arguments, x, value):
    np.testing.assert_array_equal(ACTIVATIONS["relu"].f(x, **arguments), value)
    np.testing.assert_array_equal(in_keras(ACTIVATIONS["relu"], **arguments)(np.asarray(x, float)), value)


@pytest.mark.parametrize(
    ("name", "parameters", "x", "slope"),
    [
        ("relu", {}, 0.0, 0.0),
        ("leaky_relu", {}, 0.0, 0.2),
        ("relu", {"negative_slope": 0.1}, 0.0, 0.1),
        ("elu", {}, 0.0, 1.0),
        ("elu", {"alpha": 0.5}, 0.0, 0.5),
        ("selu", {}, 0.0, 1.0507009873554805),
        ("softsign", {}, 0.0, 1.0),
        ("hard_sigmoid", {}, [-3.0, 3.0], [0.0, 0.0]),
        ("hard_silu", {}, [-3.0, 3.0], [0.0, 1.0]),
        ("relu6", {}, [0.0, 6.0], [0.0, 0.0]),
    ],
)
def test_the_slope_at_a_kink_is_tensorflow_s(name, parameters, x, slope):
    np.testing.assert_array_equal(ACTIVATIONS[name].df(x, **parameters), slope)
    _, tape = value_and_tape(in_keras(ACTIVATIONS[name], **parameters), np.asarray(x, float))
    np.testing.assert_allclose(tape, slope, rtol=5e-8)  # slopes pass through float32, see above


@pytest.mark.parametrize(
    ("arguments", "x", "keras_slope", "ours"),
    [
        ({"max_value": 5.0}, 5.0, 1.0, 0.0),
        ({"negative_slope": 0.1, "threshold": 1.0}, 1.0, 0.0, 0.1),
        ({"threshold": -1.0, "max_value": 5.0}, 0.0, 1.0, 0.0),
    ],
)
def test_where_keras_is_not_of_one_mind_our_convention_differs(arguments, x, keras_slope, ours):
    assert value_and_tape(in_keras(ACTIVATIONS["relu"], **arguments), x)[1] == pytest.approx(keras_slope, abs=1e-6)
    assert ACTIVATIONS["relu"].df(x, **arguments) == ours


@EVERY
def test_parameters_have_keras_names_and_defaults(entry):
    import keras

    arguments = list(inspect.signature(keras.activations.get(entry.keras_name)).parameters.values())[1:]
    assert dict(entry.parameters) == {a.name: a.default for a in arguments if a.name not in entry.keras_arguments}
    for function in (entry.f, entry.df):
        assert {p.name: p.default for p in list(inspect.signature(function).parameters.values())[1:]} == dict(
            entry.parameters
        )


@EVERY
def test_slope_is_the_limit_of_differences(entry):
    h = 1e-5  # error h^2 / 6 * f''' (2e-11 here) + rounding 1e-16 * |f| / h (1e-10 for |f| = 12)
    differences = (entry.f(GRID + h) - entry.f(GRID - h)) / (2 * h)
    np.testing.assert_allclose(entry.df(GRID), differences, rtol=0, atol=5e-10)


@pytest.mark.parametrize(
    ("name", "parameters"), [("leaky_relu", {"negative_slope": 0.01}), ("elu", {"alpha": 0.3}), ("elu", {"alpha": 0.0})]
)
def test_slope_follows_the_parameters(name, parameters):
    f, df = ACTIVATIONS[name].f, ACTIVATIONS[name].df
    differences = (f(GRID + 1e-5, **parameters) - f(GRID - 1e-5, **parameters)) / 2e-5
    np.testing.assert_allclose(df(GRID, **parameters), differences, rtol=0, atol=5e-10)


mp = mpmath.mp


def _logistic(x):
    return 1 / (1 + mp.exp(-x))


def _softplus(x):
    return mp.log1p(mp.exp(x))


def _gelu_inner(x):
    return mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x**3)


def _inner_slope(x):
    return mp.sqrt(2 / mp.pi) * (1 + 3 * mp.mpf("0.044715") * x**2)


def _sech_squared(x):
    return 1 / mp.cosh(x) ** 2


SCALE, ALPHA = mp.mpf("1.0507009873554804934193349852946"), mp.mpf("1.6732632423543772848170429916717")

# name: value, slope. Written as in the papers; mpmath's digits do what our rearrangements do.
EXACT = {
    "sigmoid": (_logistic, lambda x: _logistic(x) * _logistic(-x)),
    "tanh": (mp.tanh, _sech_squared),
    "elu": (lambda x: x if x > 0 else mp.expm1(x), lambda x: 1 if x > 0 else mp.exp(x)),
    "selu": (
        lambda x: SCALE * (x if x > 0 else ALPHA * mp.expm1(x)),
        lambda x: SCALE * (1 if x >= 0 else ALPHA * mp.exp(x)),
    ),
    "gelu": (lambda x: x * mp.ncdf(x), lambda x: mp.ncdf(x) + x * mp.npdf(x)),
    "gelu_tanh": (
        lambda x: x / 2 * (1 + mp.tanh(_gelu_inner(x))),
        lambda x: (1 + mp.tanh(_gelu_inner(x)) + x * _sech_squared(_gelu_inner(x)) * _inner_slope(x)) / 2,
    ),
    "silu": (lambda x: x * _logistic(x), lambda x: _logistic(x) + x * _logistic(x) * _logistic(-x)),
    "softplus": (_softplus, _logistic),
    "softsign": (lambda x: x / (1 + abs(x)), lambda x: 1 / (1 + abs(x)) ** 2),
    "mish": (
        lambda x: x * mp.tanh(_softplus(x)),
        lambda x: mp.tanh(_softplus(x)) + x * _sech_squared(_softplus(x)) * _logistic(x),
    ),
}
POINTS = [sign * x for x in (1e-9, 0.1, 0.5, 2.0, 5.0, 12.3, 20.0, 30.1, 36.7, 40.0, 100.0, 700.0) for sign in (1, -1)]
SMALLEST_NORMAL = float(np.finfo(float).tiny)


def test_every_entry_has_an_oracle():
    assert [entry.name for entry in ACTIVATIONS.values() if not entry.keras_name and entry.name not in EXACT] == []
    assert set(LIMITS) == set(ACTIVATIONS)


@pytest.mark.parametrize("which", [0, 1], ids=["value", "slope"])
@pytest.mark.parametrize("name", EXACT)
def test_tails_have_full_relative_accuracy(name, which):
    # exp(v) turns the rounding of its exponent v into a relative error: |v| is up to 700 here, so up to 8e-14 for each
    # rounding. gelu_tanh rounds five times on the way to v, gelu once, the others not at all (measured: 1.0e-13,
    # 5.5e-14 and 6e-16).
    tolerance = {"gelu_tanh": 3e-13, "gelu": 1e-13}.get(name, 2e-15)
    with mpmath.workdps(400):  # 1 + tanh(-350) needs 300 digits before 50 are left
        exact = np.array([float(EXACT[name][which](mp.mpf(x))) for x in POINTS])
    ours = (ACTIVATIONS[name].f, ACTIVATIONS[name].df)[which](POINTS)
    # Below 2.2e-308, the smallest normal number, float64 has no full accuracy to give: 0 and its neighbours are right.
    normal = np.abs(exact) >= SMALLEST_NORMAL
    np.testing.assert_allclose(ours[normal], exact[normal], rtol=tolerance, atol=0)
    assert (np.abs(ours[~normal]) < SMALLEST_NORMAL).all()


@pytest.mark.parametrize(
    ("name", "x", "value"),
    [
        ("sigmoid", -700.0, 9.859676543759770e-305),
        ("gelu", -30.0, -1.4720141781444561e-196),
        ("softplus", -50.0, 1.9287498479639178e-22),
        ("silu", -700.0, -6.901773580631839e-302),
    ],
)
def test_tails_that_the_textbook_forms_lose(name, x, value):
    assert ACTIVATIONS[name](x) == pytest.approx(value, rel=1e-13, abs=0)


@EVERY
def test_nothing_warns_and_everything_is_finite(entry):
    x = np.concatenate([np.linspace(-1e4, 1e4, 4001), [-0.0, 5e-324, -745.2, -38.5, 1e-300]])
    with np.errstate(all="raise"):
        assert np.isfinite(entry.f(x)).all()
        assert np.isfinite(entry.df(x)).all()


# name: f(-inf), f(inf), df(-inf), df(inf)
LIMITS = {
    "linear": (-INF, INF, 1, 1),
    "sigmoid": (0, 1, 0, 0),
    "tanh": (-1, 1, 0, 0),
    "relu": (0, INF, 0, 1),
    "leaky_relu": (-INF, INF, 0.2, 1),
    "elu": (-1, INF, 0, 1),
    "selu": (-1.0507009873554805 * 1.6732632423543772, INF, 0, 1.0507009873554805),
    "gelu": (0, INF, 0, 1),
    "gelu_tanh": (0, INF, 0, 1),
    "silu": (0, INF, 0, 1),
    "softplus": (0, INF, 0, 1),
    "softsign": (-1, 1, 0, 0),
    "mish": (0, INF, 0, 1),
    "hard_sigmoid": (0, 1, 0, 0),
    "hard_silu": (0, INF, 0, 1),
    "relu6": (0, 6, 0, 0),
}


@EVERY
def test_infinity_gives_the_limit_and_nan_stays_nan(entry):
    with np.errstate(all="raise"):
        value, slope = entry.f([-INF, INF, NAN]), entry.df([-INF, INF, NAN])
        huge = np.isfinite([entry.f([-1e300, 1e300]), entry.df([-1e300, 1e300])])
    limits = [*LIMITS[entry.name][:2], NAN, *LIMITS[entry.name][2:], NAN]
    np.testing.assert_allclose([*value, *slope], limits, rtol=1e-15)  # a product of three factors near 1 may miss it
    assert huge.all()


@EVERY
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0,), (2, 0, 1)])
def test_shape_is_kept_and_the_input_too(entry, shape):
    x = np.full(shape, -0.5)
    before = x.copy()
    for function in (entry, entry.f, entry.df):
        y = function(x)
        assert y.shape == shape
        assert y.dtype == np.float64
        assert not np.shares_memory(x, y)
    np.testing.assert_array_equal(x, before)


@EVERY
def test_lists_integers_and_float32_are_taken_as_float64(entry):
    for function in (entry.f, entry.df):
        exact = function(np.array([-2.0, 1.0]))
        for x in ([-2, 1], (-2.0, 1.0), np.array([-2, 1], np.int8), np.array([-2, 1], np.float32)):
            assert function(x).dtype == np.float64
            np.testing.assert_allclose(
                function(x), exact, rtol=1e-14
            )  # a kernel's tail may round otherwise than its middle
        assert function(1) == pytest.approx(exact[1], rel=1e-14)


def test_calling_an_entry_passes_its_parameters_on():
    assert ACTIVATIONS["leaky_relu"](-1.0, negative_slope=0.5) == -0.5
    with pytest.raises(TypeError, match="unexpected keyword argument 'alpha'"):
        ACTIVATIONS["relu"](-1.0, alpha=0.5)


@EVERY
def test_range_is_approached_and_never_left(entry):
    low, high = entry.range
    near, far = entry.f(np.linspace(-8, 8, 160001)), entry.f([-1e4, 1e4])
    assert near.min() >= low - 1e-15
    assert near.max() <= high
    for limit, nearest in ((low, min(near.min(), far.min())), (high, max(near.max(), far.max()))):
        assert abs(nearest) >= 1e3 if np.isinf(limit) else nearest == pytest.approx(limit, abs=2e-4)


@EVERY
def test_range_text_says_which_ends_are_reached(entry):
    near = entry.f(np.linspace(-8, 8, 160001))  # the dips' bottoms lie within 5e-5 of a point: error 1e-9
    low_text, high_text = entry.range_text[1:-1].split(", ")
    for bracket, text, limit, nearest in (
        (entry.range_text[0], low_text, entry.range[0], near.min()),
        (entry.range_text[-1], high_text, entry.range[1], near.max()),
    ):
        assert float(text.replace("∞", "inf")) == (limit if np.isinf(limit) else pytest.approx(limit, abs=5e-4))
        assert (bracket in "[]") == bool(abs(nearest - limit) < 1e-8)


@EVERY
def test_kinks_are_exactly_where_the_slope_jumps(entry):
    edges = np.arange(-12.0, 12.0 + 1e-9, 1 / 512)  # 0, 3 and 6 are among them
    h = 1e-7
    jump = np.abs(entry.df(edges + h) - entry.df(edges - h)) > 1e-3
    assert tuple(edges[jump]) == entry.kinks == kinks_at(entry)


@pytest.mark.parametrize(
    ("name", "parameters", "kinks"),
    [
        ("relu", {"threshold": 2.0}, (2.0,)),
        ("relu", {"max_value": 6.0}, (0.0, 6.0)),
        ("relu", {"max_value": 2.0, "threshold": 3.0}, (3.0,)),
        ("relu", {"max_value": 2.0, "threshold": -1.0}, (0.0, 2.0)),
        ("relu", {"negative_slope": 0.1, "max_value": 2.0, "threshold": -1.0}, (-1.0, 0.0, 2.0)),
        ("relu", {"max_value": 0.0}, ()),
        ("relu", {"negative_slope": 1.0}, ()),
        ("relu", {"negative_slope": 1.0, "threshold": 3.0}, (3.0,)),  # the slope is 1 on both sides, the value jumps
        ("leaky_relu", {"negative_slope": 1.0}, ()),
        ("elu", {"alpha": 0.5}, (0.0,)),
    ],
)
def test_kinks_move_with_the_parameters(name, parameters, kinks):
    assert kinks_at(name, **parameters) == kinks


@pytest.mark.parametrize(
    ("name", "share", "x", "mask"),
    [
        # sigmoid' = 0.05 / 4 at x = 4.357, tanh' = 0.05 at x = 2.178
        ("sigmoid", 0.05, [-4.36, -4.35, 0.0, 4.35, 4.36, NAN], [True, False, False, False, True, False]),
        ("tanh", 0.05, [[-2.18, -2.17], [2.17, 2.18]], [[True, False], [False, True]]),
        ("tanh", 0.5, [0.88, 0.89], [False, True]),  # 1 / cosh(x)^2 = 1/2 at x = 0.8814
        ("relu", 0.05, [-1e-9, 1e-9, 1e4], [True, False, False]),
        ("relu6", 0.05, [-1.0, 3.0, 7.0], [True, False, True]),
        ("leaky_relu", 0.05, [-100.0, 1.0], [False, False]),
        ("linear", 0.05, [-INF, 0.0, INF], [False, False, False]),
        ("gelu", 0.05, [-5.0, -0.75179, 5.0], [True, True, False]),  # the bottom of the dip is flat too
    ],
)
def test_saturated(name, share, x, mask):
    result = saturated(name, x, share=share)
    assert result.dtype == bool
    np.testing.assert_array_equal(result, mask)


def test_saturated_takes_parameters_and_single_numbers():
    assert saturated("relu", 7.0, max_value=6.0)
    assert not saturated("relu", 7.0)
    assert saturated("leaky_relu", -1.0, negative_slope=0.01)


@EVERY
def test_formula_can_be_drawn_and_words_are_one_sentence(entry):
    from matplotlib.mathtext import MathTextParser

    MathTextParser("path").parse(f"${entry.formula}$")
    assert "$" not in entry.formula
    assert entry.words[-1] == "."
    assert ". " not in entry.words
    assert len(str(entry.source)) > 20
    for function in (entry.f, entry.df):
        assert "`" in function.__doc__


@EVERY
def test_get_takes_a_name_or_an_entry(entry):
    assert get(entry.name) is entry
    assert get(entry) is entry


def test_get_takes_the_aliases():
    assert {alias: get(alias).name for alias in ALIASES} == {
        "swish": "silu",
        "hard_swish": "hard_silu",
        "identity": "linear",
    }


def test_get_takes_an_activation_of_your_own():
    own = Activation("cube", "cube", lambda x, a=2.0: a * x**3, lambda x, a=2.0: 3 * a * x**2, "", "", (0, 1), "", "")
    assert get(own) is own
    assert dict(own.parameters) == {"a": 2.0}
    assert own(2.0, a=1.0) == 8.0


ALL_NAMES = ", ".join(NAMES)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("sigmod", "Unknown activation 'sigmod'. Did you mean 'sigmoid'?"),
        ("ReLU", "Unknown activation 'ReLU'. Did you mean 'relu'?"),
        ("LeakyReLU", "Unknown activation 'LeakyReLU'. Did you mean 'leaky_relu'?"),
        ("swich", "Unknown activation 'swich'. Did you mean 'swish'?"),
        ("banana", f"Unknown activation 'banana'. Choose one of: {ALL_NAMES}."),
        ("", f"Unknown activation ''. Choose one of: {ALL_NAMES}."),
        (
            "softmax",
            "Unknown activation 'softmax'. It works on whole rows, so it isn't in the catalogue: "
            "call `softmax` of course_utils.activations.",
        ),
        (3, "activation must be a name such as 'relu', or an Activation. Got 3 (int)."),
        (None, "activation must be a name such as 'relu', or an Activation. Got None (NoneType)."),
        (["relu"], "activation must be a name such as 'relu', or an Activation. Got ['relu'] (list)."),
    ],
)
def test_get_says_what_to_write_instead(wrong, sentence):
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the whole sentence is compared
        get(wrong)
    assert str(error.value) == sentence


def test_the_catalogue_is_read_only():
    relu = ACTIVATIONS["relu"]
    with pytest.raises(TypeError):
        ACTIVATIONS["mine"] = relu
    with pytest.raises(TypeError):
        ALIASES["mine"] = "relu"
    with pytest.raises(TypeError):
        relu.parameters["threshold"] = 1.0
    with pytest.raises(TypeError):
        ACTIVATIONS["gelu_tanh"].keras_arguments["approximate"] = False
    with pytest.raises(dataclasses.FrozenInstanceError):
        relu.name = "mine"
    assert len({*ACTIVATIONS.values()}) == len(NAMES)  # hashable


def test_importing_the_catalogue_loads_numpy_and_nothing_big():
    code = (
        "import sys, course_utils.activations; print({'scipy', 'tensorflow', 'keras', 'matplotlib'} & {*sys.modules})"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


LOGITS = [
    [1.5, 4.4, 2.0],
    [0.0, 0.0, 0.0],
    [1000.0, 1001.0, 1002.0],
    [-1000.0, -1001.0, -1002.0],
    [1000.0, 0.0, -1000.0],
    [-INF, 0.0, 1.0],
]


def test_softmax_is_not_in_the_catalogue():
    assert "softmax" not in ACTIVATIONS


@pytest.mark.parametrize("axis", [-1, 0, 1])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_softmax_and_its_logarithm_agree_with_keras(axis, dtype):
    import keras

    x = np.random.default_rng(0).normal(size=(4, 5, 3), scale=20).astype(dtype)
    tolerance = 1e-5 if dtype == np.float32 else 1e-13  # |x| <= 80, times the rounding of a logit
    keras_softmax, keras_log = (np.asarray(f(x, axis=axis)) for f in (keras.ops.softmax, keras.ops.log_softmax))
    np.testing.assert_allclose(activations.softmax(x, axis=axis), keras_softmax, rtol=tolerance, atol=1e-37)
    np.testing.assert_allclose(activations.log_softmax(x, axis=axis), keras_log, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(activations.softmax(x, axis=axis).sum(axis=axis), 1.0, rtol=5e-15)


@pytest.mark.parametrize("row", LOGITS, ids=str)
def test_softmax_against_mpmath(row):
    with mpmath.workdps(50):
        exponentials = [mp.exp(mp.mpf(z)) for z in row]
        exact = [e / sum(exponentials) for e in exponentials]
        p, logarithms = [float(e) for e in exact], [float(mp.log(e)) if e else -INF for e in exact]
    with np.errstate(all="raise"):
        np.testing.assert_allclose(activations.softmax(row), p, rtol=1e-14, atol=0)
        # An entry of 1e-435 is 0 as a probability; its logarithm, -1000, is not.
        np.testing.assert_allclose(activations.log_softmax(row), logarithms, rtol=1e-14, atol=1e-15)
    assert activations.softmax(row).sum() == pytest.approx(1.0, rel=1e-15)


def test_softmax_leaves_its_input_alone():
    x = np.array([[1.0, 2.0]])
    for function in (activations.softmax, activations.log_softmax):
        assert function(x).shape == (1, 2)
        assert function([1, 2]).dtype == np.float64
    np.testing.assert_array_equal(x, [[1.0, 2.0]])


@pytest.mark.parametrize("row", LOGITS[:5], ids=str)
def test_jacobian_is_symmetric_with_rows_of_sum_0_and_agrees_with_differences_and_the_tape(row):
    import tensorflow as tf

    with np.errstate(all="raise"):
        jacobian = activations.softmax_jacobian(row)
    np.testing.assert_array_equal(jacobian, jacobian.T)
    np.testing.assert_allclose(jacobian.sum(axis=1), 0.0, atol=1e-15)
    h = 1e-5 * np.eye(3)
    differences = (activations.softmax(row + h) - activations.softmax(row - h)).T / 2e-5
    np.testing.assert_allclose(jacobian, differences, atol=1e-8)  # logits of 1000 + 1e-5 round by 1e-13, over h
    z = tf.constant(row, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(z)
        p = tf.nn.softmax(z)
    np.testing.assert_allclose(jacobian, tape.jacobian(p, z).numpy(), atol=1e-15)


def test_jacobian_wants_one_row():
    with pytest.raises(ValueError, match=r"z must be one row of logits, with shape \(k,\)\. Got shape \(2, 2\)\."):
        activations.softmax_jacobian([[1, 2], [3, 4]])


@pytest.mark.parametrize(
    ("f", "df", "aliases", "sentence"),
    [
        (activations.relu, activations.relu_slope, (), "The catalogue has an entry 'relu' already."),
        (activations.relu, activations.elu_slope, (), "The slope of relu must be called relu_slope. Got elu_slope."),
    ],
)
def test_an_entry_that_does_not_fit_is_refused(f, df, aliases, sentence):
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the whole sentence is compared
        register(f, df, aliases=aliases, title="", formula="", words="", range=(0, 1), range_text="", source="")
    assert str(error.value) == sentence
    assert list(ACTIVATIONS) == NAMES
