"""What crosses the wire between the grader and a submission's process, and what is refused."""

import json
import random

import numpy as np
import pytest

from course_utils.checking.observe import Observation, Opaque
from course_utils.grading.sandbox import protocol
from course_utils.grading.sandbox.protocol import HEADER, ProtocolError


def through_the_wire(value):
    return protocol.decode(protocol.unpack(protocol.pack({"value": protocol.encode(value)})[HEADER:])["value"])


def same(one, other):
    if isinstance(one, np.ndarray | np.generic):
        return type(one) is type(other) and one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind in "fc")  # fmt: skip
    if isinstance(one, list | tuple):
        return type(one) is type(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    return type(one) is type(other) and (one == other or one != one)


VALUES = [
    None, ..., True, 7, -(10**30), 0.1, float("nan"), float("inf"), -0.0, "text with \u4e2d and \ud800", [], (),
    [1, [2.5, "x"], (None,)], np.float32(0.1), np.int64(3), np.bool_(True), np.array(2.0), np.zeros((0, 3)),
    np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324]), np.arange(24, dtype=np.float32).reshape(2, 3, 4)[:, ::-1],
    np.array([True, False]), np.array([1 + 2j]), np.array([65504], np.float16),
    [np.ones((2, 3)), np.zeros(3, np.uint8)], Opaque("a generator"),
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values_survive(value):
    assert same(value, through_the_wire(value))


def test_the_sign_of_zero_other_byte_orders_and_long_doubles():
    assert np.signbit(through_the_wire(-0.0))
    assert through_the_wire(np.array([1, 2], ">i2")).tolist() == [1, 2]
    longest = through_the_wire(np.array([0.1], np.longdouble))
    assert longest.dtype == np.float64
    assert longest[0] == 0.1


@pytest.mark.parametrize("value", [{"a": 1}, {1}, object(), np.array(["a"]), np.array([None]), b"x"])
def test_other_values_are_an_authors_mistake(value):
    with pytest.raises(TypeError, match="expected a"):
        protocol.encode(value)


OBSERVATIONS = [
    Observation("returned", np.array([0.5, np.nan]), changed=(0,)),
    Observation("returned", [np.array(1.0), [None, "x"], Opaque("a set")]),
    Observation("returned", [np.array(1.0), np.array(2.5), np.array(-0.0)]),
    Observation("returned", [[np.array(1.0), np.array(2)], [np.array(True), np.array(1j), np.array(3, np.uint8)]]),
    Observation("returned", [np.array(n, kind) for n, kind in enumerate(["?", "i1", "i2", "i4", "f2", "f4"])]),
    Observation("returned", [[np.array(0.5)] * 64] * 256),
    Observation("returned", [np.array(0.5)] * 19_999),
    Observation("returned", [np.zeros(64)] * 970),
    Observation("returned", ...),
    Observation("raised", error="ValueError", detail="no \ud800", line="return x"),
    Observation("signature", detail="f(x, y)"),
]


@pytest.mark.parametrize("observation", OBSERVATIONS, ids=range(len(OBSERVATIONS)))
def test_observations_survive(observation):
    document = protocol.unpack(protocol.pack(protocol.encode_observation(observation))[HEADER:])
    received = protocol.decode_observation(document)
    assert same([received.value], [observation.value])
    assert received.detail == observation.detail.replace("\ud800", "?")
    assert (received.outcome, received.error, received.line) == (observation.outcome, observation.error, observation.line)  # fmt: skip
    assert received.changed == observation.changed


def array(**changes):
    return {"kind": "array", "dtype": "<f8", "shape": [1], "data": "AAAAAAAA8D8="} | changes


def numbers(**changes):
    return {"kind": "numbers", "which": "", "parts": [array()]} | changes


def nested(depth):
    return [nested(depth - 1)] if depth else []


FORGED_VALUES = [
    array(dtype="<f4"), array(dtype="object"), array(dtype="|O"), array(dtype=["<f8"]), array(dtype=None),
    array(shape=[2]), array(shape=[-1]), array(shape=[True]), array(shape=[1.0]), array(shape="1"), array(shape=[1] * 65),
    array(shape=[10**30]), array(shape=[0] + [8_000_000] * 15, data=""), array(data="AAAA"), array(data="!"), array(data=7),
    array(dtype="|b1", shape=[8]), {"kind": "float", "hex": "0x1p3"}, {"kind": "number"} , {"kind": "tuple", "items": []},
    {"kind": "pickle"}, {"kind": ["array"]}, {}, 1, 1.5, True, nested(20), [[]] * 200_000,
    numbers(parts=[]), numbers(parts=[array()] * 5), numbers(parts={}), numbers(parts=[7]), numbers(parts=[array(shape=[])]),
    numbers(which=7), numbers(which="zz"), numbers(which="0001", parts=[array()]), numbers(which="0000"), numbers(which="\ud800"),
    numbers(parts=[array(dtype="|u1", shape=[60_000], data="A" * 80_000)]), [numbers()] * 1_000, [array()] * 1_100, {"kind": "opaque"},
]  # fmt: skip


@pytest.mark.parametrize("value", FORGED_VALUES, ids=range(len(FORGED_VALUES)))
def test_forged_values_are_refused(value):
    document = protocol.encode_observation(Observation("returned")) | {"value": value}
    with pytest.raises(ProtocolError):
        protocol.decode_observation(json.loads(json.dumps(document)))


@pytest.mark.parametrize("changes", [
    {"outcome": "passed"}, {"outcome": None}, {"error": 5}, {"line": None}, {"changed": 1}, {"changed": [True]},
    {"changed": ["0"]}, {"points": 3}, {"changed": [0] * 101},
])  # fmt: skip
def test_forged_observations_are_refused(changes):
    with pytest.raises(ProtocolError):
        protocol.decode_observation(protocol.encode_observation(Observation("returned")) | changes)


@pytest.mark.parametrize(
    "payload", [b"", b"[]", b"NaN", b'{"a": Infinity}', b"\xff", b"[" * 100_000, b"{", b"9" * 9999]
)
def test_messages_that_are_none(payload):
    with pytest.raises(ProtocolError):
        protocol.unpack(payload)


def mutated(document, rng):
    """A copy of a document in which one place, drawn at random, holds something else."""
    junk = [None, True, -1, 1e308, 10**40, "", "array", [], {}, [[]], {"kind": "array"}, "<f8", [0, 0], "\ud800" * 5]
    if rng.random() < 0.3 or not isinstance(document, dict | list) or not document:
        return rng.choice(junk)
    copy = dict(document) if isinstance(document, dict) else list(document)
    place = rng.choice(list(copy) if isinstance(copy, dict) else range(len(copy)))
    if rng.random() < 0.1:
        del copy[place]
    else:
        copy[place] = mutated(copy[place], rng)
    return copy


def garbled(payload, rng):
    """A message with a few of its bytes changed, doubled or cut."""
    content = bytearray(payload)
    for _ in range(rng.randint(1, 4)):
        place = rng.randrange(len(content))
        content[place : place + rng.randint(0, 3)] = bytes(rng.choices(range(256), k=rng.randint(0, 3)))
    return bytes(content) or b"x"


def test_garbage_is_decoded_or_refused_and_nothing_else():
    rng, refused = random.Random(0), 0
    documents = [protocol.encode_observation(observation) for observation in OBSERVATIONS]
    for _ in range(1500):
        document = rng.choice(documents)
        payload = garbled(json.dumps(document).encode(), rng) if rng.random() < 0.5 else None
        try:
            document = protocol.unpack(payload) if payload else mutated(document, rng)
            assert isinstance(protocol.decode_observation(document), Observation)
        except ProtocolError:
            refused += 1
    assert 500 < refused < 1500
