"""What a study declares: its configuration, its estimands, its raw files."""
