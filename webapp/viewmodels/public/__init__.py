"""Which field of an entity is shown to whom: decided here once, for pages and API alike."""
