"""What all tests share: no screen, no figure left open, no live front end."""

import matplotlib
import pytest

matplotlib.use("agg")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


@pytest.fixture
def root(request):
    """The repository."""
    return request.config.rootpath
