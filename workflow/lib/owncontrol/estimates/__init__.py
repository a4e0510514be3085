"""The analysis results: one row per number, what it was computed from, and how it is looked up."""
