"""Findings: what was odd or wrong in the raw files, each with its place and what was done.

A new rule is a class in the module of its stage (``reading``, ``workbooks``, ``mapping``,
``cleaning``, ``course``); the documentation lists it from there. Readers and ingest make a
``Finding`` of it, cleaning reports it at the rows of a table.
"""
