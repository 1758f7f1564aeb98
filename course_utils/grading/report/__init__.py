"""The report of a run: pages for the class and for each student, and what they say."""
