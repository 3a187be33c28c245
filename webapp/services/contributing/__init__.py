"""Drawing, answering, tasks."""
