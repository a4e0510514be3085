"""Within-subject analysis of clinical series without a control group."""
