"""Every sentence that the grader says, to a learner or to a teacher, with named fields, so that it can be translated."""

# To a learner, by the status of the row or the way in which a process was lost.
SENTENCES = {
    "not_handed_in": "The notebook of this chapter was not handed in.",
    "not_defined": "No cell of the notebook defines `{name}`.",
    "stub": "There is no answer here yet: the function still returns `...`.",
    "unreadable": "The notebook could not be read: {reason}.",
    "cell_raised": "Cell {cell} raised {error} before it had defined `{name}`: {detail}",
    "cell_raised_at": "Cell {cell} raised {error} before it had defined `{name}`: {detail} (in the line `{line}`)",
    "left_out": "{message} (Cell {cell} was left out: {reason})",
    "not_run": "The grader itself failed here; this says nothing about the answer.",
}
NEXT_STEPS = {
    "not_defined": "Was the cell deleted or the function renamed? Copy the exercise's cell from the original notebook.",
    "stub": "Replace the `...` by your formula, run the cell, then check again.",
    "unreadable": "Open the notebook in Jupyter, save it, and hand in that file.",
    "raised": "Restart the kernel and run all cells from the top. Which is the first that stops?",
    "timeout": "Is there a loop whose condition never becomes false, or a step that grows with the size of the numbers?",
    "memory": "How many numbers does your answer keep at once? It needs about as many as the input has.",
    "crashed": "Does your code end the process, or write into files or pipes that it did not open?",
    "not_run": "Grade again; if it stays, the message in run.json says where the grader failed.",
}

# How a process was lost: {what} is "`sigmoid`" or "Cell 3".
LOST = {
    "timeout": "{what} did not finish within {seconds} seconds.",
    "cpu": "{what} used up all the processor time that it may have.",
    "memory": "{what} needed more memory than the {gigabytes} GB that it may have.",
    "killed": "{what} was stopped by the system, most likely because the memory ran out.",
    "ended": "{what} ended the process that it ran in (exit code {code}).",
    "signal": "{what} crashed the process that it ran in (signal {code}).",
    "closed": "{what} cut the connection to the grader.",
    "protocol": "{what} sent the grader something that is no answer ({reason}).",
}

# To a teacher.
REFUSALS = {
    "no_folder": "There is no folder {path}.",
    "no_notebooks": "Nothing to grade in {path}: expected notebooks like <student>/{chapter}.ipynb or <student>/<assignment>/{chapter}.ipynb.",
    "out_is_file": "--out {path} is a file; expected a folder.",
    "out_inside": "--out {path} lies inside the submissions; a report there would be read as a student. Choose another folder.",
    "out_foreign": "--out {path} holds files that are no report of this command. Choose an empty or a new folder.",
    "out_unwritable": "--out {path} can't be written: {reason}.",
    "unknown_isolation": "Unknown isolation '{asked}'; expected one of: {levels}.",
    "no_bubblewrap": "Bubblewrap can't be used here: {reason}. Choose --isolation process, or install bubblewrap.",
    "no_process": "No process for submissions can be started here: {reason}.",
}
WARNINGS = {
    "other_notebooks": "{student}: not the name of a chapter, not graded: {files}.",
    "second_copy": "{student}: {chapter} was handed in more than once; graded {used}, not {unused}.",
    "no_student": "{file} lies in no student's folder and was not graded.",
    "unlisted": "{student}: the folder could not be read ({reason}).",
}
# What a level of isolation does not contain, for the report and for the line that says which level was chosen.
NOT_CONTAINED = {
    "bubblewrap": "Submissions see neither the network nor your files. Not contained: the memory of several processes "
    "that one submission starts together, and faults of the kernel.",
    "process": "Not contained: a submission can read and change files of this user, use the network, and leave processes "
    "behind. Time, memory and the marks themselves are guarded.",
}
FALLBACK = "Isolation: process only, because {reason}. {not_contained}"
