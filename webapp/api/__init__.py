"""The /api blueprints, siblings of the views over the same services and repositories."""

from quart import Blueprint


def blueprints() -> tuple[Blueprint, ...]:
    """Every blueprint of the API."""
    return ()
