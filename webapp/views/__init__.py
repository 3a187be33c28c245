"""Page blueprints: parse, call one service, return a Page."""

from quart import Blueprint

from webapp.views import about, announcements, home, leaderboard, stats, uploads
from webapp.views import help as help_pages
from webapp.views.account import community, disabled, leaving, profile, recovery, settings, signing
from webapp.views.project import (
    contribute,
    editing,
    exports,
    importers,
    listing,
    people,
    presenter,
    publishing,
    reading,
    record,
    tasks,
)


def blueprints() -> tuple[Blueprint, ...]:
    """Every page blueprint."""
    return (
        home.blueprint,
        about.blueprint,
        help_pages.blueprint,
        announcements.blueprint,
        leaderboard.blueprint,
        stats.blueprint,
        uploads.blueprint,
        community.blueprint,
        signing.blueprint,
        recovery.blueprint,
        disabled.blueprint,
        leaving.blueprint,
        settings.blueprint,
        profile.blueprint,
        listing.blueprint,
        editing.blueprint,
        publishing.blueprint,
        tasks.blueprint,
        presenter.blueprint,
        contribute.blueprint,
        people.blueprint,
        reading.blueprint,
        record.blueprint,
        importers.blueprint,
        exports.blueprint,
    )
