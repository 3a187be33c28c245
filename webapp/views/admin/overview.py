"""The administration's first page, what was done there, and the last seven days of the site
(docs/contract/pages.md 5)."""

from dataclasses import asdict

from quart import Blueprint

from db.queries.projects.project_cards import cards_by_id
from db.queries.site import dashboard, feed, site_stats
from db.queries.site.dashboard import DatedProject, Day
from db.repositories.admin_action import AdminActionRepository
from db.repositories.user import UserRepository
from webapp.http.page import RequestContext, page
from webapp.i18n import format_number, format_weekday
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.viewmodels.admin.pages import DashboardPage, IndexPage, RecordPage, Row, Series
from webapp.viewmodels.page import Pagination
from webapp.viewmodels.public.feed import feed_event

blueprint = Blueprint("admin_overview", __name__)
PER_PAGE = 50


@page(blueprint, "/admin/", action=Action.ADMIN, sign_in=True)
async def index(ctx: RequestContext) -> IndexPage:
    """Where everything is, and how much of it."""
    return IndexPage(totals=asdict(await site_stats.totals(ctx.session)))


@page(blueprint, "/admin/dashboard/", action=Action.ADMIN, sign_in=True)
async def dashboard_page(ctx: RequestContext) -> DashboardPage:
    """The last seven days. Everything is of this moment, so that `refresh` has nothing to do, and says so."""
    if ctx.args.get("refresh"):
        await ctx.flash(_("The dashboard is of this moment"))
    days = await dashboard.last_days(ctx.session)
    returning = await dashboard.returning(ctx.session)
    return DashboardPage(
        title=_("Dashboard"),
        active_users_last_week=_series(days, "n_users"),
        active_anon_last_week=_series(days, "n_anonymous"),
        new_tasks_week=_series(days, "n_tasks"),
        new_task_runs_week=_series(days, "n_runs"),
        new_users_week=_series(days, "n_accounts"),
        returning_users_week={"labels": [_in_days(n) for n in range(1, len(returning) + 1)], "series": [returning]},
        draft_projects_last_week=[_dated(one) for one in await dashboard.new_drafts(ctx.session)],
        published_projects_last_week=[_dated(one) for one in await dashboard.new_published(ctx.session)],
        update_projects_last_week=[_dated(one) for one in await dashboard.changed(ctx.session)],
        update_feed=await _feed(ctx),
        returning_points=[(format_number(n), count) for n, count in enumerate(returning, 1)],
        plots=_plots(days),
    )


def _series(days: list[Day], figure: str) -> Series:
    """The days on which there was something."""
    found = [(one.day, n) for one in days if (n := getattr(one, figure))]
    return {"labels": [day.isoformat() for day, _n in found], "series": [[n for _day, n in found]]}


def _in_days(n: int) -> str:
    return "1 day" if n == 1 else f"{n} days"


def _dated(found: DatedProject) -> Row:
    return {
        "day": found.day.isoformat(),
        "id": found.id,
        "owner_id": found.owner_id,
        "p_name": found.name,
        "short_name": found.short_name,
        "u_name": found.owner_name,
        "email_addr": found.email_addr,
    }


def _plots(days: list[Day]) -> list[tuple[str, list[tuple[str, int]]]]:
    titles = {
        _("Answers"): "n_runs",
        _("Volunteers with an account"): "n_users",
        _("Volunteers without an account"): "n_anonymous",
        _("New accounts"): "n_accounts",
        _("New tasks"): "n_tasks",
    }
    return [
        (title, [(format_weekday(one.day), getattr(one, figure)) for one in days]) for title, figure in titles.items()
    ]


async def _feed(ctx: RequestContext) -> list[Row]:
    items = await feed.newest(ctx.session)
    people = await UserRepository(ctx.session).named(sorted({one.user_id for one in items if one.user_id}))
    projects = await cards_by_id(ctx.session, sorted({one.project_id for one in items if one.project_id}))
    return [feed_event(one, people, projects) for one in items]


@page(blueprint, "/admin/record", action=Action.ADMIN, sign_in=True, defaults={"number": 1})
@page(blueprint, "/admin/record/page/<int:number>", action=Action.ADMIN, sign_in=True)
async def record(ctx: RequestContext, number: int) -> RecordPage:
    """What administrators did, the latest first."""
    found = await AdminActionRepository(ctx.session).page(limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    names = ("id", "created", "admin_name", "action", "subject", "subject_id", "subject_name", "detail")
    return RecordPage(
        title=_("Record"),
        actions=[{name: getattr(one, name) for name in names} for one in found.items],
        pagination=Pagination(page=number, per_page=PER_PAGE, total=found.total),
    )
