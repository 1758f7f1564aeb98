"""Values and observations as JSON messages, and back. Nothing is pickled, and nothing that comes in is trusted.

The same code runs in the grader and in the submission's process. What the grader decodes may be forged: it gets a value of
a kind that an `Observation` may hold, or a `ProtocolError`.
"""

import binascii
import json
import math

import numpy as np

from course_utils.checking.observe import Observation, Opaque

MOST_BYTES = 2_000_000  # of the replies to one call, or to loading the cells; right answers need a few thousand
MOST_ITEMS = 40_000  # in one message: enough for 20,000 numbers in rows of 64, or for 970 arrays
ARRAY = 40  # items that an array or a list of numbers counts as, by the time that the grader needs for it
SURELY_FITS = 50_000  # bytes: no message this short holds more items
DEEPEST = 16  # lists inside lists
MOST_AXES = 64  # as in NumPy
DTYPES_AT_ONCE = 4  # in one list of numbers; a list with more is sent number by number
HEADER = 4  # bytes of a message's length prefix
DTYPES = {dtype.str: dtype for dtype in map(np.dtype, (
    "?", "i1", "<i2", "<i4", "<i8", "u1", "<u2", "<u4", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16"))}  # fmt: skip
WIDEST = {"f": np.dtype("<f8"), "c": np.dtype("<c16")}  # for long doubles, whose bytes differ between machines
OUTCOMES = ("returned", "raised", "signature")
LONGEST = {"error": 100, "detail": 400, "line": 200}  # characters; the rest is cut


class ProtocolError(Exception):
    """A malformed message."""


def _refuse_constant(name):
    raise ValueError(name)


ENCODER = json.JSONEncoder(allow_nan=False, separators=(",", ":"))
DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def pack(document: object) -> bytes:
    """A JSON document as the bytes of a message, with its length prefix."""
    text = ENCODER.encode(document).encode()
    return len(text).to_bytes(HEADER, "big") + text


def unpack(payload: bytes) -> object:
    """The JSON object in a message's bytes (without the length prefix).

    Raises:
        ProtocolError: they hold something else.
    """
    try:
        document = DECODER.decode(payload.decode())
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"no JSON: {type(error).__name__}") from None
    if not isinstance(document, dict):
        raise ProtocolError("no JSON object")
    return document


def encode(value: object) -> object:
    """An argument or a result as a JSON document.

    Args:
        value: an array, None, `...`, a str, bool, int, float, NumPy number, `Opaque`, or a list or tuple of these.
    """
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if value is ...:
        return {"kind": "ellipsis"}
    if isinstance(value, np.ndarray):
        return {"kind": "array", **_encode_array(value)}
    if isinstance(value, np.generic):  # before float: a float64 is one
        return {"kind": "number", **_encode_array(np.asarray(value))}
    if isinstance(value, float):
        return {"kind": "float", "hex": value.hex()}
    if isinstance(value, list):
        return _encode_numbers(value) if _are_numbers(value) else [encode(item) for item in value]
    if isinstance(value, tuple):
        return {"kind": "tuple", "items": [encode(item) for item in value]}
    if isinstance(value, Opaque):
        return {"kind": "opaque", "description": value.description}
    raise TypeError(f"expected a value that can be sent: an array, a number, text or a list, got {value!r}")


def decode(document: object) -> object:
    """The argument in a document that the grader itself made with `encode`."""
    if isinstance(document, list):
        return [decode(item) for item in document]
    if not isinstance(document, dict):
        return document
    kind = document["kind"]
    if kind == "tuple":
        return tuple(decode(item) for item in document["items"])
    if kind == "float":
        return float.fromhex(document["hex"])
    if kind == "numbers":
        return _decode_numbers(document)
    if kind == "number":
        return _decode_array(document)[()]
    return _decode_leaf(document)


def encode_observation(observation: Observation) -> dict:
    """An observation as a document."""
    return {
        "outcome": observation.outcome,
        "value": encode(observation.value),
        "error": observation.error,
        "detail": observation.detail,
        "line": observation.line,
        "changed": list(observation.changed),
    }


def decode_observation(document: object) -> Observation:
    """The observation in a document that a submission may have forged.

    Raises:
        ProtocolError: it isn't an observation, or is too large.
    """
    if not isinstance(document, dict) or document.keys() != Observation.__dataclass_fields__.keys():
        raise ProtocolError("no observation")
    if document["outcome"] not in OUTCOMES:
        raise ProtocolError("an unknown outcome")
    changed = document["changed"]
    if not isinstance(changed, list) or len(changed) > 100 or not all(type(place) is int for place in changed):
        raise ProtocolError("no list of arguments")
    texts = {field: text(document[field], longest) for field, longest in LONGEST.items()}
    return Observation(document["outcome"], _decode_result(document["value"]), changed=tuple(changed), **texts)


def text(document: object, longest: int) -> str:
    """Text from a message, truncated; lone surrogates, which can't be written to a file, become question marks."""
    if not isinstance(document, str):
        raise ProtocolError("no text")
    return document[:longest].encode("utf-8", "replace").decode()


def _decode_result(document):
    """A result; the number of its items and its nesting depth are limited."""
    left = [MOST_ITEMS]

    def read(part: object, depth: int) -> object:
        left[0] -= 1
        if left[0] < 0 or depth > DEEPEST:
            raise ProtocolError("too many things, or too deep")
        if isinstance(part, list):
            return [read(item, depth + 1) for item in part]
        if isinstance(part, dict) and part.get("kind") == "numbers":
            numbers = _decode_numbers(part)
            left[0] -= ARRAY * len(part["parts"]) + len(numbers)
            if left[0] < 0:
                raise ProtocolError("too many things, or too deep")
            return numbers
        if isinstance(part, dict):
            left[0] -= ARRAY
        return text(part, 1000) if isinstance(part, str) else _decode_leaf(part)

    return read(document, 0)


def _decode_leaf(document):
    if document is None:
        return None
    kind = document.get("kind") if isinstance(document, dict) else None
    if kind == "ellipsis":
        return ...
    if kind == "array":
        return _decode_array(document)
    if kind == "opaque":
        return Opaque(text(document.get("description"), 100))
    raise ProtocolError("an unknown kind of value")


def _are_numbers(value):
    """Whether a list holds only 0-dimensional arrays, at least two, of at most `DTYPES_AT_ONCE` dtypes."""
    alone = len(value) > 1 and all(type(item) is np.ndarray and item.ndim == 0 for item in value)
    return alone and len({item.dtype for item in value}) <= DTYPES_AT_ONCE


def _encode_numbers(value):
    """A list of single numbers as one array for each dtype, and which of these arrays each number is in."""
    dtypes = list(dict.fromkeys(item.dtype for item in value))
    parts = [np.array([item[()] for item in value if item.dtype == dtype], dtype) for dtype in dtypes]
    which = bytes(dtypes.index(item.dtype) for item in value).hex() if len(dtypes) > 1 else ""
    return {"kind": "numbers", "which": which, "parts": [_encode_array(part) for part in parts]}


def _decode_numbers(document):
    parts, which = document.get("parts"), document.get("which")
    if not isinstance(parts, list) or not 0 < len(parts) <= DTYPES_AT_ONCE or not isinstance(which, str):
        raise ProtocolError("no list of numbers")
    if not all(isinstance(part, dict) for part in parts):
        raise ProtocolError("no list of numbers")
    rows = [_decode_array(part) for part in parts]
    if any(row.ndim != 1 for row in rows) or sum(row.size for row in rows) > MOST_ITEMS:
        raise ProtocolError("no list of numbers")
    numbers = [iter([row[place, ...] for place in range(row.size)]) for row in rows]
    try:
        return [next(numbers[place]) for place in bytes.fromhex(which)] if which else list(numbers[0])
    except (IndexError, StopIteration, ValueError):
        raise ProtocolError("no list of numbers") from None


def _encode_array(array):
    dtype = array.dtype.newbyteorder("<")
    if dtype.str not in DTYPES and dtype.kind in WIDEST:
        dtype = WIDEST[dtype.kind]
    if dtype.str not in DTYPES:
        raise TypeError(f"expected an array of numbers, got one of {array.dtype}")
    data = np.asarray(array, dtype).tobytes()
    return {"dtype": dtype.str, "shape": list(array.shape), "data": binascii.b2a_base64(data, newline=False).decode()}


def _decode_array(document):
    dtype, shape, data = _dtype(document.get("dtype")), _shape(document.get("shape")), document.get("data")
    if not isinstance(data, str):
        raise ProtocolError("an array without data")
    try:
        raw = binascii.a2b_base64(data, strict_mode=True)
    except ValueError:
        raise ProtocolError("data that is no base64") from None
    if len(raw) != dtype.itemsize * math.prod(shape):
        raise ProtocolError("an array whose shape and data differ")
    if dtype.kind == "b" and raw.strip(b"\0\1"):
        raise ProtocolError("a truth value that is neither 0 nor 1")
    try:
        return np.frombuffer(raw, dtype).reshape(shape).copy()
    except ValueError:  # an empty array with axes too long for NumPy
        raise ProtocolError("no shape") from None


def _dtype(name):
    if not isinstance(name, str) or name not in DTYPES:
        raise ProtocolError("an unknown dtype")
    return DTYPES[name]


def _shape(shape):
    if not isinstance(shape, list) or len(shape) > MOST_AXES:
        raise ProtocolError("no shape")
    if not all(type(length) is int and 0 <= length <= MOST_BYTES for length in shape):
        raise ProtocolError("no shape")
    return tuple(shape)
