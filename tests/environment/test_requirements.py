"""`doctor()`: fine where it is fine, and a sentence that helps where it isn't."""

import importlib.metadata

import pytest

from course_utils import doctor
from course_utils.environment import requirements

NAMES = [
    "Python",
    "TensorFlow",
    "Keras",
    "NumPy",
    "pandas",
    "Matplotlib",
    "scikit-learn",
    "ipywidgets",
    "Keras on TensorFlow",
]


def test_the_machine_that_runs_the_tests_is_ready():
    health = doctor()
    assert list(health.findings) == NAMES
    assert health.fine
    assert repr(health).splitlines() == [*(f"{name}: fine" for name in NAMES), "Everything is fine: you can begin."]


@pytest.mark.parametrize(
    ("what", "change", "sentence"),
    [
        ("Python", ("platform.python_version", lambda: "3.10.2"), "found 3.10.2, the course needs <3.14,>=3.11. "),
        ("Python", ("platform.python_version", lambda: "3.14.0rc1"), "found 3.14.0rc1, the course needs <3.14,>=3.11. "),
        ("NumPy", ("numpy.__version__", "1.22.4"), "found 1.22.4, the course needs numpy>=1.26. Install that with: "),
        ("Keras on TensorFlow", ("keras.backend.backend", lambda: "jax"), "Keras runs on jax, the course needs TensorFlow."),
    ],
)  # fmt: skip
def test_what_is_wrong_and_what_to_do(monkeypatch, what, change, sentence):
    monkeypatch.setattr(*change)
    health = doctor()
    assert health.findings[what].startswith(sentence)
    assert not health.fine
    assert repr(health).endswith("Mend what is not fine, restart the notebook, and run this cell again.")
    assert [name for name, finding in health.findings.items() if finding] == [what]


def test_a_package_that_is_missing(monkeypatch):
    monkeypatch.setitem(requirements.PARTS, "TensorFlow", ("no_such_module", ("tensorflow-cpu", "tensorflow")))
    finding = doctor().findings["TensorFlow"]
    assert finding.startswith("not installed here. Install it with: pip install 'tensorflow-cpu>=")


def test_without_keras_its_backend_is_not_asked_for(monkeypatch):
    monkeypatch.setitem(requirements.PARTS, "Keras", ("no_such_module", ("keras",)))
    assert "Keras on TensorFlow" not in doctor().findings


def test_a_course_that_is_not_installed(monkeypatch):
    def missing(_):
        raise importlib.metadata.PackageNotFoundError

    monkeypatch.setattr(requirements, "requires", missing)
    assert not doctor().fine
    assert "pip install -e ." in repr(doctor())
