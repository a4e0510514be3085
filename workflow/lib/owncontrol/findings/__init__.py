"""Findings: what was odd or wrong in the raw files, each with its place and what was done."""
