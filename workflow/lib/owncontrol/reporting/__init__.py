"""From analysis results to the words, tables and pages of the report."""
