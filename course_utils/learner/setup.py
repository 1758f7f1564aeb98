"""What a course notebook does first: `setup()`."""

import os
import sys

from course_utils.learner.error_output import no_error_output
from course_utils.learner.keras_backend import backend_notice

FOR_PAGES = "COURSE_FOR_PAGES"  # in the environment of a kernel: what it shows is stored, and the site is made of it
# In the dark, figures are turned: white becomes the page, black text white, and each colour keeps its hue.
IN_THE_DARK = (
    "<style>:is(body[data-jp-theme-light='false'], body.vscode-dark) img[src^='data:image/png'] "
    "{filter: invert(1) hue-rotate(180deg); mix-blend-mode: screen}</style>"
)
FIGURE = "figure"  # in the metadata of a text: it describes a figure, which has to stand beside it


def setup() -> None:
    """Make a notebook ready: TensorFlow without its start-up lines, figures with descriptions and in a dark page's colours.

    Outside IPython it only imports TensorFlow quietly. Calling it again changes nothing. Where Keras is to run on another
    backend, it says so.
    """
    if notice := backend_notice():
        print(notice)
    _import_tensorflow_quietly()
    try:
        from IPython import get_ipython

        from course_utils.plotting.widgets import live
    except ImportError:
        return
    shell = get_ipython()
    if shell is not None:
        _describe_figures(shell)
        if live():
            shell.display_pub.publish({"text/html": IN_THE_DARK, "text/plain": ""})


def _import_tensorflow_quietly():
    """TensorFlow's C++ code writes to file descriptor 2 when it is imported and at its first operation."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    with no_error_output():
        import tensorflow as tf

        tf.zeros(1)
    tf.get_logger().setLevel("ERROR")  # "retracing" is advice for programs, not for ten small trainings in a row


def _describe_figures(shell):
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    shell.run_line_magic("matplotlib", "inline")  # first: choosing the backend drops formatters registered before
    formatters = shell.display_formatter
    formatters.mimebundle_formatter.for_type(Figure, lambda figure, **_: _described(figure))
    formatters.ipython_display_formatter.for_type(Axes, lambda ax: None)  # its figure is shown; its repr says nothing


def _described(figure):
    """A figure in words; where a page is made of the notebook, its forms for that page besides."""
    from course_utils.plotting import descriptions, narrow

    forms = {narrow.KEY: narrow.for_pages(figure)} if os.environ.get(FOR_PAGES) == "1" else {}
    return {"text/plain": descriptions.describe(figure)}, {"text/plain": {FIGURE: True}} | forms
