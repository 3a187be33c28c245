"""Page blueprints: parse, call one service, return a Page."""

from quart import Blueprint

from webapp.views import about, announcements, home, leaderboard, stats, uploads
from webapp.views import help as help_pages
from webapp.views.account import community, disabled, leaving, profile, recovery, settings, signing
from webapp.views.project import (
    auditlog,
    blog,
    contributing,
    details,
    editing,
    exporting,
    importing,
    listing,
    owners,
    password,
    presenter,
    results,
    tasks,
    webhook,
)
from webapp.views.project import stats as project_stats


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
        details.blueprint,
        results.blueprint,
        tasks.blueprint,
        presenter.blueprint,
        contributing.blueprint,
        owners.blueprint,
        password.blueprint,
        project_stats.blueprint,
        blog.blueprint,
        auditlog.blueprint,
        webhook.blueprint,
        importing.blueprint,
        exporting.blueprint,
    )
