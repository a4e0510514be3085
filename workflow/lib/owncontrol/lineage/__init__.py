"""From a number of the report to its raw cells and back, and what differs between two runs."""
