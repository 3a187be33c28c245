"""The database: models, repositories, read-only queries and migrations. It knows nothing of the web."""
