"""`make site`: the chapters and exercises as a static site that can be built and read without a network.

Nothing is executed: the stored outputs, which `pytest --nbval` verifies, are what a page shows.
"""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat

from course_utils.building.site import pyodide, search_index, weight
from course_utils.building.site.exercise_pages import exercise_page
from course_utils.building.site.pages import chapter_page
from course_utils.releasing import badges_and_colab
from course_utils.texts import _

NOT_FOR_READERS = (
    ".buildinfo*",
    "objects.inv",
    "*webpack-macros.html",
    "*.css.map",
    "*.js.map",
)  # what only Sphinx and its themes need

CACHE = ".cache/pyodide"  # ignored by git


class SiteError(RuntimeError):
    """The site can't be made, or has mistakes; the message says why, or that Sphinx has listed them."""


def build(root: Path, out: Path, python: Path | None = None) -> Path:
    """Make the site.

    Args:
        root: Path of the repository.
        out: Path of the folder to make; what was in it before is removed.
        python: the pinned files of Python for the exercise pages, name -> bytes, or None for pages without editors.

    Returns:
        The path of its first page.

    Raises:
        SiteError: a page has a mistake, such as a link that leads nowhere.
    """
    from sphinx.cmd.build import build_main

    scripts, known = pyodide.scripts(python) if python else ({}, None)
    with tempfile.TemporaryDirectory() as folder:
        pages, made = Path(folder, "pages"), Path(folder, "made")
        pictures = stage(root, pages, known)
        options = ["-b", "html", "-q", "-W", "--keep-going", "-c", str(root / "docs"), "-d", str(Path(folder, "read"))]
        if build_main([*options, str(pages), str(made)]):
            raise SiteError(_("The site has mistakes; they are listed above."))
        _give_the_notebooks_themselves(root, made)
        for path, png in pictures.items():
            (made / path).parent.mkdir(exist_ok=True)
            (made / path).write_bytes(png)
        for name, text in scripts.items():
            (made / "python").mkdir(exist_ok=True)
            (made / "python" / name).write_text(text, encoding="utf-8")
        weight.lighten(made)
        (made / search_index.NAME).write_text(search_index.as_script(made), encoding="utf-8")
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(made, out, ignore=shutil.ignore_patterns(*NOT_FOR_READERS))
    return out / "index.html"


def stage(root: Path, folder: Path, python: Mapping[str, bytes] | None = None) -> dict[str, bytes]:
    """Write Sphinx's input: each page at the path that its notebook has in the repository.

    Args:
        root: Path of the repository.
        folder: Path of a folder to make.
        python: what `pyodide.scripts` tells a page about Python on the site, or None for pages without editors.

    Returns:
        The pages' figures: path on the site -> bytes.
    """
    pictures = {}
    repository = badges_and_colab.repository(root)
    shutil.copytree(
        root / "docs",
        folder / "docs",
        ignore=shutil.ignore_patterns("index.md", "conf.py", "static", "editor", "templates"),
    )
    shutil.copy(root / "docs" / "index.md", folder)
    readme = (root / "README.md").read_text("utf-8")
    (folder / "README.md").write_text(readme.replace("](workbooks/", "](notebooks/"), encoding="utf-8")
    for path in sorted((root / "notebooks").glob("[!0-9]*.md")):  # pages that chapters link to
        _copy(path, folder / "notebooks" / path.name)
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        notebook = _read(path)
        questions = json.loads((root / "course_utils/learner/questions" / f"{path.stem}.json").read_text("utf-8"))
        _put(folder / "notebooks" / path.name, chapter_page(notebook, questions, path.stem, pictures))
        if (root / "exercises" / path.name).exists():
            both = (_read(root / kind / path.name) for kind in ("exercises", "solutions"))
            title = notebook.cells[0].source.partition("\n")[0].removeprefix("# ")
            page = exercise_page(*both, name=path.stem, title=title, repository=repository, python=python)
            _put(folder / "exercises" / path.name, page)
    return pictures


def _read(path):
    return nbformat.read(path, as_version=4)


def _copy(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def _put(path, notebook):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(notebook), encoding="utf-8")


def _give_the_notebooks_themselves(root, made):
    """Let a page offer for download the notebook that a learner opens, not the page's own version of it."""
    for path in made.glob("_sources/*/*.ipynb"):
        folder = path.parent.name.replace("notebooks", "workbooks")
        shutil.copy(root / folder / path.name, path)


def python_for_pages(root: Path, chosen: str | None) -> dict[str, bytes] | None:
    """The pinned files of Python for the exercise pages, or None, with the reason printed.

    Args:
        root: Path of the repository.
        chosen: the value of COURSE_PYODIDE: a folder, "" for pages without Python, or None to download the files once.

    Raises:
        SiteError: a file in the folder is missing, or is not the pinned one.
    """
    try:
        if chosen:
            return pyodide.from_folder(Path(chosen))
        if chosen is None:
            return pyodide.downloaded(root / CACHE)
    except pyodide.PyodideError as error:
        if chosen:
            raise SiteError(str(error)) from None
        reason = str(error)
    else:
        reason = _("COURSE_PYODIDE is empty.")
    print(_("The exercises can be read, but not answered on their pages: {reason}").format(reason=reason))
    return None


def main(arguments: Sequence[str]) -> int:
    """`python -m course_utils.building.site.make_site [OUT]`: makes the site in the folder OUT, or else in `site`."""
    root = Path(__file__).resolve().parents[3]
    out = Path(arguments[0]) if arguments else root / "site"
    try:
        first = build(root, out, python_for_pages(root, os.environ.get("COURSE_PYODIDE")))
    except (SiteError, ValueError) as error:
        print(f"site: {error}", file=sys.stderr)
        return 1
    print(_("The site is in {out}; open {first}.").format(out=out, first=first))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
