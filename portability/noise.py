"""Rounding noise: results that another processor could have given (Monte Carlo arithmetic, as in Verificarlo and CADNA).

IEEE 754 fixes the results of addition, multiplication, division, square root and comparison. It fixes neither exp, log
and tanh nor the order of the terms in a sum: there, processors and libraries may differ in the last bit. So each such result
is multiplied by 1 + u, with a random u, abs(u) <= 2^-23 for a float32 and 2^-52 for a float64.

What gets noise:
- each TensorFlow operation in `OPERATIONS`, run eagerly, traced into a graph (`tf.function`, `fit`, `jit_compile`), or in the
  backward pass, since all of these go through three functions; initial weights come from such operations;
- `np.exp` and the other functions in `NUMPY`, if they are looked up in the module `numpy`, as in the course.

What stays exact, as on every processor: NumPy's sums and means of integers, its results at 0 and infinity, tanh's far out (-1 and 1), and the range of a result. Graphs whose operations the course counts (`COUNTED`) stay as they are.
In a graph, sigmoid and softmax get the noise on their input, since Keras recognises the two by their type.

What gets no noise: `@` and methods (`x.sum()`) of NumPy's arrays, which the variant `numpy-avx2` computes differently; compiled
code of SciPy and scikit-learn; float16 and bfloat16, which are rounded from a float32 anyway.

The noise depends on the seed, the operation, and the shape of a result and the position in it: a program gives the same results
in each run, as it does on any one processor, but equal inputs at two positions in an array get different results. With noise for
each call, a second sum or matrix product of the same numbers differs, too, as if threads had added them up in another order; a
second exp or tanh does not.
"""

import ctypes
import functools
import sys
import threading
from importlib.abc import Loader, MetaPathFinder
from importlib.util import find_spec
from zlib import crc32

SHARE, CENTRED = (0, 1), (-1, 1)  # ranges that every implementation stays in, however it rounds
OPERATIONS = {
    "Sigmoid": SHARE, "Softmax": SHARE, "Tanh": CENTRED, "Erf": CENTRED,
    "Exp": None, "Expm1": None, "Log": None, "Log1p": None, "LogSoftmax": None, "Softplus": None, "Elu": None, "Selu": None,
    "Erfc": None, "Pow": None, "Sin": None, "Cos": None,
    "MatMul": None, "BatchMatMulV2": None, "Einsum": None, "Sum": None, "Mean": None, "BiasAddGrad": None,
    "SoftmaxCrossEntropyWithLogits": None, "SparseSoftmaxCrossEntropyWithLogits": None,
    "StatelessRandomNormalV2": None, "StatelessTruncatedNormalV2": None, "RandomStandardNormal": None, "TruncatedNormal": None,
    "uniform": None,  # Keras's function, which draws initial weights
}  # fmt: skip
NUMPY = {
    "exp": None, "expm1": None, "exp2": None, "log": None, "log1p": None, "log2": None, "log10": None,
    "sin": None, "cos": None, "tanh": CENTRED, "sum": None, "mean": None, "dot": None, "matmul": None,
}  # fmt: skip
REDUCTIONS = ("sum", "mean", "dot", "matmul")
ADD_UP = {
    "MatMul",
    "BatchMatMulV2",
    "Einsum",
    "Sum",
    "Mean",
    "BiasAddGrad",
    *REDUCTIONS,
}  # in an order that threads may change
RECOGNISED = {"Sigmoid": "x", "Softmax": "logits"}  # operations that Keras looks for in a graph -> their input's name
COUNTED = "memory_cost.py"
# There tanh is so little short of 1 that it rounds to 1. NumPy's kernels with AVX-512, with AVX2 and with neither give 1 for
# every float32 from 10 to 1000.
FAR = {"float32": 10, "float64": 20}
MAY_SHARE = {"Sum", "Mean", "Einsum"}  # operations whose result may share their input's memory
UNITS = {"float32": 2.0**-23, "float64": 2.0**-52}  # the distance from 1 to the next number

inside = threading.local()  # set while noise is computed, so that the noise itself gets none


def install(setting):
    """Add noise to the libraries that are imported from now on.

    Args:
        setting: the seed, like "1"; with a star, like "1*", each call of an operation in `ADD_UP` gets new noise.
    """
    seed, each_call = int(setting.rstrip("*")), setting.endswith("*")
    factors = Factors(seed, each_call)
    changes = {
        "numpy": functools.partial(_change_numpy, factors),
        "tensorflow.python.pywrap_tfe": functools.partial(_change, "TFE_Py_FastPathExecute", factors, 1),
        "tensorflow.python.eager.execute": functools.partial(_change, "execute", factors, 0),
        "tensorflow.python.framework.op_def_library": functools.partial(_change_graphs, factors),
        "keras.src.backend.tensorflow.random": functools.partial(_change_uniform, factors),
    }
    sys.meta_path.insert(0, AfterImport(changes))


class Factors:
    """1 + u for each element of a result."""

    def __init__(self, seed, each_call):
        self.seed, self.each_call, self.calls, self.kept = seed, each_call, 0, {}

    def key(self, operation):
        self.calls += 1
        return crc32(operation.encode()), self.calls % 16 if self.each_call and operation in ADD_UP else 0

    def array(self, operation, shape, dtype):
        """As a NumPy array."""
        import numpy as np

        key = self.key(operation), tuple(shape), dtype
        if key not in self.kept:
            random = np.random.default_rng([self.seed, *key[0], *shape])
            u = random.uniform(-UNITS[dtype], UNITS[dtype], size=tuple(shape))
            self.kept[key] = (1 + u).astype(dtype)
        return self.kept[key]

    def tensor(self, operation, result):
        """As a tensor, even in a graph whose shapes are not known yet."""
        import tensorflow as tf

        dtype = result.dtype.name
        if result.shape.is_fully_defined():
            return tf.constant(self.array(operation, result.shape.as_list(), dtype))
        seed = [self.seed, self.key(operation)[0] % 2**31]
        unit = UNITS[dtype]
        return 1 + tf.random.stateless_uniform(tf.shape(result), seed, -unit, unit, result.dtype)


def _noisy_tensor(factors, operation, result):
    import numpy as np
    import tensorflow as tf

    if not isinstance(result, tf.Tensor) or result.dtype.name not in UNITS:
        return result
    if hasattr(result, "numpy") and operation not in MAY_SHARE and len(result.shape):  # of a scalar, NumPy gets a copy
        values = _memory(result)
        values *= factors.array(operation, values.shape, values.dtype.name)
        if OPERATIONS[operation] is not None:
            np.clip(values, *OPERATIONS[operation], out=values)
        return result
    noisy, bounds = result * factors.tensor(operation, result), OPERATIONS[operation]
    if bounds is None:
        return noisy
    # This keeps the gradient of the result itself, where clipping would make it 0.
    return result + tf.stop_gradient(tf.clip_by_value(noisy, *bounds) - result)


def _memory(tensor):
    """A view of an eager tensor's memory, to be changed in place: gradient tapes then record only the course's operations."""
    import numpy as np

    values = tensor._numpy()
    content = (ctypes.c_char * values.nbytes).from_address(values.ctypes.data)
    return np.frombuffer(content, values.dtype).reshape(values.shape) if values.nbytes else values.copy()


def _noisy_results(factors, operation, results):
    if operation not in OPERATIONS or getattr(inside, "noise", False):
        return results
    inside.noise = True
    try:
        if isinstance(results, list | tuple) and not hasattr(results, "_fields"):
            return [_noisy_tensor(factors, operation, result) for result in results]
        if hasattr(results, "_fields"):
            return type(results)(*(_noisy_tensor(factors, operation, result) for result in results))
        return _noisy_tensor(factors, operation, results)
    finally:
        inside.noise = False


def _change(name, factors, place, module):
    """Wrap a function that runs an operation eagerly; its argument number `place` names the operation."""
    run = getattr(module, name)

    @functools.wraps(run)
    def noisy(*args, **kwargs):
        operation = args[place]
        operation = operation.decode() if isinstance(operation, bytes) else operation
        return _noisy_results(factors, operation, run(*args, **kwargs))

    setattr(module, name, noisy)


def _change_graphs(factors, module):
    """Wrap the function that adds an operation to a graph."""
    add = module._apply_op_helper

    @functools.wraps(add)
    def noisy(op_type_name, name=None, **keywords):
        if op_type_name in OPERATIONS and _counted():
            return add(op_type_name, name, **keywords)
        if op_type_name in RECOGNISED:
            import tensorflow as tf

            taken = RECOGNISED[op_type_name]
            changed = _noisy_results(factors, "Exp", tf.convert_to_tensor(keywords[taken]))
            return add(op_type_name, name, **keywords | {taken: changed})
        *rest, outputs = add(op_type_name, name, **keywords)
        return *rest, _noisy_results(factors, op_type_name, outputs)

    module._apply_op_helper = noisy


def _counted():
    """Whether the graph is being traced by the experiment that counts its operations."""
    frame = sys._getframe(1)
    while frame and not frame.f_code.co_filename.endswith(COUNTED):
        frame = frame.f_back
    return frame is not None


def _change_uniform(factors, module):
    draw = module.uniform

    @functools.wraps(draw)
    def noisy(*args, **kwargs):
        return _noisy_results(factors, "uniform", draw(*args, **kwargs))

    module.uniform = noisy


def _change_numpy(factors, numpy):
    import ml_dtypes  # noqa: F401  # its import needs the real functions

    for name, bounds in NUMPY.items():
        setattr(numpy, name, _noisy_function(factors, getattr(numpy, name), name, bounds))


def _noisy_function(factors, function, name, bounds):
    import numpy

    @functools.wraps(function)
    def noisy(*args, **kwargs):
        result = function(*args, **kwargs)
        dtype = getattr(getattr(result, "dtype", None), "name", None)
        if name in REDUCTIONS and numpy.asarray(args[0]).dtype.kind != "f":
            return result
        if dtype not in UNITS or kwargs.get("out") is not None or not isinstance(result, numpy.ndarray | numpy.generic):
            return result
        changed = result * factors.array(name, result.shape, dtype)
        if name not in REDUCTIONS:
            exact = ~numpy.isfinite(args[0]) | numpy.equal(args[0], 0)
            if bounds is not None:
                exact |= numpy.abs(args[0]) > FAR[dtype]
            changed = numpy.where(exact, result, changed)[()]
        return changed if bounds is None else numpy.clip(changed, *bounds)

    return noisy


class AfterImport(MetaPathFinder, Loader):
    """Runs a change right after a module has been imported for the first time."""

    def __init__(self, changes):
        self.changes = changes

    def find_spec(self, name, path=None, target=None):
        if name not in self.changes:
            return None
        change = self.changes.pop(name)  # so that the search below does not come back here
        spec = find_spec(name)
        load = spec.loader.exec_module

        def load_and_change(module):
            load(module)
            change(module)

        spec.loader.exec_module = load_and_change
        return spec
