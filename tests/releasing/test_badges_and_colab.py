"""Badges, the first cell for Colab, and `course publish-as`: one place says where the course lives, and all others agree."""

import re
import sys
from types import ModuleType

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

from course_utils import cli
from course_utils.building import build
from course_utils.releasing import badges_and_colab

# Where a file says that something of the course itself is on the web; other projects' addresses have other forms.
OURS = re.compile(
    r"colab\.research\.google\.com/github/([\w-]+/[\w.-]+)"
    r"|mybinder\.org/v2/gh/([\w-]+/[\w.-]+)"
    r"|git\+https://github\.com/([\w-]+/[\w.-]+)"
    r"|git clone https://github\.com/([\w-]+/[\w.-]+)"
    r"|https://github\.com/([\w-]+/[\w.-]+)/actions"
    r"|https://([\w-]+)\.github\.io/([\w.-]+)"
)
NOTEBOOKS = ("notebooks", "workbooks", "exercises", "solutions")


def named(root):
    """Repository -> the files that name it as the course's."""
    found = {}
    for path in badges_and_colab.texts(root):
        for match in OURS.findall(path.read_text("utf-8")):
            found.setdefault("/".join(filter(None, match)).removesuffix(".git"), set()).add(path.relative_to(root))
    return found


@pytest.fixture
def copy(copy_repository, tmp_path):
    return copy_repository(tmp_path)


def notebooks(root):
    return [path for folder in NOTEBOOKS for path in sorted((root / folder).glob("*.ipynb"))]


def test_every_notebook_has_badges_for_what_a_learner_opens_and_the_first_cell(root):
    repository = badges_and_colab.repository(root)
    assert notebooks(root)
    for path in notebooks(root):
        place = path.relative_to(root).as_posix().replace("notebooks/", "workbooks/")
        cells = nbformat.read(path, as_version=4).cells
        assert f"](https://colab.research.google.com/github/{repository}/blob/main/{place})" in cells[0].source
        assert f"](https://mybinder.org/v2/gh/{repository}/main?urlpath=lab/tree/{place})" in cells[0].source
        first = next(cell for cell in cells if cell.cell_type == "code")
        assert first.source == badges_and_colab.COLAB_CELL.format(repository=repository)
        assert first.outputs == []


def test_every_badge_and_link_to_a_notebook_leads_to_one(root):
    for path in notebooks(root):
        cells, folder = nbformat.read(path, as_version=4).cells, path.parent
        text = cells[0]
        images = re.findall(r"!\[[^]]+]\(([^)]+)\)", text.source)
        linked = re.findall(r"colab\.research\.google\.com/github/[\w-]+/[\w.-]+/blob/main/([^)]+)\)", text.source)
        assert len(images) == 2
        assert all((folder / image).is_file() for image in images)
        assert len(linked) >= 2
        assert all((root / link).is_file() for link in linked)
        assert not any(link.startswith("notebooks/") for link in linked)


def test_every_link_inside_a_notebook_leads_somewhere(root):
    for path in notebooks(root):
        text = "\n".join(c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "markdown")
        targets = re.findall(r"\]\((?!https?:|#|attachment:)([^)\s#]+)", text)
        assert targets
        assert [target for target in targets if not (path.parent / target).is_file()] == []


def test_no_badge_and_no_link_disagrees(root):
    assert set(named(root)) == {badges_and_colab.repository(root)}


def test_a_disagreement_is_seen(copy):
    with (copy / "README.md").open("a") as readme:
        readme.write("https://colab.research.google.com/github/ada/other/blob/main/notebooks/02_sigmoid.ipynb\n")
    assert "ada/other" in named(copy)


@pytest.mark.parametrize("said", ["ada/course-2", "https://github.com/ada/course-2.git"])
def test_publish_as_changes_everything_and_nothing_else(root, copy, said, monkeypatch, capsys):
    monkeypatch.chdir(copy)
    assert cli.main(["publish-as", said]) == 0
    assert {"pyproject.toml", "README.md", "notebooks/02_sigmoid.ipynb"} <= set(capsys.readouterr().out.split())
    assert badges_and_colab.repository(copy) == "ada/course-2"
    assert set(named(copy)) == {"ada/course-2"}
    assert named(copy)["ada/course-2"] == named(root)[badges_and_colab.repository(root)]
    assert build.check(copy) == []
    assert outputs(copy) == outputs(root)
    badges_and_colab.publish_as(copy, badges_and_colab.repository(root))
    assert all(
        path.read_bytes() == (root / path.relative_to(copy)).read_bytes() for path in badges_and_colab.texts(copy)
    )


def outputs(root):
    return [cell.get("outputs") for path in notebooks(root) for cell in nbformat.read(path, as_version=4).cells]


def test_publish_as_leaves_other_projects_alone(copy):
    owner, name = badges_and_colab.repository(copy).split("/")
    others = f"https://github.com/{owner}/{name}-2 https://github.com/jupyter/nbclient/issues/312 {owner}/{name}\n"
    (copy / "docs" / "other.md").write_text(others)
    badges_and_colab.publish_as(copy, "ada/course")
    assert (copy / "docs" / "other.md").read_text() == others


def test_published_already(copy, monkeypatch, capsys):
    monkeypatch.chdir(copy)
    assert cli.main(["publish-as", badges_and_colab.repository(copy)]) == 0
    assert capsys.readouterr().out == "Every badge and link says so already.\n"


@pytest.mark.parametrize("said", ["ada", "ada/", "https://example.org/ada/course", "ada/course/tree/main", "a b/c"])
def test_what_is_no_repository(copy, said, monkeypatch, capsys):
    monkeypatch.chdir(copy)
    assert cli.main(["publish-as", said]) == 2
    assert "names no repository; expected OWNER/NAME" in capsys.readouterr().err
    assert set(named(copy)) == {badges_and_colab.repository(copy)}


def test_a_project_that_names_no_repository(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n')
    with pytest.raises(ValueError, match=r'pyproject.toml: \[project.urls\] has Repository = "", expected'):
        badges_and_colab.repository(tmp_path)


class Shell:
    """What IPython's `!` calls, and what the cell then would have run."""

    def __init__(self):
        self.commands = []

    def system(self, command):
        self.commands.append(command)


@pytest.mark.parametrize(
    ("on_colab", "installed", "runs"), [(False, True, 0), (False, False, 0), (True, True, 0), (True, False, 1)]
)
def test_the_first_cell_installs_only_on_colab_and_only_what_is_missing(root, monkeypatch, on_colab, installed, runs):
    shell = Shell()
    if on_colab:
        monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object() if installed else None)
    cell = badges_and_colab.COLAB_CELL.format(repository="ada/course")
    exec(TransformerManager().transform_cell(cell), {"get_ipython": lambda: shell})
    assert shell.commands == ['{sys.executable} -m pip install -q "git+https://github.com/ada/course"'] * runs
