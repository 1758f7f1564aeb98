"""Other processors, as far as one machine can imitate them: each variant sets environment variables or uses another TensorFlow."""

import difflib
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Variant:
    """How a run differs from one on this machine as it is.

    Attributes:
        about: what it imitates, in a few words.
        environment: variables that are set while notebooks and tests run.
        tensorflow: "oldest", "newest" or "" for the one that is installed.
    """

    about: str
    environment: dict[str, str] = field(default_factory=dict)
    tensorflow: str = ""


def _threads(count: int) -> dict[str, str]:
    names = "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"
    return dict.fromkeys(names, str(count))


VARIANTS = {
    "as-it-is": Variant("nothing changed"),
    "noise-1": Variant("rounding noise, seed 1", {"COURSE_NOISE": "1"}),
    "noise-2": Variant("rounding noise, seed 2", {"COURSE_NOISE": "2"}),
    "noise-3": Variant("rounding noise, seed 3", {"COURSE_NOISE": "3"}),
    "noise-each-call": Variant("rounding noise, in sums another one at each call", {"COURSE_NOISE": "4*"}),
    "onednn-off": Variant("TensorFlow's own kernels", {"TF_ENABLE_ONEDNN_OPTS": "0"}),
    "onednn-avx2": Variant("oneDNN without AVX-512", {"ONEDNN_MAX_CPU_ISA": "AVX2"}),
    "onednn-sse41": Variant("oneDNN without AVX", {"ONEDNN_MAX_CPU_ISA": "SSE41"}),
    "numpy-avx2": Variant(
        "NumPy and OpenBLAS without AVX-512",
        {"NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR", "OPENBLAS_CORETYPE": "Haswell"},
    ),
    "one-thread": Variant("one thread", _threads(1)),
    "two-threads": Variant("two threads", _threads(2)),
    "xla": Variant("XLA compiles what tf.function traces", {"TF_XLA_FLAGS": "--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit"}),
    "tensorflow-oldest": Variant("the oldest TensorFlow that pyproject.toml allows", tensorflow="oldest"),
    "tensorflow-newest": Variant("the newest TensorFlow that there is", tensorflow="newest"),
}  # fmt: skip


def chosen(names: list[str]) -> dict[str, Variant]:
    """Look variants up by name; without names, all.

    Raises:
        ValueError: There is no such variant; the message names the nearest one.
    """
    for name in names:
        if name not in VARIANTS:
            near = difflib.get_close_matches(name, VARIANTS, n=1, cutoff=0)[0]
            raise ValueError(f"There is no variant {name!r}. Did you mean {near!r}? There are: {', '.join(VARIANTS)}.")
    return {name: VARIANTS[name] for name in names} or VARIANTS
