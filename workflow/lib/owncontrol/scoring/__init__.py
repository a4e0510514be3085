"""From items to scores: computed values beside what the examiner wrote."""
