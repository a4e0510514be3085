"""What is deposited beside a publication: metadata, checklists, what is left out of it."""
