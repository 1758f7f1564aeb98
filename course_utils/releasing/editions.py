"""The two editions of a chapter, one to work in and one to read, and where a notebook leads at its end.

`workbooks/` is what learners open: no output answers a question before it was asked. `notebooks/` is what is read and verified.
"""

import posixpath
import re

import nbformat
from nbformat import NotebookNode

from course_utils.releasing.badges_and_colab import ON_COLAB, colab
from course_utils.texts import _

LINK_TO_PAGE = re.compile(r"\]\((?=[\w-]+\.md[#)])")  # to a page beside the chapters
LINK_TO_CHAPTER = re.compile(r"\]\((?=\d\d_\w+\.ipynb[#)])")
EDITION = _("""*This edition shows all results; it is there to be read. To guess before you see, open
[the same chapter without results]({path}).*""")
NEXT = _("**Next:** {links}.")
THEN = _(", then ")
END = _("""## What to do now

That was the last chapter. What you have learnt stays if you use it:

- **This week:** take a network of your own, look up its activations and starting weights in chapter 6's tables, and measure
  one thing that you had taken for granted.
- **What is still open:** `course.progress()` shows which exercises are left, and `course.review()` asks again what
  you had trouble with. Do it once more in a week; what you can still answer then, you keep.
- **Doubt us:** repeat an experiment of the course with other data, another depth or another learning rate. Where it comes out
  differently, you have found something worth knowing.
- **Read on:** the [references]({references}) name the papers behind each chapter.""")


def to_read(notebook: NotebookNode, path: str) -> NotebookNode:
    """Make the edition to read: below its badges it links to the edition to work in.

    Args:
        notebook: A chapter; it is not changed.
        path: Of the edition to work in, like "workbooks/02_sigmoid.ipynb".
    """
    made = nbformat.from_dict(notebook)
    made.cells.insert(1, _cell(path, "edition", EDITION.format(path=f"../{path}")))
    return made


def to_work_in(notebook: NotebookNode) -> NotebookNode:
    """Make the edition to work in, which has its own folder: its links to pages beside the chapters still work."""
    made = nbformat.from_dict(notebook)
    for cell in made.cells:
        if cell.cell_type == "markdown":
            cell["source"] = LINK_TO_PAGE.sub("](../notebooks/", cell.source)
    return made


def beside_workbooks(text: str) -> str:
    """Make the links of a page beside the chapters, such as the references, lead to the edition to work in."""
    return LINK_TO_CHAPTER.sub("](../workbooks/", text)


def with_end(notebook: NotebookNode, repository: str, path: str, next_ones: list[tuple[str, str]]) -> NotebookNode:
    """Add a last cell that says where to go on.

    Args:
        notebook: It is not changed.
        repository: "owner/name" on GitHub.
        path: Where the notebook stands, like "workbooks/02_sigmoid.ipynb".
        next_ones: Pairs of what comes next and its path, in the order in which they are to be done.
    """
    if not next_ones:
        return notebook
    made, here = nbformat.from_dict(notebook), posixpath.dirname(path)
    links = THEN.join(f"[{words}]({posixpath.relpath(other, here)})" for words, other in next_ones)
    on_colab = THEN.join(f"[{words}]({colab(repository, other)})" for words, other in next_ones)
    text = f"{NEXT.format(links=links)}\n\n{ON_COLAB.format(links=on_colab)}"
    made.cells.append(_cell(path, "next", text))
    return made


def with_course_end(notebook: NotebookNode, path: str) -> NotebookNode:
    """Add what to do when the course is over; the arguments are as in `with_end`."""
    made = nbformat.from_dict(notebook)
    made.cells.append(_cell(path, "end", END.format(references="references.md")))
    return made


def _cell(path, kind, text):
    cell = nbformat.v4.new_markdown_cell(text)
    cell["id"] = f"{posixpath.splitext(path)[0].replace('/', '-').replace('_', '-')}-{kind}"
    return cell
