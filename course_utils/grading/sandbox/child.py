"""Runs a submission's cells and calls its functions, in the submission's own process; reports values, never marks.

The grader sends the text of this file, and of those that it imports, into a bare interpreter (`process.BOOTSTRAP`). So the
process needs none of the course's files. The learner's code shares it and can change anything here, so the grader doesn't trust
what it sends.
"""

import contextlib
import os
import sys
import tempfile

from course_utils.checking.first_use import compute_once, import_libraries
from course_utils.checking.observe import Observation, Opaque, observe
from course_utils.checking.recorded_calls import recorded_call
from course_utils.grading.sandbox import containment
from course_utils.grading.sandbox.cells import Notebook, notebook_namespace
from course_utils.grading.sandbox.protocol import (
    HEADER,
    MOST_BYTES,
    SURELY_FITS,
    ProtocolError,
    decode,
    decode_observation,
    encode_observation,
    pack,
    unpack,
)
from course_utils.grading.sandbox.stand_ins import Later, replace_the_course

OUT_OF_MEMORY = 97  # exit code
TOO_LARGE = "a result too large to be sent"


def serve(stream: object, channel: object, orders: dict) -> None:
    """Contain the process, run the cells, and answer calls until the connection closes.

    Args:
        stream: the requests, a binary file.
        channel: a socket for the answers.
        orders: {"id", "contain", "folder", "limits", "preload", "computes", "later", "standins"}; see `session.Sandbox`.
    """
    os.set_inheritable(channel.fileno(), False)
    try:
        settle(**orders["contain"], folder=orders["folder"])
    except OSError as error:
        channel.sendall(pack({"id": orders["id"], "failed": str(error)}))
        return
    die_with_parent()
    limit(orders["limits"])
    replace_the_course(orders["standins"])
    import_libraries(orders["preload"])
    sys.meta_path.insert(0, Later(orders["later"]))
    silence()
    if orders["computes"] and "tensorflow" in sys.modules:
        compute_once()
    notebook = Notebook(notebook_namespace())
    namespace = notebook.namespace
    channel.sendall(pack({"id": orders["id"], "ready": True}))
    try:
        load(receive(stream), channel, notebook)
        while request := receive(stream):
            for call in request["calls"]:
                reply = recorded if request["refused"] else answer
                channel.sendall(reply(request, call, namespace))
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def settle(folder: str, separate: dict | None = None, user: int | None = None) -> None:
    """Set up the containment that the process has to set up itself, and change to its folder.

    Args:
        folder: path of the working folder.
        separate: arguments of `containment.separate`, for a fork that needs its own namespaces; else None.
        user: id of the user to switch to, or None; see `containment.become`.
    """
    with contextlib.suppress(OSError):  # other systems don't have this
        containment.die_first()
    if separate:
        containment.separate(folder, **separate)
    if user is not None:
        containment.become(user)
    if separate:
        containment.own_users()
    if separate or user is not None:
        containment.give_up_rights()
    with contextlib.suppress(OSError, AttributeError):  # other systems, and containers whose own filter refuses it
        containment.filter_calls()
    os.chdir(folder)
    sys.path.insert(0, folder)  # as in a notebook, files in the same folder can be imported
    os.environ |= {"HOME": folder, "TMPDIR": folder}
    tempfile.tempdir = None  # a library may have made Python cache it


def die_with_parent() -> None:
    """On Linux, have the kernel kill this process when its parent dies."""
    with contextlib.suppress(OSError, AttributeError):
        containment.prctl(containment.DIES_WITH_PARENT, 9)


def limit(limits: dict[str, int]) -> None:
    """Set resource limits by their names in `resource`, as far as the platform has them."""
    try:
        import resource
    except ImportError:
        return
    for name, wanted in limits.items():
        try:
            which = getattr(resource, name)
            hard = resource.getrlimit(which)[1]
            value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(which, (value, value))
        except (AttributeError, ValueError, OSError):
            continue


def silence() -> None:
    """Discard what the cells write to stderr (stdout already goes to /dev/null)."""
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def load(request: dict, channel: object, notebook: Notebook) -> None:
    """Write the files, execute the cells in order, announcing each, and report their errors and which answers are defined."""
    errors = {}
    for name, text in request["files"].items():
        write(name, text)
    for cell in request["cells"]:
        channel.sendall(pack({"id": request["id"], "cell": cell["number"]}))
        error = notebook.run(cell)
        if error:
            errors[str(cell["number"])] = error
    bound = [name for cell in request["cells"] for name in cell["answers"] if name in notebook.namespace]
    channel.sendall(pack({"id": request["id"], "loaded": errors, "bound": bound}))


def write(name: str, text: str) -> None:
    """Write one of the learner's own files where the cells can import it; the grader has checked that its name stays in here."""
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def answer(request: dict, call: dict, namespace: dict) -> bytes:
    """Call a function once and report what it did."""
    observation = seen(request["name"], call, namespace)
    reply = reply_with(request, observation)
    return reply if fits(reply) else reply_with(request, Observation("returned", Opaque(TOO_LARGE)))


def fits(reply: bytes) -> bool:
    """Whether the grader will accept a message rather than reject it as too large."""
    if len(reply) <= SURELY_FITS or len(reply) > MOST_BYTES:
        return len(reply) <= MOST_BYTES
    try:
        decode_observation(unpack(reply[HEADER:])["observation"])
    except ProtocolError:
        return False
    return True


def recorded(request: dict, call: dict, namespace: dict) -> bytes:
    """Call a function once and report which of the refused functions its code called."""
    found = ""
    if request["name"] in namespace:
        with contextlib.suppress(KeyboardInterrupt):
            found = recorded_call(namespace[request["name"]], *arguments(call), request["refused"])
    return pack({"id": request["id"], "called": found})


def seen(name: str, call: dict, namespace: dict) -> Observation:
    """Call a function and return what it did, an `Observation`."""
    if name not in namespace:
        return Observation("raised", error="NameError", detail=f"name '{name}' is not defined")
    try:
        return observe(namespace[name], *arguments(call))
    except KeyboardInterrupt:  # nobody sits at a keyboard here: the learner's code raised it
        return Observation("raised", error="KeyboardInterrupt")


def arguments(call: dict) -> tuple[tuple, dict]:
    """A call's arguments, a tuple and a dict."""
    return tuple(map(decode, call["args"])), {key: decode(item) for key, item in call["kwargs"].items()}


def reply_with(request: dict, observation: Observation) -> bytes:
    return pack({"id": request["id"], "observation": encode_observation(observation)})


def receive(stream: object) -> object:
    """The next request, or None once the connection is closed."""
    header = stream.read(HEADER)
    return unpack(stream.read(int.from_bytes(header, "big"))) if len(header) == HEADER else None
