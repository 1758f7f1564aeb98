"""An exercise's file as it is handed out: without its model answer, or without all that could check an answer."""

import ast

from course_utils.exercises import exercise
from course_utils.releasing.handout_messages import SENTENCES


def without_solution(source: str, name: str) -> str:
    """An exercise's file with a stub in place of its model answer, and no explanation.

    Where the check itself calls the model answer, it stays under another name: there it is the reference.

    Args:
        source: the file's text.
        name: the exercise's.
    """
    tree, lines = ast.parse(source), source.split("\n")
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)
    explanation = next(
        node for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "EXPLANATION"
    )
    uses = _uses(tree, name)
    own = lines[function.lineno - 1 : function.end_lineno]
    for use in sorted(uses, key=lambda node: (node.lineno, node.col_offset), reverse=True):
        line = lines[use.lineno - 1].encode()
        lines[use.lineno - 1] = (line[: use.col_offset] + b"_" + line[use.col_offset :]).decode()
    kept = ["", "", own[0].replace(f"def {name}(", f"def _{name}(", 1), *own[1:]] if uses else []
    changes = [(function, [*_stub(function).split("\n"), *kept]), (explanation, [f"EXPLANATION = {SENTENCES['explanation']!r}"])]  # fmt: skip
    for node, text in sorted(changes, key=lambda change: change[0].lineno, reverse=True):
        lines[node.lineno - 1 : node.end_lineno] = text
    return "\n".join(lines)


def without_reference(source: str, name: str) -> str:
    """An exercise's file with what a learner reads, and nothing that could check an answer."""
    function = next(node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == name)
    spec = exercise(name)
    names = ("place", "title", "difficulty", "minutes", "points", "prompt", "next_step", "hints")
    fields = {field: getattr(spec, field) for field in names}
    body = "".join(f"    {field}={value!r},\n" for field, value in fields.items())
    return (
        f'"""Exercise: {name}, handed out without its check."""\n\n'
        f"from course_utils.checking.spec import Exercise, about, case, withheld\n\n\n{_stub(function)}\n\n\n"
        f"EXERCISE = Exercise(\n{body}    explanation={SENTENCES['explanation']!r},\n    solution={name},\n"
        f"    reference=None,\n    accepts=withheld,\n    cases=about('Nothing is tried here.', case()),\n)\n"
    )


def _stub(function):
    return f"def {function.name}({ast.unparse(function.args)}):\n    return ..."


def _uses(tree, name):
    """The places where the file calls its model answer, apart from passing it as the solution."""
    nodes = list(ast.walk(tree))
    handed_over = {id(node.value) for node in nodes if isinstance(node, ast.keyword) and node.arg == "solution"}
    return [n for n in nodes if isinstance(n, ast.Name) and n.id == name and id(n) not in handed_over]
