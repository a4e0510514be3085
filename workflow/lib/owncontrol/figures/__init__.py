"""Figures for print: a pure function each, in one shared style, from the table behind the figure."""
