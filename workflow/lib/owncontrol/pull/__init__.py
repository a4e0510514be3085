"""Data cuts: what a study maps, taken from the REDCap server that holds it."""
