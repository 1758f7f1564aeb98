"""Each defect of a notebook has its sentence, a clean notebook has none, and the course's notebooks are clean."""

import base64
import copy
import json
from io import BytesIO
from pathlib import Path

import nbformat
import numpy as np
import pytest
from matplotlib.image import imsave
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_utils.building.notebook_lint import exercise_problems, problems, read

ROOT = Path(__file__).parents[2]
DESCRIPTION = "The curve of the sigmoid rises from 0.0474 at x = -3 to 0.9526 at x = 3, through 0.5 at x = 0."
REBUILD = "Make the notebook again with `course build`."


def png(pixels):
    file = BytesIO()
    imsave(file, pixels, format="png")
    return base64.encodebytes(file.getvalue()).decode()


CURVE = png(np.eye(60))
BLANK = png(np.ones((60, 60, 3)))
TINY = png(np.eye(8))
CUT_OFF = base64.b64encode(base64.b64decode(CURVE)[:90]).decode()


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def shown(metadata=None, **data):
    bundle = {mime.replace("_", "/"): content for mime, content in data.items()}
    return new_output("display_data", bundle, metadata=metadata or {})


def clean_notebook():
    """Make an executed notebook of prose, a printed number, a figure and an empty cell, without a defect."""
    cells = [
        new_markdown_cell("# Sigmoid", id="title"),
        new_code_cell("print(0.5)", id="number", execution_count=1, outputs=[stream("0.5\n")]),
        new_code_cell(
            "show(figure)", id="figure", execution_count=2, outputs=[shown(image_png=CURVE, text_plain=DESCRIPTION)]
        ),
        new_code_cell("", id="empty"),
    ]
    return new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})


def with_output(output, **metadata):
    """Put an output in the place of the clean notebook's printed number."""
    notebook = clean_notebook()
    notebook.cells[1].outputs = [output]
    notebook.cells[1].metadata.update(metadata)
    return notebook


def with_value(place, value):
    """Set a value in the clean notebook, at a path such as ("cells", 1, "id"); None removes it."""
    notebook = clean_notebook()
    *parents, last = place
    holder = notebook
    for key in parents:
        holder = holder[key]
    if value is None:
        del holder[last]
    else:
        holder[last] = nbformat.from_dict(value)
    return notebook


def error(tags=()):
    return with_output(
        new_output("error", ename="ValueError", evalue="x must be finite", traceback=[]), tags=list(tags)
    )


def html(text):
    return with_output(shown(text_html=text))


ADDRESS = "It stores an object's address ({!r}), which changes with each run. Print what the object holds."
PATH = "It stores a path of one machine ({!r}). Print the file's name only."
DATE = "It stores a date or a time ({!r}), which changes with each run. Do not print it."
STARTUP = "It stores a start-up line of TensorFlow ({!r}). Import course_utils before TensorFlow."
LIVE = f"It stores a live widget, which is dead without its kernel. Build with COURSE_STATIC=1. {REBUILD}"
UNDESCRIBED = "Its image has no description made from what is drawn. Show the figure with course_utils.figures."
NO_IMAGE = f"It stores the description of a figure without its image. {REBUILD}"

DEFECTS = {
    "cleared": (
        with_value(("cells", 1), new_code_cell("print(0.5)", id="number")),
        f"Its run number is None, not 1: cleared or run out of order. {REBUILD}",
    ),
    "run again": (
        with_value(("cells", 1, "execution_count"), 7),
        f"Its run number is 7, not 1: cleared or run out of order. {REBUILD}",
    ),
    "wide code": (
        with_value(("cells", 1, "source"), f"print({'0.5 + ' * 16}0)"),
        "A line of 104 characters is cut off in a narrow JupyterLab; 100 fit: print(0.5 + 0.5 + 0.5 + 0.5 + 0.5 + 0.5 + 0.5 + 0.5 + 0.5 +…",
    ),
    "stderr": (
        with_output(stream("careful: overflow\nin exp", "stderr")),
        "It stores a message on stderr ('careful: overflow'). Find its cause and remove it.",
    ),
    "error": (error(), "It stores an error (ValueError: x must be finite). Mend it, or tag it raises-exception."),
    "oneDNN": (
        with_output(
            stream("2026-11-23 21:40:00.1: I tensorflow/core/util/port.cc:153] oneDNN custom operations are on.")
        ),
        STARTUP.format("2026-11-23 21:40:00.1: I tensorflow/core/util/port.cc:153] …"),
    ),
    "cuda": (
        with_output(stream("Could not find cuda drivers on your machine, GPU will not be used.", "stderr")),
        STARTUP.format("Could not find cuda drivers on your machine, GPU will not b…"),
    ),
    "cuInit": (
        with_output(stream("failed call to cuInit: UNKNOWN", "stderr")),
        STARTUP.format("failed call to cuInit: UNKNOWN"),
    ),
    "absl": (
        with_output(stream("WARNING: All log messages before absl::InitializeLog() is called", "stderr")),
        STARTUP.format("WARNING: All log messages before absl::InitializeLog() is c…"),
    ),
    "cpu_feature_guard": (
        with_output(stream("cpu_feature_guard.cc:227] This")),
        STARTUP.format("cpu_feature_guard.cc:227] This"),
    ),
    "computation_placer": (html("E0000 computation_placer.cc:177"), STARTUP.format("E0000 computation_placer.cc:177")),
    "glog": (with_output(stream("0.5\nE0000 00:00:17321 x.cc:52] y")), STARTUP.format("E0000 00:00:17321 x.cc:52] y")),
    "address": (
        with_output(shown(text_plain="<function relu at 0x7f10a2b3c4d0>")),
        ADDRESS.format("at 0x7f10a2b3c4d0"),
    ),
    "address in HTML": (html("<b>0x7f10a2b3c4d0</b>"), ADDRESS.format("0x7f10a2b3c4d0")),
    "/home": (with_output(stream("read /home/ada/x.csv")), PATH.format("/home/ada/x.csv")),
    "/root": (with_output(stream("read /root/x.csv")), PATH.format("/root/x.csv")),
    "/Users": (with_output(stream("read '/Users/ada'")), PATH.format("/Users/ada'")),
    "/tmp": (with_output(stream("\x1b[31m/tmp/x\x1b[0m")), PATH.format("/tmp/x")),
    "C:": (with_output(stream(r"read C:\data\x.csv")), PATH.format(r"C:\data\x.csv")),
    "C: in a repr": (with_output(stream(r"'C:\\Users\\ada'")), PATH.format(r"C:\\Users\\ada'")),
    "site-packages": (
        with_output(stream("venv/lib/site-packages/keras/x.py")),
        PATH.format("venv/lib/site-packages/keras/x.py"),
    ),
    "date": (with_output(stream("made on 2026-11-23")), DATE.format("2026-11-23")),
    "date and time": (with_output(stream("<dc:date>2026-11-23T10:11:12.5</dc:date>")), DATE.format("2026-11-23")),
    "time behind a letter": (with_output(stream("T10:11:12.5Z")), DATE.format("10:11:12")),
    "svg": (
        with_output(shown(**{"image_svg+xml": "<svg/>", "text_plain": DESCRIPTION})),
        f"It stores image/svg+xml; the course's pictures are PNG alone. {REBUILD}",
    ),
    "retina": (
        with_output(
            shown(image_png=CURVE, text_plain=DESCRIPTION, metadata={"image/png": {"width": 640, "height": 360}})
        ),
        f"Its image is one for a retina screen, twice as large as the course's. {REBUILD}",
    ),
    "time": (with_output(stream("made at 21:40:07")), DATE.format("21:40:07")),
    "ctime": (with_output(stream("Mon Nov 23")), DATE.format("Mon Nov")),
    "wall time": (with_output(stream("Wall time: 2.1 s")), DATE.format("Wall time: 2.1 s")),
    "step time": (with_output(stream("1s 2ms/step")), DATE.format("2ms/step")),
    "widget": (
        with_output(shown(**{"application_vnd.jupyter.widget-view+json": {"model_id": "a"}, "text_plain": "Slider()"})),
        LIVE,
    ),
    "red square": (
        with_output(shown(image_png=BLANK, text_plain=DESCRIPTION)),
        "Its image is blank: all its pixels have one colour. Look at what the cell draws.",
    ),
    "tiny": (
        with_output(shown(image_png=TINY, text_plain=DESCRIPTION)),
        "Its image is only 8 x 8 pixels. Look at what the cell draws.",
    ),
    "no PNG": (
        with_output(shown(image_png=base64.b64encode(b"garbage").decode(), text_plain=DESCRIPTION)),
        "Its image is not a whole PNG. Look at what the cell draws.",
    ),
    "cut off": (
        with_output(shown(image_png=CUT_OFF, text_plain=DESCRIPTION)),
        "Its image is not a whole PNG. Look at what the cell draws.",
    ),
    "no base64": (
        with_output(shown(image_png=CURVE[:-3], text_plain=DESCRIPTION)),
        "Its image is not a whole PNG. Look at what the cell draws.",
    ),
    "no description": (with_output(shown(image_png=CURVE)), UNDESCRIBED),
    "short description": (with_output(shown(image_png=CURVE, text_plain="A curve.")), UNDESCRIBED),
    "Matplotlib's description": (
        with_output(shown(image_png=CURVE, text_plain="<Figure size 640x480 with 1 Axes>" + 20 * " and more")),
        UNDESCRIBED,
    ),
    "no image": (with_output(shown({"text/plain": {"figure": True}}, text_plain=DESCRIPTION)), NO_IMAGE),
    "no image any more": (
        with_output(shown({"image/png": {"alt": DESCRIPTION}}, text_plain=DESCRIPTION)),
        NO_IMAGE,
    ),
    "Matplotlib's figure, no image": (with_output(shown(text_plain="<Figure size 640x480 with 1 Axes>")), NO_IMAGE),
    "no id": (with_value(("cells", 1, "id"), None), f"It has no id, so it cannot be told from other cells. {REBUILD}"),
    "metadata execution": (
        with_value(("cells", 1, "metadata", "execution"), {"iopub.status.busy": "2026-11-23T21:40:07Z"}),
        "Its metadata hold 'execution': times of one run, on one machine. Remove it.",
    ),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_of_a_cell_has_its_sentence(name):
    notebook, sentence = DEFECTS[name]
    cell_id = notebook.cells[1].get("id", "no id")
    found = problems(notebook, name="02.ipynb")
    assert found == [f"02.ipynb, cell 2 ({cell_id}): {sentence}"]


@pytest.mark.parametrize(
    ("metadata", "sentence"),
    [
        (
            {"language_info": {"name": "python", "version": "3.11.7"}},
            "The metadata hold language_info.version '3.11.7', which differs between machines. Remove it.",
        ),
        ({"widgets": {}}, f"The metadata hold the state of live widgets. Build with COURSE_STATIC=1. {REBUILD}"),
    ],
)
def test_a_defect_of_the_notebook_has_its_sentence(metadata, sentence):
    assert problems(with_value(("metadata",), metadata), name="02.ipynb") == [f"02.ipynb: {sentence}"]


def test_cells_with_the_same_id_are_both_named():
    sentence = "2 cells have the id 'number'. Give each its own in the source."
    assert problems(with_value(("cells", 2, "id"), "number"), name="02.ipynb") == [
        f"02.ipynb, cell 2 (number): {sentence}",
        f"02.ipynb, cell 3 (number): {sentence}",
    ]


def test_of_wrong_run_numbers_the_first_is_named():
    notebook = with_value(("cells", 1, "execution_count"), 5)
    notebook.cells[2].execution_count = 6
    assert len(problems(notebook, name="02.ipynb")) == 1


HARMLESS = {
    "clean": clean_notebook(),
    "raises-exception": error(tags=["raises-exception"]),
    "bits of a float": with_output(stream("0x3f800000 0x7fc00000 0x3ff0000000000000")),
    "address of a site": html('<a href="https://example.org/home/ada/tmp/x">He et al., 2015-02-06</a>'),
    "formula": with_output(shown(text_latex=r"$f: A:\to B$", text_plain="f")),
    "cuda as a word": with_output(stream("No GPU is needed, so no CUDA either.")),
    "text that is shown": with_output(shown(text_plain="'A text that was shown, longer than a line, about a curve'")),
    "array that is shown": with_output(shown(text_plain=f"array({[0.5] * 20})")),
    "no version": with_value(("metadata", "language_info"), {"name": "python"}),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_harmless_has_no_sentence(name):
    assert problems(HARMLESS[name], name="02.ipynb") == []


def test_problems_change_nothing():
    notebook = clean_notebook()
    before = copy.deepcopy(notebook)
    problems(notebook, name="02.ipynb")
    assert notebook == before


def test_read_repairs_nothing(tmp_path):
    path = tmp_path / "02.ipynb"
    path.write_text(json.dumps(with_value(("cells", 1, "id"), None)), encoding="utf-8")
    assert problems(read(path), name="02.ipynb") == [f"02.ipynb, cell 2 (no id): {DEFECTS['no id'][1]}"]


def test_an_exercise_holds_no_outputs_and_no_run_numbers():
    notebook = clean_notebook()
    notebook.cells[1].outputs = []
    assert exercise_problems(notebook, name="02.ipynb") == [
        f"02.ipynb, cell 2 (number): It has the run number 1, and a learner starts without any. {REBUILD}",
        f"02.ipynb, cell 3 (figure): It stores outputs, and a learner starts without any. {REBUILD}",
    ]


def stored(*folders):
    paths = [path for folder in folders for path in sorted((ROOT / folder).glob("*.ipynb"))]
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.relative_to(ROOT).as_posix())


@stored("notebooks", "solutions")
def test_the_course_s_notebooks_are_clean(path):
    assert problems(read(path), name=path.relative_to(ROOT).as_posix()) == []


@stored("workbooks", "exercises")
def test_what_a_learner_opens_is_clean(path):
    assert exercise_problems(read(path), name=path.relative_to(ROOT).as_posix()) == []
