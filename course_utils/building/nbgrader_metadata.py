"""nbgrader's metadata (schema 3) for the cells of the exercise notebooks, so that nbgrader accepts them unchanged.

What nbgrader requires of a cell: https://nbgrader.readthedocs.io/en/stable/contributor_guide/metadata.html
"""

from hashlib import md5

from nbformat import NotebookNode

SCHEMA = 3


def as_answer(cell: NotebookNode, name: str) -> NotebookNode:
    """Mark the cell that a learner fills in; nbgrader identifies it by the exercise's name."""
    cell.metadata["deletable"] = False
    return _marked(cell, name, solution=True)


def as_check(cell: NotebookNode, name: str, points: int) -> NotebookNode:
    """Mark the cell whose output, a number, is the answer's score; nbgrader restores the cell before it grades."""
    _keep(cell)
    return _marked(cell, f"check_{name}", grade=True, locked=True, points=points)


def as_locked(cell: NotebookNode, name: str) -> NotebookNode:
    """Mark a cell that the checks need; nbgrader restores it before it grades."""
    _keep(cell)
    return _marked(cell, name, locked=True)


def _keep(cell):
    cell.metadata |= {"deletable": False, "editable": False}


def _marked(cell, grade_id, *, grade=False, solution=False, locked=False, **points):
    flags = {"grade": grade, "solution": solution, "locked": locked}
    words = [cell.source, cell.cell_type, *flags.values(), grade_id, *map(float, points.values())]
    cell.metadata["nbgrader"] = {
        "schema_version": SCHEMA,
        "grade_id": grade_id,
        "cell_type": cell.cell_type,
        "task": False,
        **flags,
        **points,
        "checksum": md5("".join(map(str, words)).encode(), usedforsecurity=False).hexdigest(),
    }
    return cell
