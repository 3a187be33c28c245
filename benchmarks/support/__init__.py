"""What the scenarios share: settings, a cheap HTTP client, processor time, filled databases, floors and the report."""
