"""Tasks and answers in bulk."""
