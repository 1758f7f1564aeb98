"""Where the course lives on the web, and what every notebook says about it: badges, and a first cell for Google Colab.

The one place that names the repository is `[project.urls]` in `pyproject.toml`; `publish_as` changes it for a fork.
"""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import nbformat
from nbformat import NotebookNode

from course_utils.texts import _

BRANCH = "main"
SLUG = re.compile(r"(?:https://github\.com/)?([\w-]+)/([\w.-]+?)(?:\.git)?/?")
BEFORE_SLUG = r"(github\.com/|colab\.research\.google\.com/github/|mybinder\.org/v2/gh/)"
FOLDERS = ("notebooks", "workbooks", "exercises", "solutions", "docs", ".github", "course_utils")
KINDS = {".cff", ".css", ".html", ".ipynb", ".js", ".json", ".md", ".py", ".toml", ".yaml", ".yml"}

BADGES = (
    "[![Open in Colab](../docs/badges/colab.svg)]({colab}) [![Open in Binder](../docs/badges/binder.svg)]({binder})"
)
ON_COLAB = _("On Colab: {links}.")  # where links between notebooks lead nowhere
COLAB_CELL = """import sys
from importlib.util import find_spec

if "google.colab" in sys.modules and not find_spec("course_utils"):
    !{{sys.executable}} -m pip install -q "git+https://github.com/{repository}\""""


def repository(root: Path) -> str:
    """Where the course lives on GitHub.

    Args:
        root: Path of the repository.

    Returns:
        str, "owner/name".

    Raises:
        ValueError: `pyproject.toml` names no repository on GitHub.
    """
    urls = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"].get("urls", {})
    address = urls.get("Repository", "")
    if not address.startswith("https://github.com/") or not SLUG.fullmatch(address):
        raise ValueError(
            f'pyproject.toml: [project.urls] has Repository = "{address}", expected "https://github.com/OWNER/NAME".'
        )
    return "/".join(SLUG.fullmatch(address).groups())


def colab(repository: str, path: str) -> str:
    """The address at which Colab opens a notebook of the repository."""
    return f"https://colab.research.google.com/github/{repository}/blob/{BRANCH}/{path}"


def binder(repository: str, path: str) -> str:
    """The address at which Binder opens a notebook of the repository in JupyterLab."""
    return f"https://mybinder.org/v2/gh/{repository}/{BRANCH}?urlpath=lab/tree/{path}"


def site(repository: str) -> str:
    """The address of the course's pages on GitHub Pages."""
    owner, name = repository.split("/")
    return f"https://{owner}.github.io/{name}/"


def with_opening(
    notebook: NotebookNode, repository: str, path: str, *, next_ones: Sequence[tuple[str, str]] = ()
) -> NotebookNode:
    """A notebook with badges under its title and, as its first code cell, what Colab needs.

    Args:
        notebook: without outputs; its first cell begins with the title. It is not changed.
        repository: str, "owner/name".
        path: str, what its badges open in the repository, like "workbooks/02_sigmoid.ipynb".
        next_ones: pairs of what a notebook is called and its path: where a reader may want to go from here.

    Returns:
        A new notebook; the ids of the other cells stay.
    """
    opened = nbformat.from_dict(notebook)
    first = opened.cells[0]
    title, _, rest = first.source.partition("\n")
    first["source"] = f"{title}\n\n{_badges(repository, path, next_ones)}\n{rest}".rstrip("\n")
    cell = nbformat.v4.new_code_cell(COLAB_CELL.format(repository=repository))
    cell["id"] = f"{str(PurePosixPath(path).with_suffix('')).replace('/', '-').replace('_', '-')}-colab"
    place = next((place for place, other in enumerate(opened.cells) if other.cell_type == "code"), 1)
    opened.cells.insert(place, cell)
    return opened


def _badges(repository, path, next_ones):
    badges = BADGES.format(colab=colab(repository, path), binder=binder(repository, path))
    links = ", ".join(f"[{words}]({colab(repository, other)})" for words, other in next_ones)
    return f"{badges}\n\n{ON_COLAB.format(links=links)}" if links else badges


def only_for_colab(paragraph: str) -> bool:
    """Whether a paragraph only links to notebooks on Colab, and is not the one with the badges."""
    return "colab.research.google.com/github/" in paragraph and "/badges/" not in paragraph


def publish_as(root: Path, new: str) -> list[Path]:
    """Rewrite every badge and link for another repository; outputs stay as they are.

    Args:
        root: Path of the repository.
        new: str, "OWNER/NAME", or its address on GitHub.

    Returns:
        The paths that were changed, relative to `root`, sorted.

    Raises:
        ValueError: `new` names no repository.
    """
    found = SLUG.fullmatch(new.strip())
    if not found:
        raise ValueError(f"{new!r} names no repository; expected OWNER/NAME, for example ada/activation-functions.")
    old, new, changed = repository(root), "/".join(found.groups()), []
    for path in texts(root):
        text = path.read_text("utf-8")
        rewritten = _rewritten(text, old, new)
        if rewritten != text:
            path.write_text(rewritten, encoding="utf-8")
            changed.append(path.relative_to(root))
    return sorted(changed)


def _rewritten(text, old, new):
    text = re.sub(rf"{BEFORE_SLUG}{re.escape(old)}(?![\w-])", rf"\g<1>{new}", text)
    return re.sub(rf"{re.escape(site(old))}", site(new), text)


def texts(root: Path) -> list[Path]:
    """The files that may name the repository: text files, except those that exist only on this machine."""
    inside = (path for folder in FOLDERS for path in sorted((root / folder).rglob("*")))
    found = [path for path in (*sorted(root.iterdir()), *inside) if path.is_file() and path.suffix in KINDS]
    return [path for path in found if ".ipynb_checkpoints" not in path.parts]
