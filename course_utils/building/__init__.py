"""From the text sources to notebooks, exercises and solutions, and the checks of what was made."""
