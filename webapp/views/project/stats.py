"""Statistics of a project (docs/contract/pages.md 4.3)."""

from datetime import UTC, datetime
from typing import Any

from quart import Blueprint

from db.queries.projects.project_statistics import series_of
from db.queries.projects.volunteer_days import volunteer_days
from webapp.http.json import dumps
from webapp.http.page import RequestContext, page
from webapp.i18n import format_short_date
from webapp.policies import Action
from webapp.viewmodels.project.builders import days_left
from webapp.viewmodels.project.stats import NoStatsPage, StatsPage
from webapp.viewmodels.public.pro import pro_features
from webapp.views.privacy import require_open
from webapp.views.project.context import remembered_context

blueprint = Blueprint("project_stats", __name__)


@page(blueprint, "/project/<short_name>/stats", action=Action.PROJECT_VIEW)
async def stats(ctx: RequestContext, short_name: str) -> NoStatsPage | StatsPage:
    """Who answered when, from the figures."""
    context = await remembered_context(ctx, short_name)
    require_open(ctx)
    progress = context.progress
    title = context.title("Statistics")
    flags = pro_features(ctx.actor, ctx.settings, better_stats=True)
    if not progress.n_tasks or not progress.n_task_runs:
        return await context.page(NoStatsPage, active="stats", title=title, pro_features=flags)
    shown = await context.cached("statistics", lambda: _shown(ctx, context.project.id, progress.n_tasks))
    # Clients that ask by the query alone know a text there.
    if ctx.args.get("response_format") == "json" and not ctx.sent_json:
        shown = shown | {"projectStats": dumps(shown["projectStats"]).decode()}
    return await context.page(StatsPage, active="stats", title=title, pro_features=flags, **shown)


async def _shown(ctx: RequestContext, project_id: int, n_tasks: int) -> dict[str, Any]:
    """The fields of the page that are the same for everybody."""
    series = (await series_of(ctx.session, [project_id]))[project_id]
    info = series.info
    users, answers, complete = info["users_stats"], info["dates_stats"][0]["values"], info["dates_stats"][3]["values"]
    visits = await volunteer_days(ctx.session, project_id)
    return {
        "projectStats": {
            "userStats": users["users"],
            "userAnonStats": users["anon"],
            "userAuthStats": users["auth"],
            "dayStats": info["dates_stats"],
            "hourStats": info["hours_stats"],
        },
        "userStats": _shares(users),
        "avg_contrib_time": round(series.average_seconds, 2),
        "days": _points(answers),
        "complete": _points(complete),
        "days_left": days_left([n for _moment, n in complete], n_tasks),
        "volunteers": [(format_short_date(one.day), one.new, one.returning) for one in visits],
        "hours": [(f"{hour:02d}", n) for hour, n, _share in info["hours_stats"][0]["values"]],
    }


def _points(series: list[list[int]]) -> list[tuple[str, int]]:
    """A series over days, given in milliseconds since 1970, with the days in words."""
    return [(format_short_date(datetime.fromtimestamp(moment / 1000, UTC).date()), n) for moment, n in series]


def _shares(users: dict[str, Any]) -> dict[str, Any]:
    """How the answers fall to accounts and to anonymous volunteers."""
    total = users["n_anon"] + users["n_auth"]
    counts = users["users"]["values"]

    def share(kind: str, people: int, runs: int) -> dict[str, Any]:
        percent = round(100 * runs / total, 2) if total else 0
        return {"users": people, "taskruns": runs, "pct_taskruns": percent, "top5": users[kind]["top5"]}

    return {
        "geo": False,
        "anonymous": share("anon", counts[0]["value"][1], users["n_anon"]),
        "authenticated": share("auth", counts[1]["value"][1], users["n_auth"]),
    }
