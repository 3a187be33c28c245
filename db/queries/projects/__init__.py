"""Projects: lists, headers, statistics."""
