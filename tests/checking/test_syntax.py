"""A source becomes a tree or one of two errors, whatever else happens in the process."""

import ast
import threading
import time
import weakref

import pytest

from course_utils.checking import syntax


@pytest.fixture(autouse=True)
def nothing_is_remembered():
    syntax._remembered.cache_clear()
    yield
    syntax._remembered.cache_clear()


def test_no_two_threads_build_trees_at_a_time(monkeypatch):
    """They share one count in Python up to 3.11.7 and 3.12.0, and `ast.parse` raises SystemError where it doesn't fit."""
    inside, most = [], []

    def parse(source):
        inside.append(source)
        most.append(len(inside))
        time.sleep(0.01)  # lets the others in, as the garbage collector may
        inside.pop()

    monkeypatch.setattr(syntax.ast, "parse", parse)
    threads = [threading.Thread(target=syntax.parse, args=[str(number)]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 8


@pytest.mark.parametrize(("raised", "expected"), [
    (SystemError("AST constructor recursion depth mismatch"), RecursionError), (MemoryError(), RecursionError),
    (OverflowError(), RecursionError), (RecursionError(), RecursionError), (SyntaxError("x"), SyntaxError), (ValueError("null"), SyntaxError),
])  # fmt: skip
def test_whatever_the_parser_raises_is_one_of_two(monkeypatch, raised, expected):
    def parse(source):
        raise raised

    monkeypatch.setattr(syntax.ast, "parse", parse)
    with pytest.raises(expected):
        syntax.parse("1")


def test_a_thread_of_somebody_else_costs_another_try(monkeypatch):
    errors, parse = [SystemError("AST constructor recursion depth mismatch")], ast.parse

    def once(source):
        if errors:
            raise errors.pop()
        return parse(source)

    monkeypatch.setattr(syntax.ast, "parse", once)
    assert ast.dump(syntax.parse("1")) == ast.dump(parse("1"))


def test_a_short_source_is_read_once_and_a_long_one_is_not_kept():
    assert syntax.parse("x = 1") is syntax.parse("x = 1")
    long = "x = 1\n" * syntax.LONGEST
    assert syntax.parse(long) is not syntax.parse(long)


def test_nodes_come_in_the_order_of_the_text():
    tree = syntax.parse("def f(x):\n    return g(x) + [a.b for a in c]\nh = f(1)")
    names = [node.id for node in syntax.nodes(tree) if isinstance(node, ast.Name)]
    assert names == ["g", "x", "a", "a", "c", "h", "f"]
    every = {id(node) for node in ast.walk(tree) if not isinstance(node, ast.expr_context)}
    assert {id(node) for node in syntax.nodes(tree)} == every
    assert syntax.nodes(tree) == syntax.nodes(tree)


def test_a_tree_is_freed_without_the_garbage_collector():
    tree = ast.parse("x = [1, 2]")
    syntax.nodes(tree)
    gone = weakref.ref(tree)
    del tree
    assert gone() is None
