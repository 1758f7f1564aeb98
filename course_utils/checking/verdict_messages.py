"""Every sentence that the checker says to a learner, with named fields, so that it can be translated in one place."""

from course_utils.texts import _

SENTENCES = {
    "passed": _("All {calls} calls that were tried gave the right result."),
    "missing": _("There is no answer here yet: the function still returns `...`."),
    "signature": _("`{call}` is how the function will be called; yours is `{detail}`."),
    "raised": _("`{call}` raised {error}: {detail}"),
    "raised_at": _("`{call}` raised {error}: {detail} (in the line `{line}`)"),
    "timeout": _("`{call}` was still running after {seconds} seconds."),
    "waited": _("`{call}` was still running after {seconds} seconds, and spent most of them waiting."),
    "code_timeout": _("Your code was still running after {seconds} seconds, before any check of it had begun."),
    "syntax": _("Python can't read line {number}: {detail} (`{line}`)"),
    "code_raised": _("Your code raised {error}: {detail}"),
    "code_raised_at": _("Your code raised {error}: {detail} (in the line `{line}`)"),
    "no_library": _(
        "Your code imports `{library}`, which Python on this page doesn't have: it has NumPy and its own library."
    ),
    "not_defined": _("Your code defines no function `{name}`."),
    "changed": _("`{call}` changed the array that it was given."),
    "none": _("`{call}` returned None, not {wanted}."),
    "text": _("`{call}` returned {got}, not {wanted}."),
    "opaque": _("`{call}` returned {got}, not {wanted}."),
    "ragged": _("`{call}` returned a list that doesn't fit into an array; expected {wanted}."),
    "shape": _("`{call}` returned shape {got_shape}; expected shape {wanted_shape}."),
    "complex": _("{place} your result is the complex number {got}; expected the real number {wanted}."),
    "finite": _("{place} your result is {got}, not a finite number; expected {wanted}."),
    "value": _("{place} your result is {got}; expected {wanted}."),
    "withheld": _("This hand-out has no instant check."),
    "drawn": _("It was drawn at random; all the fixed inputs came out right."),
    "not_a_function": _("check wants the function itself, like `check(sigmoid)`, but was given {got}."),
    "a_class": _(
        "check wants a function, but `{got}` is a class. An object that can be called, or a function, will do."
    ),
    "nameless": _('This function has no exercise\'s name. Name the exercise: `check(f, "{near}")`.'),
    "name_is_no_text": _('check was given {got} as the exercise\'s name. Name it by a text: `check(f, "{near}")`.'),
    "did_you_mean": _("There is no exercise called '{name}'. Did you mean '{near}'?"),
    "unknown_name": _("There is no exercise called '{name}'. The exercises are: {names}."),
    "catalogue": _(
        "Your answer calls `{call}` out of the course's own code. Write the formula yourself: that is the exercise."
    ),
    "catalogue_in": _(
        "Your answer uses `{helper}`, which calls `{call}` out of the course's own code. Write the formula yourself: that is "
        "the exercise."
    ),
    "forbidden": _("Your answer calls `{call}` ready-made. Write the formula yourself: that is the exercise."),
    "forbidden_in": _(
        "Your answer uses `{helper}`, which calls `{call}` ready-made. Write the formula yourself: that is the exercise."
    ),
    "called": _(
        "While your answer ran, it called the ready-made `{call}` of {library}. Write the formula yourself: that is the exercise."
    ),
}

NEXT_STEPS = {
    "missing": _("Replace the `...` with your formula, run the cell, then check again."),
    "signature": _("Give your function the parameters that the exercise shows."),
    "raised": _(
        "Run `{call}` in a cell of its own and read the last line of the error: which operation, on which value?"
    ),
    "timeout": _(
        "Is there a loop whose end is never reached? Let it print what it counts. A long computation belongs into a cell of its own."
    ),
    "waited": _(
        "Does your function sleep, or wait for input, a file or another thread? A formula needs none of these."
    ),
    "code_timeout": _("Is there a loop whose end is never reached, or a long computation outside of your function?"),
    "syntax": _(
        "Read the line, and the one above it: a bracket, a quote or a colon that is missing, or an indentation?"
    ),
    "code_raised": _("Read the line that is named: which operation, on which value?"),
    "code_raised_at": _("Read the line that is named: which operation, on which value?"),
    "no_library": _(
        "Write your answer with NumPy, or open this exercise in Colab or Binder, where all libraries are installed."
    ),
    "not_defined": _("Was the function renamed? Reset brings the first line back."),
    "changed": _(
        "What does the caller see in its array afterwards? Work on a copy, or write an expression that makes a new array."
    ),
    "none": _("Does your function end with `return`?"),
    "text": _("Return numbers, not their printed form."),
    "opaque": _("Return the numbers themselves: an array, a tensor or a list of numbers."),
    "ragged": _("Print your result: do all rows have the same length?"),
    "shape": _("Give one number for each number that came in, in the same arrangement."),
    "complex": _("Which operation made it complex? The result should be a real number."),
    "withheld": _(
        "Run your function on inputs of which you know the result. Your teacher's grader checks what you hand in."
    ),
    "forbidden": _("Take your formula apart: which operations does it need, one by one?"),
}
SHAPE_OF_A_NUMBER = _("Return a single number.")
SHAPE_OF_ITS_OWN = _("What does each axis of the result stand for? Print the shape of yours, and of its parts.")


def number(value: complex) -> str:
    """A number as a learner would write it: up to 7 significant digits, `1000` rather than `1000.0`."""
    if isinstance(value, complex):
        return f"{value:.7g}"
    value = float(value) + 0.0  # no "-0"
    if abs(value) >= 1e6 and value not in (float("inf"), float("-inf")):
        return f"{value:.7g}" if value != int(value) or abs(value) > 1e15 else str(int(value))
    return f"{value:.7g}"


def literal(value: object) -> str:
    """An argument as it stands in a call: `np.array([0, 1])`, `2`, `-1`."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal, value))}]"
    if getattr(value, "shape", None) is None:
        return number(value) if isinstance(value, float) else repr(value)
    if value.shape == ():
        return f"np.{'array' if value.dtype == float else value.dtype}({_nested(value.item())})"
    dtype = "" if value.dtype in (float, int, "int64") else f", np.{value.dtype}"
    return f"np.array({_nested(value.tolist())}{dtype})"


def _nested(items):
    if isinstance(items, int):
        return str(items)
    if not isinstance(items, list):
        # A float stays recognisable as one where all of them are whole: np.array([1., 2.]) not np.array([1, 2]).
        text = number(items).replace("inf", "np.inf").replace("nan", "np.nan")
        return f"{text}." if text.lstrip("-").isdigit() else text
    shown = [_nested(item) for item in items[:6]]
    return f"[{', '.join(shown)}{', ...' if len(items) > 6 else ''}]"
