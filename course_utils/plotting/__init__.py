"""Plots with one look for the whole course, their sliders, and what a figure shows in words.

Imports activations, texts.

The plot functions of `curves`, and the drawing of a network, are offered here, loaded on first use.
"""

from importlib import import_module

_HOME = {"plot_network": "network_diagram"}  # all others are in `curves`


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return getattr(import_module(f"course_utils.plotting.{_HOME.get(name, 'curves')}"), name)
