"""The environment's descriptions agree with each other, and importing the package stays cheap."""

import subprocess
import sys
import tomllib
import warnings

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

PLATFORMS = {
    ("linux", "x86_64"): "tensorflow-cpu",
    ("win32", "AMD64"): "tensorflow-cpu",
    ("linux", "aarch64"): "tensorflow",
    ("darwin", "arm64"): "tensorflow",
}
PYTHONS = ("3.11", "3.12", "3.13")


@pytest.fixture
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]


def pins(path):
    """The lines of a lock as requirements."""
    return [Requirement(line) for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")]


def installed(path, here):
    """Package -> version, as a lock has it for one platform and Python."""
    holding = [r for r in pins(path) if not r.marker or r.marker.evaluate(here)]
    return {r.name.lower(): str(r.specifier).removeprefix("==") for r in holding}


@pytest.fixture
def locked(root):
    """What a learner or a teacher installs."""
    return pins(root / "requirements.lock")


def environment(platform, machine, python):
    return default_environment() | {
        "sys_platform": platform,
        "platform_machine": machine,
        "python_version": python,
        "python_full_version": f"{python}.9",
        "platform_system": {"linux": "Linux", "win32": "Windows", "darwin": "Darwin"}[platform],
    }


@pytest.mark.parametrize(
    ("lock", "extras"),
    [
        ("requirements.lock", {"lab", "tensorflow"}),
        ("requirements-dev.lock", {"tensorflow", "lab", "build", "cluster", "nbgrader", "site", "test"}),
    ],
)
def test_every_requirement_is_locked_within_its_range(root, project, lock, extras):
    wanted = [Requirement(line) for line in project["dependencies"]]
    wanted += [Requirement(line) for extra in extras for line in project["optional-dependencies"][extra]]
    for (platform, machine), python in ((p, v) for p in PLATFORMS for v in PYTHONS):
        here = environment(platform, machine, python)
        versions = installed(root / lock, here)
        for requirement in wanted:
            if requirement.name != "course-utils" and (not requirement.marker or requirement.marker.evaluate(here)):
                assert versions[requirement.name.lower()] in requirement.specifier


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_tests_run_with_the_versions_that_a_learner_has(root, platform, python):
    here = environment(*platform, python)
    learner, tests = (installed(root / lock, here) for lock in ("requirements.lock", "requirements-dev.lock"))
    assert learner.items() <= tests.items()


def test_the_locks_cover_every_extra(project):
    assert set(project["optional-dependencies"]) == {
        "tensorflow",
        "lab",
        "build",
        "cluster",
        "nbgrader",
        "site",
        "test",
    }


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize(("platform", "name"), PLATFORMS.items())
def test_one_build_of_tensorflow_for_each_platform(locked, platform, name, python):
    here = environment(*platform, python)
    builds = [r.name for r in locked if r.name.startswith("tensorflow") and (not r.marker or r.marker.evaluate(here))]
    assert builds == [name]


def test_the_package_alone_leaves_tensorflow_alone(project):
    assert not any(line.startswith("tensorflow") for line in project["dependencies"])


def test_environment_yml_takes_everything_from_the_lock(root, project):
    described = yaml.safe_load((root / "environment.yml").read_text("utf-8"))
    python, pip, section = described["dependencies"]
    assert python.removeprefix("python=") + ".0" in SpecifierSet(project["requires-python"])
    assert (pip, section) == ("pip", {"pip": ["-r requirements.lock", "-e ."]})


def test_ci_tries_every_python_that_the_package_takes(root, project):
    workflow = yaml.safe_load((root / ".github/workflows/ci.yml").read_text("utf-8"))
    pythons = workflow["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert pythons == list(PYTHONS)
    assert all(f"{python}.0" in SpecifierSet(project["requires-python"]) for python in pythons)
    assert "3.14.0" not in SpecifierSet(project["requires-python"])


LOADED = "import sys, course_utils{more}; print(*sorted({{'numpy', 'matplotlib', 'tensorflow', 'scipy', 'keras'}} & set(sys.modules)))"


@pytest.mark.parametrize(
    ("more", "loaded"),
    [
        ("", ""),
        ("; course_utils.check", "numpy"),
        ("; course_utils.activations.get('gelu')", "numpy"),
        ("; course_utils.plotting", ""),
        ("; course_utils.plotting.plot_activations", "matplotlib numpy"),
        ("; from course_utils.cli import main", ""),
    ],
)
def test_importing_loads_no_more_than_it_needs(more, loaded):
    done = subprocess.run([sys.executable, "-c", LOADED.format(more=more)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == loaded


def test_a_name_that_is_not_there():
    import course_utils

    with pytest.raises(AttributeError, match="no attribute 'chek'; it offers: "):
        course_utils.chek  # noqa: B018
    assert all(getattr(course_utils, name) for name in course_utils.__all__)


GAST = "Constant.__init__ got an unexpected keyword argument '___pyct_anno'. Support for it is deprecated."


@pytest.mark.parametrize(
    ("message", "category", "module"),
    [
        (GAST, DeprecationWarning, "course_utils.experiments.training"),
        (GAST, DeprecationWarning, "test_project"),
        (GAST, DeprecationWarning, "gastronomy"),
        (GAST, FutureWarning, "gast.astn"),
        ("invalid escape sequence", DeprecationWarning, "gast.astn"),
        ("unclosed database", ResourceWarning, "course_utils.learner.history"),
    ],
)
def test_a_warning_of_ours_is_an_error(message, category, module):
    with pytest.raises(category, match=message[:8]):
        warnings.warn_explicit(message, category, "file.py", 1, module=module)


def test_a_warning_of_gast_s_lets_tensorflow_read_a_function():
    import tensorflow as tf

    warnings.warn_explicit(GAST, DeprecationWarning, "file.py", 1, module="gast.astn")

    @tf.function
    def positive(x):  # an `if` that only AutoGraph can translate
        if tf.reduce_sum(x) > 0:
            return x
        return -x

    assert positive(tf.constant([-2.0])).numpy() == 2.0
