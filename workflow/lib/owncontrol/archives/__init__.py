"""A study as one file: packed, unpacked within bounds, and run in a box."""
