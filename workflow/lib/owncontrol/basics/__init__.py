"""What every stage uses, and what knows nothing of a study: numbers and texts as people write."""
