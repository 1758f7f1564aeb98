"""The link by which a hub opens the course: nbgitpuller brings it, and later what has changed, beside what a learner wrote."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import nbformat
import pytest

from course_utils.releasing import badges_and_colab

pytest.importorskip("nbgitpuller", reason="what a hub brings is not installed here: pip install nbgitpuller")
if not shutil.which("git"):
    pytest.skip("git is not installed here", allow_module_level=True)

EXERCISES = "exercises/02_sigmoid.ipynb"
TOKEN = "a-test"


def link(root):
    """The link in docs/hub.md: its path, and what it asks for."""
    (found,) = re.findall(r"^https://HUB\S+$", (root / "docs/hub.md").read_text("utf-8"), re.MULTILINE)
    address = urllib.parse.urlparse(found)
    return address.path, dict(urllib.parse.parse_qsl(address.query, strict_parsing=True))


def git(folder, *arguments):
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def wait_until(there, process, log):
    for _ in range(1500):
        assert process.poll() is None, log.read_text()
        try:
            return there()
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text())


@pytest.fixture
def published(copy_repository, tmp_path):
    """The course on a git server: the folder to change, and the server's address of it."""
    folder = copy_repository(tmp_path / "served" / "activation-functions")
    git(folder, "init", "-q", "-b", "main")
    for name, value in (("user.name", "Ada"), ("user.email", "ada@example.org")):
        git(folder, "config", name, value)
    publish(folder, "The course")
    port = free_port()
    command = ["git", "daemon", "--export-all", "--reuseaddr", f"--port={port}", "--listen=127.0.0.1"]
    log = tmp_path / "git.log"
    with log.open("w") as file:
        daemon = subprocess.Popen(
            [*command, f"--base-path={folder.parent}"], stdout=file, stderr=file, start_new_session=True
        )
    try:
        wait_until(lambda: socket.create_connection(("127.0.0.1", port)).close(), daemon, log)
        yield folder, f"git://127.0.0.1:{port}/activation-functions"
    finally:
        os.killpg(daemon.pid, 15)
        daemon.wait(30)


def publish(folder, message):
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)


@pytest.fixture
def home(tmp_path):
    """A learner's server, as the hub starts one: its home and its address."""
    home, port = tmp_path / "home", free_port()
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "JUPYTER", "GIT_"))}
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", f"--port={port}", "--ip=127.0.0.1",
               f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={home}",
               "--ServerApp.jpserver_extensions=nbgitpuller=True"]  # fmt: skip
    log = tmp_path / "server.log"
    with log.open("w") as file:
        server = subprocess.Popen(command, env=kept | {"HOME": str(home)}, stdout=file, stderr=file)
    try:
        status = f"http://127.0.0.1:{port}/api/status?token={TOKEN}"
        wait_until(lambda: urllib.request.urlopen(status).close(), server, log)
        yield home, f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


def click(server, asked, repo):
    """What the page behind the link does: it asks for the pull and reads how it went."""
    query = urllib.parse.urlencode(asked | {"repo": repo, "token": TOKEN})
    with urllib.request.urlopen(f"{server}/git-pull/api?{query}", timeout=300) as answer:
        events = [json.loads(line[6:]) for line in answer.read().decode().splitlines() if line.startswith("data: ")]
    assert events[-1]["phase"] == "finished", events


def change(path, old, new):
    """Change one cell of a notebook, as somebody does who works in it."""
    notebook = nbformat.read(path, 4)
    (cell,) = [cell for cell in notebook.cells if old in cell.source]
    cell["source"] = cell.source.replace(old, new)
    nbformat.write(notebook, path)


def test_the_link_names_the_course_and_its_first_notebook(root):
    path, asked = link(root)
    assert path == "/hub/user-redirect/git-pull"
    assert asked["repo"] == f"https://github.com/{badges_and_colab.repository(root)}"
    assert asked["branch"] == badges_and_colab.BRANCH
    assert asked["urlpath"] == f"lab/tree/{asked['targetpath']}/workbooks/00_start_here.ipynb"
    assert (root / "workbooks/00_start_here.ipynb").is_file()


def test_the_link_of_a_fork_names_the_fork(copy_repository, tmp_path):
    fork = copy_repository(tmp_path / "fork")
    badges_and_colab.publish_as(fork, "ada/another-name")
    _, asked = link(fork)
    assert asked["repo"] == "https://github.com/ada/another-name"
    assert asked["urlpath"].startswith(f"lab/tree/{asked['targetpath']}/")
    assert "git+https://github.com/ada/another-name" in (fork / "docs/hub.md").read_text("utf-8")


def test_updates_come_and_what_a_learner_wrote_stays(published, home, root):
    """By the link's own query, from a git server, through a Jupyter server with nbgitpuller."""
    (course, repo), (folder, server), (_, asked) = published, home, link(root)
    click(server, asked, repo)
    mine = folder / asked["urlpath"].removeprefix("lab/tree/").partition("/")[0]
    assert (folder / asked["urlpath"].removeprefix("lab/tree/")).is_file()

    answer = "def sigmoid(x):\n    return 1 / (1 + np.exp(-x))"
    stub = next(c.source for c in nbformat.read(mine / EXERCISES, 4).cells if c.source.startswith("def sigmoid(x):"))
    change(mine / EXERCISES, stub, answer)
    (mine / "my notes.md").write_text("mine")
    (mine / "workbooks/03_relu.ipynb").unlink()
    title = nbformat.read(course / EXERCISES, 4).cells[0].source.partition("\n")[0]
    change(course / EXERCISES, title, f"{title}, mended")
    (course / "workbooks/99_new.md").write_text("new")
    publish(course, "A sentence is mended, a page is new")

    click(server, asked, repo)
    merged = nbformat.read(mine / EXERCISES, 4)
    assert merged.cells[0].source.startswith(f"{title}, mended")
    assert [cell.source for cell in merged.cells if cell.source.startswith("def sigmoid(x):")] == [answer]
    assert (mine / "workbooks/99_new.md").read_text() == "new"
    assert (mine / "my notes.md").read_text() == "mine"
    assert (mine / "workbooks/03_relu.ipynb").is_file()


def test_where_both_changed_the_same_lines_the_learner_s_stay(published, home, root):
    (course, repo), (folder, server), (_, asked) = published, home, link(root)
    click(server, asked, repo)
    mine = folder / asked["targetpath"]
    stub = next(c.source for c in nbformat.read(mine / EXERCISES, 4).cells if c.source.startswith("def sigmoid(x):"))
    change(mine / EXERCISES, stub, "def sigmoid(x):\n    return 'mine'")
    change(course / EXERCISES, stub, "def sigmoid(x):\n    return 'the teacher`s'")
    publish(course, "The stub is another one")
    click(server, asked, repo)
    sources = [cell.source for cell in nbformat.read(mine / EXERCISES, 4).cells]
    assert "def sigmoid(x):\n    return 'mine'" in sources
