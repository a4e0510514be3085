"""ISNCSCI: classification of spinal cord injury exams, with an explanation of each result.

`classify` takes a table of exams (text as an examiner writes it, or codes) and gives levels,
completeness, ASIA Impairment Scale, zones of partial preservation and totals. Cells that are not
testable give the exact set of possible values; tagged cells mark what depends on them. `explain`
says of one exam which cells decided. `parse_exams` types a table and lists what is not permitted.
"""

from owncontrol.isncsci.classification import classify
from owncontrol.isncsci.encoding import parse_exams
from owncontrol.isncsci.explain import explain, explain_all
from owncontrol.isncsci.view import Explanation

__all__ = ["Explanation", "classify", "explain", "explain_all", "parse_exams"]
