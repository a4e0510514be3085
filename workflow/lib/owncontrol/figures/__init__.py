"""Figures for print: a pure function each, in one style, from the table behind the figure."""
