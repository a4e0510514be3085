"""Proposals for a new study, from what its raw files look like."""
