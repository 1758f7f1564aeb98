"""Brings the course's tolerance to `pytest --nbval`; without that option it does nothing and imports nothing."""

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    """Let the notebooks that nbval collects be run and compared as course_utils/building/nbval_tolerance.py says."""
    collectors = yield
    option = parent.config.getoption
    if file_path.suffix == ".ipynb" and (option("nbval", False) or option("nbval_lax", False)):
        from course_utils.building.nbval_tolerance import with_tolerance

        return [with_tolerance(collector) for collector in collectors]
    return collectors
