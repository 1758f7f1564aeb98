"""Every sentence that the grader says, to a learner or to a teacher, with named fields, so that it can be translated."""

from course_utils.texts import _

# To a learner, by the status of the row or the way in which a process was lost.
SENTENCES = {
    "not_handed_in": _("The notebook of this chapter was not handed in."),
    "not_read": _("No notebook of this chapter was found among your files, and these were not read: {files}."),
    "chapter": _("No answer to any exercise is in this notebook: it is the chapter to read, not its exercises."),
    "not_defined": _("No cell of the notebook defines `{name}`."),
    "cell_type": _("Cell {cell} holds `{name}`, but it is a {type} cell, which nobody runs."),
    "under_magic": _("Cell {cell} holds `{name}`, but below `{type}`, which defines nothing in the notebook."),
    "missing": _("There is no answer here yet: the function still returns `...`."),
    "replaced": _("Cell {answer} holds an answer, but cell {stub} replaces it: there `{name}` still returns `...`."),
    "unreadable": _("The notebook could not be read: {reason}."),
    "cell_raised": _("Cell {cell} raised {error} before it had defined `{name}`: {detail}"),
    "cell_raised_at": _("Cell {cell} raised {error} before it had defined `{name}`: {detail} (in the line `{line}`)"),
    "stopped": _("{message} (Cell {cell} stopped with {error}: {detail})"),
    "stopped_at": _(
        "{message} (Cell {cell} stopped with {error}: {detail}, in the line `{line}`, which was left out.)"
    ),
    "left_out": _("{message} (Cell {cell} was left out: {reason})"),
    "elsewhere": _("{message} (From {file}: the notebook that was graded holds no answer to this exercise.)"),
    "not_run": _("The grader itself failed here; this says nothing about the answer."),
    "too_deep": _("its code is nested too deeply"),
}
NEXT_STEPS = {
    "not_defined": _(
        "Was the cell deleted or the function renamed? Copy the exercise's cell from the original notebook."
    ),
    "cell_type": _("Change its type to Code, run it, and check again."),
    "under_magic": _("Delete the line that begins with `%%`, run the cell, and check again."),
    "not_read": _("Hand in the notebook itself, the file that ends in `.ipynb`."),
    "chapter": _("Hand in the notebook of the same name out of the folder `exercises`."),
    "missing": _("Replace the `...` with your formula, run the cell, then check again."),
    "replaced": _("Move your answer into the exercise's own cell, or delete that cell."),
    "unreadable": _(
        "Does Jupyter open the file that you handed in? If so, save it there and hand it in again; if not, hand in the one that you worked in."
    ),
    "raised": _("Restart the kernel and run all cells from the top. Which is the first that stops?"),
    "timeout": _(
        "Is there a loop whose condition never becomes false, or a step that grows with the size of the numbers?"
    ),
    "memory": _("How many numbers does your answer keep at once? It needs about as many as the input has."),
    "crashed": _("Does your code end the process, or write into files or pipes that it did not open?"),
    "not_run": _("Grade again; if it stays, the message in run.json says where the grader failed."),
}

# How a process was lost: {what} is "`sigmoid`" or "Cell 3".
LOST = {
    "timeout": _("{what} did not finish within {seconds} seconds."),
    "waited": _("{what} did not finish within {seconds} seconds, and spent most of them waiting."),
    "cpu": _("{what} used up all the processor time that it may have."),
    "memory": _("{what} needed more memory than the {gigabytes} GB that it may have."),
    "killed": _("{what} was stopped by the system, most likely because the memory ran out."),
    "ended": _("{what} ended the process that it ran in (exit code {code})."),
    "signal": _("{what} crashed the process that it ran in (signal {code})."),
    "closed": _("{what} cut the connection to the grader."),
    "protocol": _("{what} sent the grader something that is no answer ({reason})."),
}

# To a teacher.
REFUSALS = {
    "no_folder": _("There is no folder {path}."),
    "no_submissions": _("{path} is a file; expected the folder of submissions, or a learning platform's .zip of them."),
    "closed": _("The folder {path} can't be read: {reason}."),
    "no_notebooks": _(
        "Nothing to grade in {path}: expected notebooks like <student>/{chapter}.ipynb or <student>/<assignment>/{chapter}.ipynb."
    ),
    "interrupted": _("Stopped. What is graded so far is kept in {path}; give the same command again to go on."),
    "unknown_chapter": _("There is no chapter '{asked}' with exercises; expected one of: {chapters}."),
    "out_is_file": _("--out {path} is a file; expected a folder."),
    "out_inside": _(
        "--out {path} lies inside the submissions; a report there would be read as a student. Choose another folder."
    ),
    "out_foreign": _("--out {path} holds files that are no report of this command. Choose an empty or a new folder."),
    "out_unwritable": _("--out {path} can't be written: {reason}."),
    "busy": _("Another run writes into --out {path} at this moment. Wait for its end, or choose another folder."),
    "stopped": _(
        "The report in {path} can't be written: {reason}. What is graded so far is kept; give the same command again."
    ),
    "unknown_isolation": _("Unknown isolation '{asked}'; expected one of: {levels}."),
    "no_bubblewrap": _("Bubblewrap can't be used here: {reason}. Choose --isolation process, or install bubblewrap."),
    "no_dask": _("--scheduler needs Dask; install it with: pip install 'course-utils[cluster]'."),
    "no_scheduler": _(
        "No Dask scheduler answers at {address}; start one with `dask scheduler`, or look at the address."
    ),
    "no_workers": _("The Dask scheduler at {address} has no workers; start some with `dask worker {address}`."),
    "other_version": _(
        "A Dask worker at {address} has another version of course-utils than this process; install the same everywhere."
    ),
    "no_isolation_there": _("A Dask worker at {address} can't run submissions: {reason}."),
    "no_process": _("No process for submissions can be started here: {reason}."),
}
WARNINGS = {
    "other_notebooks": _("{student}: no notebook of a chapter's exercises, not graded: {files}."),
    "other_name": _("{student}: {file} was graded as {chapter}, which its name or its answers say it is."),
    "second_copy": _("{student}: {chapter} was handed in more than once; graded {used}, not {unused}."),
    "elsewhere": _("{student}: {used} leaves exercises of {chapter} unanswered; graded from {file}: {names}."),
    "helpers": _("{student}: imported by {chapter}, handed in beside it, and run with it: {files}."),
    "code_not_shown": _(
        "{student}: the report could not read the code again, and compares and shows it in part: {reason}"
    ),
    "with_the_course": _("The course's own files were handed in, too, and are no answers: {students}."),
    "no_page": _("{file} could not be written, though the marks are in the tables: {reason}"),
    "no_student": _("{file} lies in no student's folder and was not graded."),
    "closed": _(
        "{student}: the grader may not read all of the folder ({reason}); what it can't read is not graded, and no 0."
    ),
    "archive": _("{file} can't be read: {reason}."),
    "hidden": _("{file} is hidden, but holds notebooks; it was not graded. Rename it if it is a student's."),
    "inner": _("The students were looked for in {inner}, inside of {outer}."),
    "outer": _(
        "The folder {folder} was graded as one student's. If the folders in it ({names}) are the students', grade {place}."
    ),
    "few": _(
        "{chapter} was handed in by {count} of {students} students. If it was not asked for, grade with --chapters {asked}."
    ),
    "not_asked": _("Handed in, but not graded, since --chapters does not name it: {chapters}."),
}
# Why a file was not graded, in brackets behind its name.
NOT_GRADED = {
    "page": _("a page to read, no notebook"),
    "exported": _("a page made from a notebook, not the notebook itself"),
    "packed": _("packed in a way that is not read; unpack it"),
    "empty": _("an archive with no file in it"),
    "copy": _("a copy that an editor or Jupyter kept, or in a hidden folder"),
    "deep": _("a folder too deep inside of others; it was not looked into"),
    "many": _("the first of too many folders; it and the next ones were not looked into"),
    "solutions": _("the course's own solutions"),
    "course": _("a file of the course's own"),
    "script": _("a script that answers no exercise"),
    "document": _("neither a notebook nor a Python script"),
    "too_many": _("one of too many"),
    "no_file": _("it is no file"),
}
# What a level of isolation does not contain, for the report and for the line that says which level was chosen.
NOT_CONTAINED = {
    "bubblewrap": _(
        "Submissions see neither the network nor your files. Not contained: the memory of several processes "
        "that one submission starts together, and faults of the kernel."
    ),
    "process": _(
        "Not contained: a submission can read and change files of this user, use the network, and leave processes "
        "behind. Time, memory and the marks themselves are guarded."
    ),
}
FALLBACK = _("Isolation: process only, because {reason}. {not_contained}")

# A mark that a teacher has set by hand, for the learner.
OVERRIDDEN = _("Your teacher set this to {points} of {most} points: {reason}")

# On the report's pages.
PAGES = {
    "points": _("{points} of {most} points."),
    "points_open": _(
        "Not yet all of {most} points: something could not be graded, which says nothing about the answer."
    ),
    "own_code": _("What you handed in for {name}:"),
}

# What needs a person's eye, the gravest first: a status, or "notes" for what the grader noticed besides.
EYE = {
    "not_run": _("the grader itself failed; the mark is open. Grade again, or set the mark by hand."),
    "not_read": _(
        "there are files, but none that is read as the chapter's notebook. Look at them, or ask for the notebook."
    ),
    "chapter": _("the chapter was handed in, not its exercises. Ask for the right notebook."),
    "cell_type": _("the answer stands in a cell that is no code; by its words it may be right."),
    "notes": _("the grader noticed something besides the answer's values; what it means is for you to judge."),
    "forbidden": _(
        "the answer calls what the exercise refuses. Was it meant as a comparison, or is the refusal wrong?"
    ),
    "unreadable": _(
        "the notebook could not be read, most often since it was damaged on its way. Ask for the file again."
    ),
    "crashed": _("the process ended in the middle: a mistake most often, sometimes an attempt on the grader."),
    "timeout": _(
        "it did not end in time: an endless loop most often, sometimes a slow machine. Try a larger --timeout."
    ),
    "memory": _("it asked for more memory than it may have."),
}
# Why there is no answer, where answers are counted.
MISSING = {
    "not_handed_in": _("not handed in"),
    "missing": _("unchanged"),
    "not_defined": _("not defined"),
    "not_read": _("not read"),
    "chapter": _("the chapter handed in"),
    "cell_type": _("in a cell that is no code"),
}
CLASS = {
    "title": _("Class report"),
    "students": _("students"),
    "handed_in": _("handed in something"),
    "median": _("median of those, of {most} points"),
    "mean": _("mean of those, of {most} points"),
    "open": _("totals still open"),
    "eyes": _("things for a person's eye"),
    "warnings": _("Warnings"),
    "for_a_person": _("For a person's eye"),
    "nothing_for_a_person": _("Nothing: every answer was judged by its values."),
    "eye_head": (_("student"), _("exercises"), _("why"), _("what was seen")),
    "alike": _("Alike"),
    "alike_means": _(
        "The same code, up to spaces and comments, in answers that are long and that hardly anybody else in "
        "the class wrote. That happens where people work together, as many courses invite them to, where they read the same "
        "source, and by chance. The code alone doesn't say which."
    ),
    "changes": _("Marks that changed since the last report"),
    "changes_head": (_("student"), _("exercise"), _("before"), _("now"), _("why")),
    "no_changes": _("None."),
    "scores": _("Scores"),
    "scores_head": (_("points"), _("students")),
    "bar": _("{count} with {points}"),
    "histogram": _("Histogram of the students' total points: {bars}."),
    "nobody": _("nobody yet"),
    "as_table": _("The same as a table"),
    "statuses": _("Answers"),
    "because": _("{status}: {reason}"),
    "statuses_head": (_("status"), _("answers")),
    "rest": _("{number} more misconceptions"),
    "exercises": _("Exercises"),
    "exercises_head": (_("exercise"), _("points"), _("full marks"), _("discrimination")),
    "of": _("{part} of {all}"),
    "difficulty": _(
        "Full marks: how many of the students who handed in the chapter have all of the exercise's points."
    ),
    "discrimination": _(
        "Discrimination, from -1 to 1, is the correlation of an exercise's points with those of all the others "
        "together (corrected item-total correlation). High: whoever solves this one does well elsewhere. Near 0: it asks for "
        "something else, or for luck. Below 0: those who do well elsewhere miss it, so its prompt deserves a second look."
    ),
    "chance": _(
        "With {students} students, chance alone moves it by about {error:.2f} up or down. A dash: everybody got the same."
    ),
    "too_few": _(
        "It is shown from {fewest} students on, since with fewer chance alone decides it; here are {students}."
    ),
    "misconceptions": _("Misconceptions"),
    "misconceptions_mean": _(
        "Answers that do exactly what a known wrong idea does, by how many learners hold it. The question "
        "is the one that their feedback asks."
    ),
    "misconceptions_head": (_("misconception"), _("exercise"), _("learners"), _("the question that helps"), _("who")),
    "no_misconceptions": _("No answer did what a known wrong idea does."),
    "who": _("names"),
    "all_students": _("All students"),
    "students_head": (_("student"), _("points")),
    "set_to": _("set to {points}"),
    "how": _("How this was made"),
    "isolation": _("Isolation: {level}."),
    "ready_made": _(
        "Ready-made functions, where an exercise refuses them, are looked for in the code of the answer and of the helpers that it "
        "uses, and in one call of the answer while it runs. That sees through lists, decorators, `getattr` and `exec`, but not "
        "through everything: a function of NumPy whose name is put together and which gets a copy of the input, another "
        "thread, code that behaves itself while it is watched, or numbers that were copied out of a table. Words that hide "
        "such things are named under “For a person's eye”."
    ),
    "seed": _("The drawn inputs' seed: {seed}."),
    "files": _("The same as tables:"),
    "overrides": _(
        "To set a mark by hand, write a line into `overrides.csv` beside this page, with the columns "
        "`student,exercise,points,reason`, and grade again. It stays when the report is replaced."
    ),
    "more": _("And {number} more; the tables hold all."),
}

# About a file of a teacher's own marks.
OVERRIDES = {
    "line": _("{file}, line {line}: {fault}"),
    "more": _("... and {number} more lines like these."),
    "unreadable": _("{file} can't be read: {reason}."),
    "encoding": _("{file} is not in UTF-8; in a spreadsheet, save it as 'CSV UTF-8'."),
    "head": _("{file}: expected the columns {wanted} in the first line, found {got}."),
    "no_csv": _("the file is no CSV from line {line} on: {reason}."),
    "cells": _(
        "expected {wanted} cells (student, exercise, points, reason), found {number}. Put a reason with a comma in it into quotes."
    ),
    "student": _("there is no student '{name}' among the submissions."),
    "exercise": _("there is no exercise '{name}' in the graded chapters."),
    "did_you_mean": _(" Did you mean '{near}'?"),
    "points": _("expected points from 0 to {most}, found '{got}'."),
    "reason": _("a reason is missing; the student reads it."),
    "taken_for": _("{file}, line {line}: '{name}' was taken for {student}."),
    "ambiguous": _("'{name}' may be each of these students: {students}. Write the name as grades.csv has it."),
    "twice": _("{student}, {exercise} was set in line {line} already."),
}

# Why a mark is another than in the last report.
CHANGES = {
    "none": _("No mark changed since the last report."),
    "more": _("  and {number} more, see changes.csv."),
    "open": _("open"),
    "by_hand": _("set by hand"),
    "override": _("Set by hand: {reason}"),
    "override_gone": _("The mark set by hand was taken back."),
    "resubmitted": _("The submission changed."),
    "handed_in": _("Handed in since."),
    "joined": _("New since the last report."),
    "left": _("No longer among the submissions."),
    "again": _("{chapter} was handed in again; no mark changed."),
    "withdrawn": _("No longer handed in, or no longer readable."),
    "exercise": _("The exercise changed."),
    "checker": _("The checker changed."),
    "failed_before": _("The grader had failed there before."),
    "failed_now": _("The grader failed there this time."),
    "timeout_seconds": _("The time limit is {now} seconds; it was {before}."),
    "isolation": _("The isolation is {now}; it was {before}."),
    "version": _("{name} is {now}; it was {before}."),
    "absent": _("absent"),
    "drawn": _(
        "Nothing changed but the drawn inputs and the moment: the answer is right for some inputs only, or it is slow, or random."
    ),
}

# About two students' code; whatever it says, it blames nobody.
ALIKE = _("{one} and {other}: the same code in {number} exercises: {names}.")

# About nbgrader's gradebook.
GRADEBOOK = {
    "missing": _(
        "--nbgrader needs {name}, which is not installed here; install it with: pip install 'course-utils[nbgrader]'"
    ),
    "no_course": _("--nbgrader: there is no folder {path}; expected the folder of an nbgrader course."),
    "failed": _(
        "nbgrader's gradebook could not be written: {reason} The report is whole; grade again to try once more."
    ),
    "done": _("nbgrader's gradebook: {marks} marks of {students} students."),
    "open": _("Left open there for a person, since the grader failed: {number}."),
    "kept": _("Kept there as a person set them in nbgrader: {number} ({some})."),
    "one_kept": "{student}, {name}: {points}",
}
WEAKER_THERE = _("Isolation on the cluster: {level} only, because not every Dask worker has more. {not_contained}")
# On the terminal, and in run.json.
RUN = {
    "warning": _("Warning: {warning}"),
    "report": _("Report: {files}"),
    "failed": _("The grader itself failed: {failure}"),
    "forked": _("forked from a worker"),
    "one_by_one": _("started one by one"),
    "graded": _("{done} of {all} graded"),
}
CONTINUING = _("Going on with an earlier run: {done} of {all} notebooks are graded already.")

# What a person should look at, besides the status of an answer.
NOTES = {
    "worker_lost": _("The process that runs all submissions ended while this one ran; it was run again by itself."),
    "too_deep": _("Nested too deeply for the grader to read, so not run: cell {cells}."),
    "stopped": _("Cell {cell} stopped with {error}: {detail} (in the line `{line}`)."),
    "cell": _("Cell {number}"),
    "file": _("{place} writes or runs a file, which is not read here as the cells are (`{word}`)."),
    "hides": _(
        "Whether the ready-made `{refused}` is called can't be read where the code uses `{words}`, and no call of it was seen."
    ),
    "not_watched": _("Whether it calls what is ready-made could not be watched: {reason}"),
    "not_looked_through": _("What the code reaches for besides its answers could not be read."),
    "system": _("{place} reaches into the system (`{word}`)."),
    "processes": _("{place} starts or ends processes (`{word}`)."),
    "network": _("{place} uses the network (`{word}`)."),
    "inside": _("{place} looks into the running program (`{word}`)."),
    "files": _("{place} names files of the system (`{word}`)."),
    "answers": _("{place} names places where answers or marks may lie (`{word}`)."),
}

# To a student on Gradescope who handed in something else.
GRADESCOPE = {
    "nothing": _(
        "No notebook of the course was found. Hand in the notebooks of exercises/ under the names that they have, "
        "for example {chapter}.ipynb, and hand in again."
    ),
}

# For GitHub Classroom's log.
CLASSROOM = {
    "usage": _(
        "Expected the folder of a report and a student: python -m course_utils.grading.export.github_classroom REPORT STUDENT"
    ),
    "no_student": _("There is no student '{student}' in {report}/grades.csv."),
    "not_run": _("The grader itself failed on an exercise, so no points are reported; run the workflow again."),
}

# What `course doctor` says of the grader's layers.
LAYERS = {
    "name": _("Isolation of course grade"),
    "nothing": _("can't grade here: {reason}."),
    "weaker": _(
        "only as a process, because {reason}. On Linux install bubblewrap before you grade what strangers wrote."
    ),
    "user": _("A submission's user"),
    "own_user": _("one of its own, without any right"),
    "no_right": _("yours, without any right, among files that are not yours"),
    "same_user": _(
        "yours, so that it can do with your files what you can. Install bubblewrap on Linux, or grade as a user who has nothing to lose."
    ),
    "start": _("A submission's process"),
    "forked": _("forked in a moment from a process that has imported TensorFlow"),
    "one_by_one": _("started anew for each submission, so that each imports TensorFlow again; forking needs Linux."),
    "limits": _("Its limits"),
    "all_limits": _("time, processor time, memory, addresses, size and number of files, processes"),
    "limits_of_time": _("time"),
    "no_limits": _("this system has no limits on memory, files and processes."),
    "some_limits": _("this system lacks {names}."),
}
