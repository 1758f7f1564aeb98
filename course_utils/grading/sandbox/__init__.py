"""Runs a submission in a process of its own and asks it for values only."""
