"""Every sentence of `course release` and of what it makes, with named fields, so that it can be translated."""

from course_utils.texts import _

SENTENCES = {
    "no_chapter": _("There is no chapter {name!r} with exercises{near}; the chapters are: {names}."),
    "near": _("; did you mean {near!r}?"),
    "not_there": _("{path} is missing; run `course build`, and `course release` again."),
    "is_file": _("{path} is a file; expected a folder."),
    "foreign": _("{path} holds files that are no earlier hand-out. Choose an empty or a new folder."),
    "unwritable": _("{path} can't be written: {reason}."),
    "left_out": _("Left out: solutions/, each exercise's model answer, and why it is right."),
    "with_check": _(
        "Still to be found by who looks for it: course_utils/exercises/ holds for each exercise the reference that the "
        "instant check compares with, and the known wrong ideas. A copy of a reference passes, here and in the grader. "
        "Where that matters, hand out with --without-check."
    ),
    "without_check": _(
        "There are no references either, so the hand-out has no instant check: `check` says so, and `course grade` "
        "checks what is handed in."
    ),
    "elsewhere": _("Wherever you publish the course itself, its solutions are public too."),
    "explanation": _("This hand-out holds no solutions; your teacher shows them later."),
}
EXERCISES_INTRO = _("""Replace each `...` with your answer, and run the cell{then_check} In a cell of your own, `hint(f)` gives one more hint for the
function `f` each time.

The chapter is [workbooks/{name}.ipynb](../workbooks/{name}.ipynb). Hand in this notebook under its own name, `{name}.ipynb`.""")
THEN_CHECK = _(""", then run the `check` below it. A check takes no time and costs nothing: use it as often as you
like. If it is not right yet, it shows you an input where the answer goes wrong, and a next step.""")
NO_CHECK = _(". Your teacher's grader checks the answer after you have handed in.")
README = _("""# Activation functions, measured: the exercises of your class

## Set it up, once

You need Python 3.11, 3.12 or 3.13, about 2 GB of disk, and the network for this one time. In this folder, on Linux and macOS:

```sh
make lab
```

On Windows, in PowerShell:

```powershell
py -m venv .venv
.venv\\Scripts\\python -m pip install -r requirements.lock
.venv\\Scripts\\python -m pip install --no-deps -e .
.venv\\Scripts\\course lab
```

Either way JupyterLab opens. Later, the last line alone opens it again.

## Work

Work through a chapter in `workbooks/`, then fill in its exercises:

{list}

{check}

## Hand in

Save the notebook and hand in the file from `exercises/` under the name that it has. Restart the kernel and run all cells
from the top before you do: what works then works for your teacher's grader.
""")
CHECK_README = {
    True: _(
        "Under each answer stands its `check`. It shows an input where the answer goes wrong, and a next step; `hint(f)` gives a hint."
    ),
    False: _(
        "This hand-out has no instant check: your teacher's grader checks the answers after you have handed in. `hint(f)` gives a hint."
    ),
}
