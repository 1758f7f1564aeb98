"""`make portable`: the noise reaches what the course computes, and the harness says what does not stand."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from portability.__main__ import ROOT, about_numbers, main
from portability.environments import Unavailable, python_with
from portability.variants import VARIANTS

WAYS = """
import json, numpy as np, tensorflow as tf, keras
x = tf.zeros([1, 8])
exact = {"eager": tf.exp(x), "graph": tf.function(tf.exp)(x), "xla": tf.function(tf.exp, jit_compile=True)(x)}
unknown = tf.function(tf.exp, input_signature=[tf.TensorSpec([None, None])])
exact |= {"unknown shape": unknown(x), "matmul": tf.ones([2, 8]) @ tf.ones([8, 8]) / 8, "sum": tf.reduce_sum(tf.ones([8, 8]), 0) / 8}
exact |= {"softmax of one": tf.nn.softmax(tf.zeros([8, 1])), "keras": keras.ops.exp(x), "numpy": np.exp(np.full(8, 1e-30, "float32"))}
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.exp(x)
exact["gradient"] = tape.gradient(y, x)
exact["double"] = 1 + (np.exp(np.full(8, 1e-30)) - 1) * 2**29
for name in ("relu", "maximum"):
    exact[name] = getattr(keras.ops, name)(*[tf.ones([8])] * (1 + (name == "maximum")))
exact |= {"whole numbers": np.mean(np.ones(8, bool)), "infinity": np.tanh([np.inf])}
keras.utils.set_random_seed(0)
weights = keras.layers.Dense(8)
weights.build((None, 8))
print(json.dumps([{name: (np.ravel(value).astype(float) - 1).tolist() for name, value in exact.items()}, weights.kernel.numpy().tolist()]))
"""


def ways(noise):
    startup = str(ROOT / "portability" / "startup")
    environment = os.environ | {"PYTHONPATH": startup, "COURSE_NOISE": noise, "TF_CPP_MIN_LOG_LEVEL": "3"}
    ran = subprocess.run([sys.executable, "-c", WAYS], env=environment, capture_output=True, text=True, check=True)
    return json.loads(ran.stdout)


def test_noise_reaches_each_way_to_compute_and_changes_the_last_bits_only():
    (plain, weights), (noisy, shaken), again = ways(""), ways("1"), ways("1")
    assert again == [noisy, shaken]  # a machine repeats itself
    assert set(plain.pop("softmax of one")) <= {0, -(2**-24)}  # 1, or the float32 just below it: each processor its own
    assert not any(any(values) for values in plain.values())
    for name, values in noisy.items():
        assert max(map(abs, values)) <= 2**-23 + (2**-24 if name == "softmax of one" else 0), name
        assert any(values) == (name not in ("relu", "maximum", "whole numbers", "infinity")), name
    assert max(noisy["softmax of one"]) <= 0  # no processor gives a share above 1
    assert weights != shaken
    assert all(
        abs(a - b) <= 2**-22 * abs(a) for rows in zip(weights, shaken, strict=True) for a, b in zip(*rows, strict=True)
    )


HALF = """
import numpy as np, tensorflow as tf
a, b = (np.random.default_rng(seed).normal(size=(8, 8)).astype("float16") for seed in (0, 1))
right = a.astype("float32") @ b.astype("float32")
with tf.GradientTape() as tape:
    tape.watch(x := tf.constant(a))
    product = x @ b
ways = {"eager": product, "graph": tf.function(tf.matmul)(a, b), "einsum": tf.einsum("ij,jk->ik", a, b)}
softmax = tf.nn.softmax(a)
assert softmax.dtype == tf.float16 and abs(softmax.numpy().sum(1) - 1).max() < 0.01
ways["bfloat16"] = tf.cast(tf.matmul(tf.cast(a, tf.bfloat16), tf.cast(b, tf.bfloat16)), tf.float16)
print({name: (way.dtype.name, bool(abs(way.numpy() - right).max() < 0.1)) for name, way in ways.items()})
print(tape.gradient(product, x).dtype.name)
"""


@pytest.mark.parametrize("name", [name for name in VARIANTS if name.startswith("onednn-")])
def test_16_bits_where_onednn_may_not_use_what_the_processor_has(name):
    """On a processor with float16 arithmetic Python ended at such a product with a segmentation fault."""
    startup = os.pathsep.join([str(ROOT / "portability" / "startup"), str(ROOT)])
    environment = os.environ | VARIANTS[name].environment | {"PYTHONPATH": startup, "TF_CPP_MIN_LOG_LEVEL": "3"}
    ran = subprocess.run([sys.executable, "-c", HALF], env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr[-500:]
    said, gradient = ran.stdout.splitlines()
    assert ast.literal_eval(said) == dict.fromkeys(("eager", "graph", "einsum", "bfloat16"), ("float16", True))
    assert gradient == "float16"


@pytest.fixture
def course(tmp_path):
    """A notebook that stores a rounded number and last bits, and a test that asserts a last bit."""
    cells = {
        "0.5.hex()": "'0x1.0000000000000p-1'",
        "float(np.exp(1.0))": "2.718281828459045",
        "int(np.sum(np.exp(np.full(99, 1e-30)) == 1))": "99",
    }
    notebook = nbformat.v4.new_notebook()
    for source, output in cells.items():
        result = nbformat.v4.new_output("execute_result", {"text/plain": output}, execution_count=1)
        cell = nbformat.v4.new_code_cell(f"import numpy as np\n{source}", outputs=[result], execution_count=1)
        notebook.cells.append(cell)
    nbformat.write(notebook, tmp_path / "bits.ipynb")
    test = "import numpy as np\n\n\ndef test_one():\n    assert (np.exp(np.full(99, 1e-30)) == 1).all()\n"
    (tmp_path / "test_bits.py").write_text(test)
    return ["--notebooks", str(tmp_path / "bits.ipynb"), "--tests", str(tmp_path / "test_bits.py")]


def test_what_does_not_stand_is_named_and_counted(course, capfd):
    assert main(["noise-1", *course]) == 1
    lines = capfd.readouterr().out.splitlines()
    assert [line.split(" | ")[1].split("::")[-1] for line in lines if " | " in line] == ["Cell 2", "test_one"]
    assert "'99' == '" in lines[1]
    assert lines[-1] == "All together: 2 of 4 cells and tests stand."


def test_without_files_it_takes_the_tests_whose_claims_are_about_numbers():
    found = {str(Path(path).relative_to(ROOT / "tests")) for path in about_numbers(ROOT / "tests")}
    assert {"chapters/test_chapter_06.py", "exercises/test_bank.py", "exercises/test_exercises_02.py"} <= found
    assert not any(name.startswith("grading") for name in found)


@pytest.mark.parametrize("wrong", ["noise1", "oneDNN"])
def test_an_unknown_variant_is_one_sentence(wrong, capsys):
    assert main([wrong]) == 2
    assert capsys.readouterr().err.startswith(f"There is no variant {wrong!r}. Did you mean ")


def test_a_file_that_is_not_there_is_one_sentence(capsys):
    assert main(["as-it-is", "--tests", "tests/no_such_test.py"]) == 2
    assert capsys.readouterr().err == f"There is no file tests/no_such_test.py in {ROOT.name}.\n"


@pytest.mark.parametrize(("bound", "says"), [("2.18", "2.18"), ("9.18", "9.18")])
def test_a_tensorflow_that_cannot_be_had_is_one_sentence(bound, says, tmp_path, monkeypatch):
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    text = (ROOT / "pyproject.toml").read_text("utf-8").replace(">=2.18", f">={bound}")
    (tmp_path / "pyproject.toml").write_text(text, "utf-8")
    with pytest.raises(Unavailable, match=says) as caught:
        python_with("oldest", tmp_path)
    assert "\n" not in str(caught.value)


def test_what_ran_stays_shown_where_another_variant_cannot_run(course, capfd, monkeypatch):
    def nowhere(which, root):
        raise Unavailable(f"There is no network for the {which} TensorFlow.")

    monkeypatch.setattr("portability.__main__.python_with", nowhere)
    _, _, *only_the_test = course
    assert main(["tensorflow-oldest", "one-thread", *only_the_test]) == 1
    lines = capfd.readouterr().out.splitlines()
    assert "tensorflow-oldest: not run. There is no network for the oldest TensorFlow." in lines
    assert lines[-1].endswith("cells and tests stand. Not run: tensorflow-oldest.")
    assert any(line.startswith("one-thread (one thread): ") for line in lines)
