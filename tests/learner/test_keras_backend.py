"""Where Keras looks for its settings."""

import os
from pathlib import Path

import pytest

from course_utils.learner.keras_backend import keras_file


@pytest.mark.parametrize(
    ("home", "writable", "found"),
    [
        (None, True, "/home/ada/.keras/keras.json"),
        (None, False, "/tmp/.keras/keras.json"),
        ("/k", False, "/k/keras.json"),
    ],
)
def test_where_keras_looks_for_its_settings(monkeypatch, home, writable, found):
    """As Keras itself does: in the home folder, unless it can't be written."""
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setenv("KERAS_HOME", home) if home else monkeypatch.delenv("KERAS_HOME", raising=False)
    monkeypatch.setattr(os, "access", lambda *_: writable)
    assert keras_file() == Path(found)
