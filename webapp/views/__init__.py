"""Page blueprints: parse, call one service, return a Page."""

from quart import Blueprint

from webapp.views import about, amazon, announcements, home, leaderboard, reports, stats, uploads
from webapp.views import help as help_pages
from webapp.views.account import (
    community,
    leaving,
    linked,
    metadata,
    newsletter,
    passkeys,
    profile,
    providers,
    recovery,
    second_step,
    security,
    settings,
    signing,
    unsubscribing,
)
from webapp.views.admin import accounts as admin_accounts
from webapp.views.admin import announcements as admin_announcements
from webapp.views.admin import categories as admin_categories
from webapp.views.admin import featured as admin_featured
from webapp.views.admin import invitations as admin_invitations
from webapp.views.admin import jobs as admin_jobs
from webapp.views.admin import mails as admin_mails
from webapp.views.admin import overview as admin_overview
from webapp.views.admin import review as admin_review
from webapp.views.admin import users as admin_users
from webapp.views.project import (
    auditlog,
    autoimporting,
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
    streams,
    tasks,
    tryout,
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
        amazon.blueprint,
        uploads.blueprint,
        community.blueprint,
        signing.blueprint,
        second_step.blueprint,
        security.blueprint,
        passkeys.blueprint,
        providers.blueprint,
        linked.blueprint,
        recovery.blueprint,
        newsletter.blueprint,
        leaving.blueprint,
        unsubscribing.blueprint,
        settings.blueprint,
        metadata.blueprint,
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
        tryout.blueprint,
        project_stats.blueprint,
        blog.blueprint,
        auditlog.blueprint,
        webhook.blueprint,
        importing.blueprint,
        autoimporting.blueprint,
        exporting.blueprint,
        streams.blueprint,
        admin_overview.blueprint,
        admin_featured.blueprint,
        admin_users.blueprint,
        admin_categories.blueprint,
        admin_announcements.blueprint,
        admin_jobs.blueprint,
        admin_mails.blueprint,
        admin_invitations.blueprint,
        admin_review.blueprint,
        admin_accounts.blueprint,
        reports.blueprint,
    )
