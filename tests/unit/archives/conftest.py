"""For the tests of archives: the folder that a small study is made in."""

from archived_study import place

__all__ = ["place"]
