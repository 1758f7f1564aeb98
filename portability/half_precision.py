"""Matrix products, convolutions and softmax in 16 bits without oneDNN.

TensorFlow asks the processor whether it calculates in float16 or bfloat16, and if so hands these operations to oneDNN. Where
oneDNN may not use such instructions (`ONEDNN_MAX_CPU_ISA`), they fail, a product with a segmentation fault. A processor without
them calculates in float32 and rounds, and so do the functions here.
"""

import functools
import sys

from portability.noise import AfterImport

FUNCTIONS = {
    "tensorflow.python.ops.gen_math_ops": ("mat_mul", "batch_mat_mul", "batch_mat_mul_v2"),
    "tensorflow.python.ops.gen_linalg_ops": ("einsum",),
    "tensorflow.python.ops.gen_nn_ops": ("conv2d", "softmax"),
}
HALF = {"float16", "bfloat16"}


def install():
    """Let TensorFlow, when it is imported, work these operations out in float32."""
    sys.meta_path.insert(0, AfterImport(dict.fromkeys(FUNCTIONS, _change)))


def _change(module):
    for name in FUNCTIONS[module.__name__]:
        setattr(module, name, _in_float32(getattr(module, name)))


def _in_float32(operation):
    @functools.wraps(operation)
    def rounded(*args, **keywords):
        import numpy as np
        import tensorflow as tf

        def is_array(part):
            return tf.is_tensor(part) or isinstance(part, np.ndarray)

        kinds = {tf.as_dtype(part.dtype).name for part in tf.nest.flatten((args, keywords)) if is_array(part)}
        if len(kinds) != 1 or not kinds <= HALF:
            return operation(*args, **keywords)
        args, keywords = tf.nest.map_structure(
            lambda part: tf.cast(part, tf.float32) if is_array(part) else part, (args, keywords)
        )
        return tf.cast(operation(*args, **keywords), *kinds)

    return rounded
