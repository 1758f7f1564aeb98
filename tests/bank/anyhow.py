"""Answers to any exercise whose answer is an array or a number: wrong in behaviour, and right however they are written."""

CALLS = "calls = []\ndef {name}{signature}:\n    calls.append(1)\n    return right({all})"

WRONG = {
    "nothing": "None",
    "pass": "def {name}{signature}:\n    pass",
    "prints in place of returning": "print(right({all}))",
    "text": "str(right({all}))",
    "list of texts": "[str(v) for v in np.ravel(right({all}))]",
    "a generator": "(v for v in np.ravel(right({all})))",
    "a dict": "dict(enumerate(np.ravel(right({all}))))",
    "a class": "class Result:\n    pass\ndef {name}{signature}:\n    return Result",
    "equal to anything": "class Liar:\n    def __eq__(self, other):\n        return True\n    __hash__ = None\ndef {name}{signature}:\n    return Liar()",
    "near to anything": "class Liar(np.ndarray):\n    def __array_function__(self, *a, **k):\n        return True\n    def __array_ufunc__(self, *a, **k):\n        return True\ndef {name}{signature}:\n    return (0 * np.asarray(right({all}), float) + 7).view(Liar)",
    "an array when asked, a wrong one": "class Liar:\n    def __init__(self, y):\n        self.y = y\n    def __array__(self, *a, **k):\n        return self.y\ndef {name}{signature}:\n    return Liar(np.asarray(right({all})) * 0 + 7)",
    "ragged": "[list(np.ravel(right({all}))), [1.0, 2.0, 3.0]][::-1] + [[0.0]]",
    "an extra axis": "np.asarray(right({all}))[None]",
    "constant 0": "0 * np.asarray(right({all}))",
    "constant 1": "0 * np.asarray(right({all})) + 1",
    "constant 0.25": "0 * np.asarray(right({all})) + 0.25",
    "nan": "right({all}) * np.nan",
    "minus": "-1.0 * np.asarray(right({all})) - 1e-3",
    "factor 1.001": "1.001 * np.asarray(right({all})) + 1e-4",
    "noise": "right({all}) + 0.001 * np.random.default_rng(0).standard_normal(np.shape(right({all})))",
    "two digits": "np.round(right({all}), 2)",
    "an imaginary part": "right({all}) + 0.5j",
    "nan as imaginary part": "right({all}) + complex(0, np.nan)",
    "wrong from the fourth call on": f"{CALLS} + (len(calls) > 3)",
    "right at every second call": f"{CALLS} + len(calls) % 2",
    "no parameter": "def {name}():\n    return right(np.array([1.0]))",
    "a required extra parameter": "def {name}({all}, extra):\n    return right({all})",
    "keyword only": "def {name}(*, {parameters}):\n    return right({all})",
    "exits": "def {name}{signature}:\n    raise SystemExit(0)",
    "raises": "def {name}{signature}:\n    raise ValueError('<b>no</b>')",
    "recurses": "def {name}{signature}:\n    return {name}({all})",
}
WRONG_ON_ARRAYS = {
    "the first number only": "np.ravel(right({all}))[:1].repeat(2)",
    "only the first number is right": "right({all}) + (np.arange(np.size(right({all}))).reshape(np.shape(right({all}))) > 0)",
    "the mean": "np.mean(right({all}))",
    "flat": "np.ravel(right({all}))[::-1]",
    "drops the last": "right({all})[:-1]",
    "turned round": "right({all})[::-1]",
    "size 1 alone is wrong": "right({all}) + ({x}.size == 1)",
    "long arrays alone are wrong": "right({all}) + 0.01 * ({x}.size > 20)",
    "even sizes alone are wrong": "right({all}) + 0.01 * ({x}.size % 2 == 0)",
    "depends on the neighbour": "right({all}) + 0.01 * np.mean({x} != np.roll({x}, 1))",
    "changes its input": "def {name}{signature}:\n    y = right({all})\n    {x}[...] = 0\n    return y",
    "writes into its input": "def {name}{signature}:\n    y = np.array(right({all}))\n    {x}[...] = y.ravel()[0] + 1\n    return y",
    "knows the checker's cases": (
        "from course_utils.exercises import exercise as find\n"
        "def key(args):\n    return [np.asarray(a).tolist() for a in args]\n"
        "known = [key(c.args) for c in find('{name}').cases]\n"
        "def {name}(*args, **kwargs):\n    return right(*args, **kwargs) + (key(args) not in known)"
    ),
}
KNOWS_THE_NUMBERS = (
    "from course_utils.exercises import exercise as find\n"
    "known = np.concatenate([c.args[0].ravel() for c in find('{name}').cases])\n"
    "def {name}{signature}:\n    return np.where(np.isin({x}, known), right({all}), 0.5)"
)
RIGHT_VALUES = {
    "numpy": "right({all})",
    "float64": "np.asarray(right({all}), np.float64)",
    "float32": "np.asarray(right({all}), np.float32)",
    "long double": "np.asarray(right({all}), np.longdouble)",
    "tf tensor": "tf.constant(right({all}))",
    "tf float32": "tf.cast(right({all}), tf.float32)",
    "tf variable": "tf.Variable(right({all}))",
    "keras tensor": "keras.ops.convert_to_tensor(right({all}))",
    "keras variable": "keras.Variable(right({all}))",
    "complex without an imaginary part": "right({all}) + 0j",
    "an array when asked": "class Series:\n    def __init__(self, values):\n        self.values = values\n    def __array__(self, dtype=None, copy=None):\n        return self.values\ndef {name}{signature}:\n    return Series(np.asarray(right({all})))",
}
RIGHT_CALLS = {
    "lambda": "{name} = lambda *args, **kwargs: right(*args, **kwargs)",
    "partial": "def power(base, *args, **kwargs):\n    return right(*args, **kwargs)\n{name} = functools.partial(power, 2)",
    "callable object": "class Answer:\n    def __call__(self, *args, **kwargs):\n        return right(*args, **kwargs)\n{name} = Answer()",
    "method": "class Answer:\n    def {name}(self, *args, **kwargs):\n        return right(*args, **kwargs)\n{name} = Answer().{name}",
    "static method": "class Answer:\n    @staticmethod\n    def {name}{signature}:\n        return right({all})\n{name} = Answer.{name}",
    "decorated": "def loud(f):\n    @functools.wraps(f)\n    def g(*a, **k):\n        print(f.__name__)\n        return f(*a, **k)\n    return g\n@loud\ndef {name}{signature}:\n    return right({all})",
    "decorated, without wraps": "def twice(f):\n    return lambda *a, **k: (f(*a, **k), f(*a, **k))[1]\n@twice\ndef {name}{signature}:\n    return right({all})",
    "extra optional parameter": "def {name}({parameters}, step=1e-5):\n    return right({all})",
    "any arguments": "def {name}(*args, **kwargs):\n    return right(*args, **kwargs)",
    "prints": "def {name}{signature}:\n    print('here', flush=True)\n    return right({all})",
    "prints a lot": "def {name}{signature}:\n    print('here ' * 10_000)\n    return right({all})",
    "prints an error": "import sys\ndef {name}{signature}:\n    print('here', file=sys.stderr)\n    return right({all})",
    "warns": "import warnings\ndef {name}{signature}:\n    warnings.warn('careful')\n    return right({all})",
    "catches its own error": "def {name}{signature}:\n    try:\n        return 1 / 0\n    except ZeroDivisionError:\n        return right({all})",
    "counts its calls": "calls = 0\ndef {name}{signature}:\n    global calls\n    calls += 1\n    return right({all})",
    "sets NumPy's errors": "def {name}{signature}:\n    np.seterr(all='raise')\n    return right({all})",
}
RIGHT = RIGHT_VALUES | RIGHT_CALLS
RIGHT_ON_ARRAYS = {
    "nested list": "np.asarray(right({all})).tolist()",
    "tuple": "tuple(right({all}))",
    "list of arrays": "list(right({all}))",
    "list of tensors": "[tf.constant(part) for part in right({all})]",
    "object array": "np.asarray(right({all})).astype(object)",
    "masked array": "np.ma.array(right({all}))",
    "other memory order": "np.asarray(right({all}), order='F')",
    "read-only": "np.broadcast_to(right({all}), np.shape(right({all})))",
    "changes a copy": "def {name}{signature}:\n    y = right({all})\n    {x} = np.array({x})\n    {x} *= 0\n    return y",
}
RIGHT_NUMBER_BY_NUMBER = {
    "comprehension": "[right(v) for v in {x}]",
    "np.vectorize": "np.vectorize(lambda v: right(v))({x})",
    "decorated by np.vectorize": "@np.vectorize\ndef {name}(v):\n    return right(v)",
    "map": "list(map(right, {x}))",
    "loop": "def {name}({x}):\n    y = np.empty(len({x}))\n    for i in range(len({x})):\n        y[i] = right({x}[i])\n    return y",
    "loop over the flat array": "np.array([right(v) for v in {x}.ravel()]).reshape({x}.shape)",
    "recursion": "[{name}(v) for v in {x}] if np.ndim({x}) else right({x})",
    "array.array": "import array\ndef {name}({x}):\n    return array.array('d', right({x})) if {x}.ndim == 1 else right({x})",
    "list of fractions": "[fractions.Fraction(float(v)) for v in right({x})]",
    "list of decimals": "[decimal.Decimal(float(v)) for v in right({x})]",
    "another name for the parameter": "def {name}(values):\n    return right(values)",
    "positional only": "def {name}({x}, /):\n    return right({x})",
    "annotated": "def {name}({x}: 'np.ndarray') -> 'np.ndarray':\n    return right({x})",
}

SHARED = {*WRONG, *WRONG_ON_ARRAYS, *RIGHT, *RIGHT_ON_ARRAYS, *RIGHT_NUMBER_BY_NUMBER}


def of_its_own(table):
    """The answers of a table {title: answer} that are about its exercise alone."""
    return {title: answer for title, answer in table.items() if title not in SHARED}
