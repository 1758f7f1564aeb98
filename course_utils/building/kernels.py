"""The kernels in which notebooks are built and verified: no front end, nothing of the process that starts them."""

from collections.abc import Mapping

import nbformat
from nbclient import NotebookClient
from nbclient.output_widget import OutputWidget


def kernel_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Make the environment of a kernel without a front end: widgets leave static output, nothing tells of pytest.

    With PYTEST_CURRENT_TEST ipykernel would not capture what C code prints; with MPLBACKEND no figure would be shown.
    """
    kept = {name: value for name, value in environ.items() if not name.startswith("PYTEST_") and name != "MPLBACKEND"}
    return kept | {"COURSE_STATIC": "1"}


class SilentOutput(OutputWidget):
    """An Output widget that collects, and does not report back to the kernel.

    nbclient reports on the socket on which it awaits the cell's reply, may then miss the reply, and waits for ever:
    https://github.com/jupyter/nbclient/issues/312. Without this, 3 of 6 runs of 60 interact cells stood still.
    """

    def sync_state(self) -> None:
        pass


def new_client(notebook: nbformat.NotebookNode, **options: object) -> NotebookClient:
    """Make an nbclient that does not hang in interact, writes no times into cells, and ends its kernel at once."""
    client = NotebookClient(notebook, record_timing=False, shutdown_kernel="immediate", **options)
    client.widget_registry["@jupyter-widgets/output"]["OutputModel"] = SilentOutput
    return client
