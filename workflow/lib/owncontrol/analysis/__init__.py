"""The analyses: each adds its numbers, with what they were computed from, to the estimates."""
