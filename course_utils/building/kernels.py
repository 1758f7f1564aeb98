"""The kernels in which notebooks are built and verified: no front end, and none of the user's own settings."""

from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.output_widget import OutputWidget

# Variables through which a maintainer's own settings would get into a build: with MPLBACKEND no figure is shown.
FOREIGN = ("PYTEST_", "MPLBACKEND", "MATPLOTLIBRC", "IPYTHONDIR", "KERAS_", "TF_USE_LEGACY_KERAS", "PYTHONSTARTUP")
SETTINGS = Path(__file__).parents[2] / ".cache" / "settings"  # empty but for what the libraries write there themselves
OWN = {
    "COURSE_STATIC": "1",
    "IPYTHONDIR": str(SETTINGS / "ipython"),
    "KERAS_HOME": str(SETTINGS / "keras"),
    "MATPLOTLIBRC": str(Path(__file__).with_name("matplotlibrc")),
}


def kernel_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Make the environment of a kernel without a front end: widgets leave static output, and personal settings are ignored.

    The settings files of IPython, Matplotlib and Keras in the home folder are not read. With PYTEST_CURRENT_TEST ipykernel would not
    capture what C code prints.
    """
    SETTINGS.mkdir(parents=True, exist_ok=True)
    return {name: value for name, value in environ.items() if not name.startswith(FOREIGN)} | OWN


class SilentOutput(OutputWidget):
    """An Output widget that collects output without reporting back to the kernel.

    nbclient reports back on the socket on which it waits for the cell's reply, may then miss that reply, and hangs:
    https://github.com/jupyter/nbclient/issues/312. Without this class, 3 of 6 runs of 60 interact cells hung.
    """

    def sync_state(self) -> None:
        pass


def new_client(notebook: nbformat.NotebookNode, **options: object) -> NotebookClient:
    """Make an nbclient that does not hang in interact, writes no times into cells, and stops its kernel at once."""
    client = NotebookClient(notebook, record_timing=False, shutdown_kernel="immediate", **options)
    client.widget_registry["@jupyter-widgets/output"]["OutputModel"] = SilentOutput
    return client
