"""Columns of a file that are the task's own; all others go into its info (docs/contract/jobs.md 5)."""

TASK_COLUMNS = ("state", "quorum", "calibration", "priority_0", "n_answers")
