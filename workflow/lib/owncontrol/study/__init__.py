"""What a study declares: its types, how its configuration is read, and what is checked of it."""
