"""Page blueprints: parse, call one service, return a Page."""

from quart import Blueprint

from webapp.views import home


def blueprints() -> tuple[Blueprint, ...]:
    """Every page blueprint."""
    return (home.blueprint,)
