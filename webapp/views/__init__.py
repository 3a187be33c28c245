"""Page blueprints: parse, call one service, return a Page."""

from quart import Blueprint

from webapp.views import home
from webapp.views.account import profile, settings, signing


def blueprints() -> tuple[Blueprint, ...]:
    """Every page blueprint."""
    return (home.blueprint, signing.blueprint, settings.blueprint, profile.blueprint)
