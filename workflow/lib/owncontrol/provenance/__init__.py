"""What a run was made from and what it made: environment, history, crate, data package."""
