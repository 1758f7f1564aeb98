"""Plots with one look for the whole course, their sliders, and what a figure shows in words.

Imports activations, references, texts.

The plot functions of `curves` are offered here, loaded on first use.
"""

from importlib import import_module


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return getattr(import_module("course_utils.plotting.curves"), name)
