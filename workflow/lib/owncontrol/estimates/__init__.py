"""The analysis results: one row a number, what it was computed from, and how it is looked up."""
