"""ISNCSCI classification of exams, 2019 revision."""

from owncontrol.isncsci.classification import classify
from owncontrol.isncsci.encoding import parse_exams

__all__ = ["classify", "parse_exams"]
