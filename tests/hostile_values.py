"""Values that an answer may return, drawn as the text of Python expressions, so that they can be made here and in a sandbox."""

from hypothesis import strategies as st

# What the expressions name. It runs here by `exec`, and as a cell in a sandbox.
NAMES = '''
import array, asyncio, collections, datetime, decimal, enum, fractions, functools, io, itertools, math, types, uuid
import numpy as np
import pandas as pd

class Odd(BaseException):
    pass

def raising(error):
    def act(self, *args, **kwargs):
        raise error
    return act

def deep(n, wrap=lambda inner: [inner]):
    value = 0.5
    for _ in range(n):
        value = wrap(value)
    return value

def endless():
    value = []
    value.append(value)
    return value

ACTS = {
    "ZeroDivisionError": raising(ZeroDivisionError("x")), "SystemExit": raising(SystemExit(3)), "Odd": raising(Odd()),
    "RecursionError": lambda self, *args, **kwargs: self == self, "GeneratorExit": raising(GeneratorExit()),
    "StopIteration": raising(StopIteration()), "itself": lambda self, *args, **kwargs: self,
    "None": lambda self, *args, **kwargs: None, "text": lambda self, *args, **kwargs: "x",
    "minus one": lambda self, *args, **kwargs: -1, "huge": lambda self, *args, **kwargs: 10**30,
    "object": lambda self, *args, **kwargs: object(), "nan": lambda self, *args, **kwargs: float("nan"),
    "array": lambda self, *args, **kwargs: np.array([0.5, np.nan]), "list": lambda self, *args, **kwargs: [self],
    "true": lambda self, *args, **kwargs: True, "dict": lambda self, *args, **kwargs: {"shape": (1,), "typestr": "<f8"},
}
BASES = {"object": object, "int": int, "float": float, "str": str, "list": list, "tuple": tuple, "dict": dict,
         "complex": complex, "Decimal": decimal.Decimal, "Fraction": fractions.Fraction, "bytes": bytes, "type": type, "Exception": Exception}

def hostile(base, names, act, is_property=False):
    """An object of which some special methods do something else."""
    method = ACTS[act]
    own = {name: property(method) if is_property else method for name in names}
    try:
        made = type("H", (BASES[base],), own)
        return made("M", (), {}) if base == "type" else made()
    except Exception as error:
        return error

class HostileArray(np.ndarray):
    def __array_finalize__(self, other): self.told = True
    def __array_ufunc__(self, *args, **kwargs): raise ZeroDivisionError("no ufunc")
    def __array_function__(self, *args, **kwargs): raise ZeroDivisionError("no function")
    def __eq__(self, other): raise ZeroDivisionError("not equal")
    def __len__(self): return 10**9
    def tolist(self): return [object()]
    def astype(self, *args, **kwargs): raise ZeroDivisionError("no astype")
    def item(self, *args): raise ZeroDivisionError("no item")
    def view(self, *args): return 3
    def copy(self, *args): return None
    def __deepcopy__(self, memo): raise ZeroDivisionError("no copy")

class NoLength(list):
    def __len__(self): raise ZeroDivisionError("no length")
    def __iter__(self): return iter(lambda: 0.5, None)

class Grows(list):
    def __iter__(self):
        while True:
            yield 0.5

class Lies(str):
    def __str__(self): return 3
    def __repr__(self): return 3
    def __len__(self): return -1
    def encode(self, *args): raise ZeroDivisionError("no bytes")

class Colour(enum.IntEnum):
    RED = 1
'''
WITH_TENSORFLOW = "import keras, tensorflow as tf\n"

DTYPES = ("?", "b", "B", "h", "H", "i", "I", "l", "L", "q", "Q", "e", "f", "d", "g", "F", "D", "G", "S3", "U3", "V5", "M8[s]", "m8[D]",
          "O", ">f8", ">i4", "<c16", "(2,)f8", "f8,i4")  # fmt: skip
SHAPES = ("()", "(0,)", "(1,)", "(3,)", "(2, 3)", "(0, 3)", "(1,) * 32", "(2, 1, 2)", "(81,)")
NUMBERS = ("0", "1", "-1", "0.5", "-0.0", "5e-324", "1e308", "float('nan')", "float('inf')", "-float('inf')", "1j", "complex('nan')",
           "10**30", "10**400", "10**5000", "-10**5000", "2**63", "2**64", "True", "False", "decimal.Decimal('0.5')", "decimal.Decimal('sNaN')",
           "decimal.Decimal('1e9999')", "fractions.Fraction(1, 3)", "fractions.Fraction(10**400, 3)", "np.float16(7)", "np.float64('nan')",
           "np.longdouble('1e4000')", "np.clongdouble(1j)", "np.int8(-128)", "np.uint64(2**64 - 1)", "np.bool_(True)", "Colour.RED",
           "np.datetime64('NaT')", "np.timedelta64(1, 'D')", "np.void(b'abc')", "np.str_('x')", "np.bytes_(b'x')")  # fmt: skip
THINGS = ("None", "...", "NotImplemented", "''", "'0.5'", "'\\x00'", "'\\ud800'", "'x' * 10**6", "b'x'", "bytearray(9)", "memoryview(b'abc')", "memoryview(np.zeros(3))",
          "memoryview(np.zeros((2, 3), 'f4')[:, ::2])", "array.array('d', [1, 2])", "array.array('u', 'ab')", "range(3)", "range(10**9)", "iter([1])", "(x for x in [1])", "map(float, [1])", "zip([1])", "itertools.count()",
          "{}", "{1: 2}", "{'a': np.zeros(3)}", "set()", "{1, 2}", "frozenset()", "object()", "object", "type", "int", "len", "np", "np.exp", "np.zeros(3).dtype", "np.random.default_rng(0)",
          "lambda: 0", "print", "Exception('x')", "KeyError", "datetime.date(2020, 1, 1)", "uuid.UUID(int=0)", "io.StringIO('x')", "slice(3)", "types.SimpleNamespace(shape=(1,))",
          "collections.deque([1])", "collections.Counter('ab')", "collections.UserList([1.0])", "functools.partial(len)", "property()", "staticmethod(len)", "endless()", "deep(3)", "deep(15)", "deep(17)", "deep(900)", "deep(90000)", "deep(20, lambda v: (v, v))",
          "deep(9, lambda v: np.array([v, None], object))", "deep(2000, lambda v: {0: v})", "NoLength([1])", "Grows([1])", "Lies('abc')", "[Lies('abc')]", "np.zeros(3).view(HostileArray)", "[np.zeros(3).view(HostileArray)]",
          "np.ma.masked", "np.ma.array([1., 2.], mask=[0, 1])", "np.matrix('1 2')", "np.rec.array([(1, 2.)])", "np.broadcast_to(0.5, (10**9,))", "np.broadcast_to(0.5, (1001, 1000))",
          "np.lib.stride_tricks.as_strided(np.zeros(1), (81,), (0,))", "np.zeros(9)[::-2]", "np.zeros((3, 3), order='F')", "np.nditer(np.zeros(3))", "np.array(None)", "np.array([None, 1.0])", "np.array([[1], [1, 2]], object)", "np.array(['a', 1.5], object)", "np.array([10**400])",
          "np.array([decimal.Decimal('0.1'), fractions.Fraction(1, 3)])", "np.array([np.zeros(2), np.zeros(3)], object)", "np.chararray((2,))", "np.poly1d([1, 2])", "np.vectorize(len)",
          "pd.Series([1.0, 2.0])", "pd.Series(['a', None])", "pd.Series([1, None], dtype='Int64')", "pd.Series([1.0], index=[[1]])", "pd.DataFrame({'a': [1.0, 2.0]})", "pd.DataFrame()", "pd.DataFrame({'a': ['x']})",
          "pd.NA", "pd.NaT", "[pd.NA, 1.0]", "pd.Index([1, 2])", "pd.Categorical(['a'])", "pd.Timestamp('2020-01-01')", "pd.Timedelta(3)", "pd.Interval(0, 1)", "pd.arrays.SparseArray([0, 1.0])", "pd.MultiIndex.from_tuples([(1, 2)])", "pd.date_range('2020', periods=3)",
          "pd.Series([1.0, 2.0], dtype='Float32')", "pd.Series([True, None], dtype='boolean')")  # fmt: skip
TENSORS = ("tf.constant(0.5)", "tf.constant([1, 2])", "tf.constant('x')", "tf.constant([0.5], tf.float16)", "tf.constant([0.5], tf.bfloat16)", "tf.constant([1], tf.uint64)", "tf.constant([True])", "tf.constant([1j])",
           "tf.cast([0.5], tf.qint8) if False else tf.constant([float('nan')])", "tf.zeros((0, 3))", "tf.zeros((1,) * 20)", "tf.Variable([1.0])", "tf.ragged.constant([[1.0], [1.0, 2.0]])", "tf.sparse.from_dense([[1.0, 0.0]])",
           "tf.data.Dataset.range(3)", "tf.TensorShape([1])", "tf.float32", "tf.nn", "tf.exp", "tf.TensorSpec([1])", "tf.IndexedSlices(tf.zeros((1, 2)), tf.constant([0]))", "tf.TensorArray(tf.float32, 3)", "tf.constant(np.zeros(3)).shape",
           "keras.Variable([1.0])", "keras.Input((3,))", "keras.layers.Dense(1)", "keras.layers.Dense(1)(keras.Input((3,)))", "keras.ops.convert_to_tensor([1.0])", "keras.Sequential()", "[tf.constant(1.0), 2.0]", "(tf.constant([1.0]), np.zeros(2))",
           "tf.function(lambda x: x)", "tf.experimental.Optional.empty(tf.TensorSpec([]))", "keras.initializers.Zeros()", "tf.random.Generator.from_seed(1)", "tf.lookup.experimental.MutableHashTable(tf.int64, tf.int64, 0) if False else tf.io.VarLenFeature(tf.float32)")  # fmt: skip
SPECIAL = ("__eq__", "__ne__", "__lt__", "__bool__", "__repr__", "__str__", "__format__", "__array__", "__len__", "__iter__", "__getitem__", "__contains__",
           "__float__", "__int__", "__index__", "__complex__", "__hash__", "__class__", "__getattr__", "__getattribute__", "__array_interface__", "__array_struct__",
           "__array_ufunc__", "__array_function__", "__array_priority__", "__dlpack__", "__reduce_ex__", "__deepcopy__", "__copy__", "__sizeof__", "__call__",
           "__neg__", "__abs__", "__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__truediv__", "__round__", "__trunc__", "__next__", "__dir__", "__name__",
           "__module__", "__dict__", "__instancecheck__", "numpy", "shape", "dtype", "ndim", "size", "real", "imag", "item", "tolist", "astype", "encode", "count", "as_integer_ratio", "numerator")  # fmt: skip
ACTS = ("ZeroDivisionError", "SystemExit", "Odd", "RecursionError", "GeneratorExit", "StopIteration", "itself", "None", "text", "minus one", "huge", "object",
        "nan", "array", "list", "true", "dict")  # fmt: skip
BASES = (
    "object",
    "int",
    "float",
    "str",
    "list",
    "tuple",
    "dict",
    "complex",
    "Decimal",
    "Fraction",
    "bytes",
    "type",
    "Exception",
)

HOSTILE = st.builds(
    lambda base, names, act, is_property: f"hostile({base!r}, {names!r}, {act!r}, {is_property})",
    st.sampled_from(BASES),
    st.lists(st.sampled_from(SPECIAL), min_size=1, max_size=4, unique=True),
    st.sampled_from(ACTS),
    st.booleans(),
)
ARRAYS = st.builds(
    lambda dtype, shape, fill: f"np.full({shape}, {fill}, dtype={dtype!r})",
    st.sampled_from(DTYPES),
    st.sampled_from(SHAPES),
    st.sampled_from(("0", "1", "float('nan')", "'1'", "None", "2.5")),
)


def expressions(*more):
    """Expressions: what stands alone, and lists, tuples, arrays and functions of it."""
    alone = st.one_of(st.sampled_from((*NUMBERS, *THINGS, *more)), HOSTILE, ARRAYS)
    nested = st.recursive(
        alone,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4).map(lambda parts: f"[{', '.join(parts)}]"),
            st.lists(inner, max_size=3).map(lambda parts: f"({''.join(f'{part}, ' for part in parts)})"),
            inner.map(lambda part: f"np.array({part})"),
            inner.map(lambda part: f"np.array([{part}, None], object)"),
            inner.map(lambda part: f"(v for v in [{part}])"),
            inner.map(lambda part: f"{{'key': {part}}}"),
            inner.map(lambda part: f"pd.Series([{part}])"),
            inner.map(lambda part: f"np.asarray(x) * {part}"),
            inner.map(lambda part: f"np.where(np.asarray(x) > 0, {part}, x)"),
        ),
        max_leaves=6,
    )
    many = nested.map(lambda part: f"[{part}] * 300")  # once: 300 to the third would be millions of objects
    return nested | many | many.map(lambda part: f"np.array({part})")


def raised(expression):
    """Expressions that raise: an error that holds any value."""
    return st.builds(
        lambda kind, value: f"raising({kind}({value}))(None)",
        st.sampled_from(("ValueError", "SystemExit", "Odd", "KeyError", "OSError", "UnicodeError", "StopIteration", "ZeroDivisionError")),
        expression,
    )  # fmt: skip
