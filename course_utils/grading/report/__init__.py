"""The report of a run: a page for the class, a page for each student, and the analysis behind them."""
