"""Python for the exercise pages: taken from a folder or downloaded once, never unchecked; and the part of the course for it."""

import base64
import gzip
import hashlib
import io
import re
import subprocess
import sys
import tarfile
import zipfile

import pytest

from course_utils.building.site import make_site, pyodide, subset
from course_utils.exercises import chapters
from course_utils.learner import answer_text

CONTENTS = {file["name"]: f"what {file['name']} holds".encode() * 9 for file in pyodide.PINNED["files"]}
WHEEL = "numpy-2.0.2-cp312-cp312-pyodide_2024_0_wasm32.whl"


@pytest.fixture
def pinned(monkeypatch):
    """Small files in place of the real ones, pinned as those are."""
    files = [
        {"name": name, "sha256": hashlib.sha256(content).hexdigest(), "address": f"https://pyodide.invalid/{name}"}
        for name, content in CONTENTS.items()
    ]
    monkeypatch.setattr(pyodide, "PINNED", {"archive": "pyodide.tgz", "files": files})


def write(folder, contents):
    folder.mkdir(exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return folder


def archive(path, contents):
    with tarfile.open(path, "w:gz") as made:
        for name, content in contents.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))


def test_what_is_pinned_is_whole():
    assert re.fullmatch(r"\d+\.\d+\.\d+", pyodide.PINNED["version"])
    for file in pyodide.PINNED["files"]:
        assert set(file) == {"name", "sha256", "address"}
        assert re.fullmatch("[0-9a-f]{64}", file["sha256"])
        assert file["address"].startswith("https://")
        assert file["address"].endswith(f"/{file['name']}")


def test_the_real_files_are_those_that_are_pinned(pyodide_files):
    if pyodide_files is None:
        pytest.skip("needs the files of course_utils/building/site/pyodide.toml in the folder COURSE_PYODIDE")
    assert list(pyodide_files) == [file["name"] for file in pyodide.PINNED["files"]]
    assert WHEEL.encode() in pyodide_files["pyodide-lock.json"]
    assert hashlib.sha256(pyodide_files[WHEEL]).hexdigest().encode() in pyodide_files["pyodide-lock.json"]


@pytest.mark.usefixtures("pinned")
def test_from_a_folder_or_from_the_archive_in_it(tmp_path):
    assert pyodide.from_folder(write(tmp_path / "plain", CONTENTS)) == CONTENTS
    packed = write(tmp_path / "packed", {WHEEL: CONTENTS[WHEEL]})
    archive(packed / "pyodide.tgz", {name: content for name, content in CONTENTS.items() if name != WHEEL})
    assert pyodide.from_folder(packed) == CONTENTS


@pytest.mark.usefixtures("pinned")
@pytest.mark.parametrize("name", CONTENTS)
def test_a_file_that_is_missing_or_altered_is_named(tmp_path, name):
    folder = write(tmp_path / "folder", CONTENTS)
    (folder / name).write_bytes(CONTENTS[name] + b"!")
    with pytest.raises(
        pyodide.PyodideError, match=rf"^{re.escape(name)} in .* is not the file that .* Fetch it again\.$"
    ):
        pyodide.from_folder(folder)
    (folder / name).unlink()
    with pytest.raises(
        pyodide.PyodideError, match=rf"folder lacks {re.escape(name)}, which .* lists with its address\.$"
    ):
        pyodide.from_folder(folder)


@pytest.mark.usefixtures("pinned")
def test_a_broken_archive_holds_nothing(tmp_path):
    folder = write(tmp_path / "folder", {"pyodide.tgz": b"\x1f\x8bno archive"})
    with pytest.raises(pyodide.PyodideError, match="lacks"):
        pyodide.from_folder(folder)
    with pytest.raises(pyodide.PyodideError, match="no folder"):
        pyodide.from_folder(tmp_path / "nowhere")


@pytest.mark.usefixtures("pinned")
def test_what_is_there_is_downloaded_once(tmp_path, monkeypatch):
    asked = []

    def answer(address, timeout):
        asked.append(address)
        return io.BytesIO(CONTENTS[address.rpartition("/")[2]])

    monkeypatch.setattr(pyodide.urllib.request, "urlopen", answer)
    cache = tmp_path / "cache"
    assert pyodide.downloaded(cache) == pyodide.downloaded(cache) == CONTENTS
    assert len(asked) == len(CONTENTS)
    (cache / WHEEL).write_bytes(b"half of i")
    assert pyodide.downloaded(cache) == CONTENTS
    assert asked[len(CONTENTS) :] == [f"https://pyodide.invalid/{WHEEL}"]
    assert sorted(path.name for path in cache.iterdir()) == sorted(CONTENTS)


@pytest.mark.usefixtures("pinned")
def test_a_download_that_fails_or_brings_another_file(tmp_path, monkeypatch):
    def no_network(address, timeout):
        raise pyodide.urllib.request.URLError("no network")

    monkeypatch.setattr(pyodide.urllib.request, "urlopen", no_network)
    with pytest.raises(pyodide.PyodideError, match=r"could not be downloaded \(no network\)\.$"):
        pyodide.downloaded(tmp_path / "cache")
    monkeypatch.setattr(pyodide.urllib.request, "urlopen", lambda address, timeout: io.BytesIO(b"<h1>Blocked</h1>"))
    with pytest.raises(pyodide.PyodideError, match="is not the file that"):
        pyodide.downloaded(tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.usefixtures("pinned")
def test_where_the_site_takes_python_from(tmp_path, monkeypatch, capsys):
    assert make_site.python_for_pages(tmp_path, str(write(tmp_path / "folder", CONTENTS))) == CONTENTS
    with pytest.raises(make_site.SiteError, match="no folder"):
        make_site.python_for_pages(tmp_path, str(tmp_path / "nowhere"))
    assert capsys.readouterr().out == ""
    assert make_site.python_for_pages(tmp_path, "") is None
    assert capsys.readouterr().out.count("\n") == 1
    write(tmp_path / ".cache", {})
    write(tmp_path / make_site.CACHE, CONTENTS)
    assert make_site.python_for_pages(tmp_path, None) == CONTENTS
    (tmp_path / make_site.CACHE / WHEEL).unlink()
    monkeypatch.setattr(pyodide.urllib.request, "urlopen", lambda address, timeout: io.BytesIO(b""))
    assert make_site.python_for_pages(tmp_path, None) is None
    assert capsys.readouterr().out.startswith("The exercises can be read, but not answered on their pages: https://")


def test_the_scripts_hold_every_file(monkeypatch):
    monkeypatch.setattr(pyodide, "PIECE", 100)
    texts, known = pyodide.scripts(CONTENTS)
    assert known["bytes"] == sum(map(len, texts.values()))
    row = b""
    for place, (name, digest) in enumerate(known["scripts"], start=1):
        said = re.fullmatch(r'coursePython\((\d+), "(\w+)", "([\w+/=]+)"\);\n', texts[name]).groups()
        assert said[:2] == (str(place), digest)
        row += base64.b64decode(said[2])
    found = {name: gzip.decompress(row[start:end]) for name, (start, end) in known["files"].items()}
    assert found == {**CONTENTS, pyodide.COURSE: subset.as_zip()}
    assert pyodide.scripts(CONTENTS) == (texts, known)


def test_a_change_of_the_course_leaves_the_scripts_of_python_alone(monkeypatch):
    before = pyodide.scripts(CONTENTS)[0]
    monkeypatch.setattr(subset, "as_zip", lambda: b"another course")
    after = pyodide.scripts(CONTENTS)[0]
    assert {name for name in before if before[name] != after[name]} == {list(before)[-1]}


# ---- the part of the course that a page needs


def test_the_subset_is_the_package_itself(root):
    with zipfile.ZipFile(io.BytesIO(subset.as_zip())) as archive:
        assert archive.namelist() == sorted(
            archive.namelist(), key=lambda n: n.removesuffix(".py").removesuffix("/__init__")
        )
        for name in archive.namelist():
            assert archive.read(name) == (root / name).read_bytes()


WITHOUT_THE_REST = """
import sys
sys.path.insert(0, sys.argv[1])
for absent in ("matplotlib", "scipy", "sklearn", "keras", "tensorflow", "platformdirs", "IPython", "ipywidgets", "sqlite3"):
    sys.modules[absent] = None
import course_utils
assert course_utils.__file__.startswith(sys.argv[1])
from course_utils.exercises import exercise, exercise_names
from course_utils.learner.answer_text import page_verdict
import inspect, json
for name in exercise_names():
    verdict = json.loads(page_verdict(inspect.getsource(exercise(name).solution), name, 100, lambda *_: None))
    assert verdict["status"] == "passed", (name, verdict)
from course_utils import check
print(check(lambda x: x, "sigmoid").status)
"""


def test_the_subset_is_enough_for_every_exercise_and_needs_numpy_alone(tmp_path, monkeypatch):
    with zipfile.ZipFile(io.BytesIO(subset.as_zip())) as archive:
        archive.extractall(tmp_path)
    monkeypatch.setenv("COURSE_STATIC", "1")
    command = [sys.executable, "-c", WITHOUT_THE_REST, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("failed\n", "")


def test_a_page_begins_as_the_exercises_notebooks_do(root):
    for name in chapters():
        assert answer_text.SETUP.strip() in (root / "exercises" / f"{name}.ipynb").read_text("utf-8")


def test_what_an_exercise_needs_beyond_numpy_is_found(monkeypatch):
    assert all(subset.missing_libraries(chapter, name) == () for chapter, names in chapters().items() for name in names)
    monkeypatch.setattr(subset, "IN_THE_BROWSER", subset.IN_THE_BROWSER - {"numpy"})
    assert subset.missing_libraries("02_sigmoid", "sigmoid") == ("numpy",)
