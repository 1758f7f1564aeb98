"""Plots with one look for the whole course, their sliders, and what a figure shows in words.

Imports activations, texts.

The plot functions of `curves`, and the drawing of a network, are offered here, loaded on first use.
"""

from course_utils import load

_HOME = {"plot_network": "network_diagram"}  # all others are in `curves`


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return getattr(load(f"plotting.{_HOME.get(name, 'curves')}"), name)
