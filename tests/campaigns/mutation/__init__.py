"""Seeded corruptions of raw files, and what becomes of each on its way through the project.

``files`` reads and writes the raw files, ``codebook`` says what their columns permit, ``cells``,
``tables`` and ``texts`` corrupt them, ``campaign`` draws the corruptions and ``outcome`` judges
what the project made of each. Nothing here asks the library what is right.
"""
