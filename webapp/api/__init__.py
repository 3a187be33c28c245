"""The /api blueprints, siblings of the views over the same services and repositories."""

from quart import Blueprint

from webapp.api import contributing


def blueprints() -> tuple[Blueprint, ...]:
    """Every blueprint of the API."""
    return (contributing.blueprint,)
