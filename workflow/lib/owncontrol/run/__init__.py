"""Around a run: what it may see of the computer, and what it has loaded."""
