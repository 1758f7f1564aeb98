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
    "closed": "The folder {path} can't be read: {reason}.",
    "no_notebooks": "Nothing to grade in {path}: expected notebooks like <student>/{chapter}.ipynb or <student>/<assignment>/{chapter}.ipynb.",
    "out_is_file": "--out {path} is a file; expected a folder.",
    "out_inside": "--out {path} lies inside the submissions; a report there would be read as a student. Choose another folder.",
    "out_foreign": "--out {path} holds files that are no report of this command. Choose an empty or a new folder.",
    "out_unwritable": "--out {path} can't be written: {reason}.",
    "busy": "Another run writes into --out {path} at this moment. Wait for its end, or choose another folder.",
    "stopped": "The report in {path} can't be written: {reason}. What is graded so far is kept; give the same command again.",
    "unknown_isolation": "Unknown isolation '{asked}'; expected one of: {levels}.",
    "no_bubblewrap": "Bubblewrap can't be used here: {reason}. Choose --isolation process, or install bubblewrap.",
    "no_dask": "--scheduler needs Dask; install it with: pip install 'course-utils[cluster]'.",
    "no_scheduler": "No Dask scheduler answers at {address}; start one with `dask scheduler`, or look at the address.",
    "no_workers": "The Dask scheduler at {address} has no workers; start some with `dask worker {address}`.",
    "other_version": "A Dask worker at {address} has another version of course-utils than this process; install the same everywhere.",
    "no_isolation_there": "A Dask worker at {address} can't run submissions: {reason}.",
    "no_process": "No process for submissions can be started here: {reason}.",
}
WARNINGS = {
    "other_notebooks": "{student}: not the name of a chapter, not graded: {files}.",
    "second_copy": "{student}: {chapter} was handed in more than once; graded {used}, not {unused}.",
    "no_student": "{file} lies in no student's folder and was not graded.",
    "closed": "{student}: the grader may not read all of the folder ({reason}); what it can't read is not graded, and no 0.",
}
# What a level of isolation does not contain, for the report and for the line that says which level was chosen.
NOT_CONTAINED = {
    "bubblewrap": "Submissions see neither the network nor your files. Not contained: the memory of several processes "
    "that one submission starts together, and faults of the kernel.",
    "process": "Not contained: a submission can read and change files of this user, use the network, and leave processes "
    "behind. Time, memory and the marks themselves are guarded.",
}
FALLBACK = "Isolation: process only, because {reason}. {not_contained}"

# A mark that a teacher has set by hand, for the learner.
OVERRIDDEN = "Your teacher set this to {points} of {most} points: {reason}"

# On the report's pages.
PAGES = {
    "points": "{points} of {most} points.",
    "points_open": "Not yet all of {most} points: something could not be graded, which says nothing about the answer.",
    "own_code": "What you handed in for {name}:",
}

# What needs a person's eye, the gravest first: a status, or "notes" for what the grader noticed besides.
EYE = {
    "not_run": "the grader itself failed; the mark is open. Grade again, or set the mark by hand.",
    "notes": "the grader noticed something besides the answer's values; what it means is for you to judge.",
    "forbidden": "the source calls what the exercise refuses. Was it meant as a comparison, or is the refusal wrong?",
    "unreadable": "the notebook could not be read, most often since it was damaged on its way. Ask for the file again.",
    "crashed": "the process ended in the middle: a mistake most often, sometimes an attempt on the grader.",
    "timeout": "it did not end in time: an endless loop most often, sometimes a slow machine. Try a larger --timeout.",
    "memory": "it asked for more memory than it may have.",
}
CLASS = {
    "title": "Class report",
    "students": "students",
    "median": "median, of {most} points",
    "mean": "mean, of {most} points",
    "open": "totals still open",
    "eyes": "things for a person's eye",
    "warnings": "Warnings",
    "for_a_person": "For a person's eye",
    "nothing_for_a_person": "Nothing: every answer was judged by its values.",
    "eye_head": ("student", "exercises", "why", "what was seen"),
    "alike": "Alike",
    "alike_means": "The same code, up to spaces and comments, in answers that are long and that hardly anybody else in "
    "the class wrote. That happens where people work together, as many courses invite them to, where they read the same "
    "source, and by chance. The code alone doesn't say which.",
    "changes": "Marks that changed since the last report",
    "changes_head": ("student", "exercise", "before", "now", "why"),
    "no_changes": "None.",
    "scores": "Scores",
    "scores_head": ("points", "students"),
    "bar": "{count} with {points}",
    "histogram": "Histogram of the students' total points: {bars}.",
    "nobody": "nobody yet",
    "as_table": "The same as a table",
    "statuses": "Answers",
    "statuses_head": ("status", "answers"),
    "rest": "{number} more misconceptions",
    "exercises": "Exercises",
    "exercises_head": ("exercise", "points", "full marks", "discrimination"),
    "of": "{part} of {all}",
    "difficulty": "Full marks: how many of the students who handed in the chapter have all of the exercise's points.",
    "discrimination": "Discrimination, from -1 to 1, is the correlation of an exercise's points with those of all the others "
    "together (corrected item-total correlation). High: whoever solves this one does well elsewhere. Near 0: it asks for "
    "something else, or for luck. Below 0: those who do well elsewhere miss it, so its prompt deserves a second look.",
    "chance": "With {students} students, chance alone moves it by about {error:.2f} up or down. A dash: everybody got the same.",
    "too_few": "It is shown from {fewest} students on, since with fewer chance alone decides it; here are {students}.",
    "misconceptions": "Misconceptions",
    "misconceptions_mean": "Answers that do exactly what a known wrong idea does, by how many learners hold it. The question "
    "is the one that their feedback asks.",
    "misconceptions_head": ("misconception", "exercise", "learners", "the question that helps", "who"),
    "no_misconceptions": "No answer did what a known wrong idea does.",
    "who": "names",
    "all_students": "All students",
    "students_head": ("student", "points"),
    "set_to": "set to {points}",
    "how": "How this was made",
    "isolation": "Isolation: {level}.",
    "seed": "The drawn inputs' seed: {seed}.",
    "files": "The same as tables:",
    "overrides": "To set a mark by hand, write a line into <code>overrides.csv</code> beside this page, with the columns "
    "<code>student,exercise,points,reason</code>, and grade again. It stays when the report is replaced.",
    "more": "And {number} more; the tables hold all.",
}

# About a file of a teacher's own marks.
OVERRIDES = {
    "line": "{file}, line {line}: {fault}",
    "more": "... and {number} more lines like these.",
    "unreadable": "{file} can't be read: {reason}.",
    "encoding": "{file} is not in UTF-8; in a spreadsheet, save it as 'CSV UTF-8'.",
    "head": "{file}: expected the columns {wanted} in the first line, found {got}.",
    "no_csv": "the file is no CSV from line {line} on: {reason}.",
    "cells": "expected {wanted} cells (student, exercise, points, reason), found {number}. Put a reason with a comma in it into quotes.",
    "student": "there is no student '{name}' among the submissions.",
    "exercise": "there is no exercise '{name}' in the graded chapters.",
    "did_you_mean": " Did you mean '{near}'?",
    "points": "expected points from 0 to {most}, found '{got}'.",
    "reason": "a reason is missing; the student reads it.",
    "twice": "{student}, {exercise} was set in line {line} already.",
}

# Why a mark is another than in the last report.
CHANGES = {
    "none": "No mark changed since the last report.",
    "some": "{number} mark{s} changed since the last report:",
    "more": "  and {number} more, see changes.csv.",
    "open": "open",
    "by_hand": "set by hand",
    "override": "Set by hand: {reason}",
    "override_gone": "The mark set by hand was taken back.",
    "resubmitted": "The submission changed.",
    "handed_in": "Handed in since.",
    "withdrawn": "No longer handed in, or no longer readable.",
    "exercise": "The exercise changed.",
    "checker": "The checker changed.",
    "failed_before": "The grader had failed there before.",
    "failed_now": "The grader failed there this time.",
    "timeout_seconds": "The time limit is {now} seconds; it was {before}.",
    "isolation": "The isolation is {now}; it was {before}.",
    "version": "{name} is {now}; it was {before}.",
    "absent": "absent",
    "drawn": "Nothing changed but the drawn inputs and the moment: the answer is right for some inputs only, or it is slow, or random.",
}

# About two students' code; whatever it says, it blames nobody.
ALIKE = "{one} and {other}: the same code in {number} exercises: {names}."

# About nbgrader's gradebook.
GRADEBOOK = {
    "missing": "--nbgrader needs {name}, which is not installed here; install it with: pip install 'course-utils[nbgrader]'",
    "no_course": "--nbgrader: there is no folder {path}; expected the folder of an nbgrader course.",
    "failed": "nbgrader's gradebook could not be written: {reason} The report is whole; grade again to try once more.",
    "done": "nbgrader's gradebook: {marks} marks of {students} students.",
    "open": "Left open there for a person, since the grader failed: {number}.",
    "kept": "Kept there as a person set them in nbgrader: {number} ({some}).",
    "one_kept": "{student}, {name}: {points}",
}
WEAKER_THERE = "Isolation on the cluster: {level} only, because not every Dask worker has more. {not_contained}"
CONTINUING = "Going on with an earlier run: {done} of {all} notebooks are graded already."

# What a person should look at, besides the status of an answer.
NOTES = {
    "worker_lost": "The process that runs all submissions ended while this one ran; it was run again by itself.",
    "system": "Cell {cell} reaches into the system (`{word}`).",
    "processes": "Cell {cell} starts or ends processes (`{word}`).",
    "network": "Cell {cell} uses the network (`{word}`).",
    "inside": "Cell {cell} looks into the running program (`{word}`).",
    "files": "Cell {cell} names files of the system (`{word}`).",
    "answers": "Cell {cell} names places where answers or marks may lie (`{word}`).",
}

# For GitHub Classroom's log.
CLASSROOM = {
    "usage": "Expected the folder of a report and a student: python -m course_utils.grading.export.github_classroom REPORT STUDENT",
    "no_student": "There is no student '{student}' in {report}/grades.csv.",
    "not_run": "The grader itself failed on an exercise, so no points are reported; run the workflow again.",
}

# What `course doctor` says of the grader's layers.
LAYERS = {
    "name": "Isolation of course grade",
    "nothing": "can't grade here: {reason}.",
    "weaker": "only as a process, because {reason}. On Linux install bubblewrap before you grade what strangers wrote.",
    "user": "A submission's user",
    "own_user": "one of its own, without any right",
    "no_right": "yours, without any right, among files that are not yours",
    "same_user": "yours, so that it can do with your files what you can. Install bubblewrap on Linux, or grade as a user who has nothing to lose.",
    "start": "A submission's process",
    "forked": "forked from a warm worker, in a moment",
    "one_by_one": "started anew for each submission, so that each imports TensorFlow again; a warm worker needs Linux.",
    "limits": "Its limits",
    "all_limits": "time, processor time, memory, addresses, size and number of files, processes",
    "limits_of_time": "time",
    "no_limits": "this system has no limits on memory, files and processes.",
    "some_limits": "this system lacks {names}.",
}
