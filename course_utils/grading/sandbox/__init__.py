"""Runs each submission in its own process and takes nothing but values from it."""
