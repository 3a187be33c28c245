"""Columns of a file that are the task's own; all others go into its info (05-jobs section 5)."""

TASK_COLUMNS = ("state", "quorum", "calibration", "priority_0", "n_answers")
