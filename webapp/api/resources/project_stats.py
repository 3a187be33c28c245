"""/api/projectstats (docs/contract/api.md 2.11): figures, written by nobody."""

from typing import Any

from db.models import Project, ProjectStats
from db.queries.projects import statistics
from db.repositories.rows import find_row
from webapp.api.resource import Resource, admitted
from webapp.errors import Forbidden, NotFound
from webapp.http.page import RequestContext
from webapp.policies import Action, Facts, about_project, require


class ProjectStatsResource(Resource):
    name = "projectstats"
    class_name = "ProjectStats"
    model = ProjectStats
    own_first = False
    read = Action.PROJECT_VIEW
    create_action = Action.STATS_WRITE
    update_action = Action.STATS_WRITE
    delete_action = Action.STATS_WRITE
    frame = True

    async def show_all(self, ctx: RequestContext, rows: list[Any]) -> list[dict[str, Any]]:
        full = bool(ctx.args.get("full"))
        shown = await statistics.of_projects(ctx.session, [row.project_id for row in rows], full=full)
        return [shown[row.project_id] for row in rows]

    async def facts(self, ctx: RequestContext, row: Any) -> Facts:
        project = await find_row(ctx.session, Project, row.project_id)
        if project is None:
            raise NotFound
        return about_project(project, admitted=admitted(ctx, project))

    async def insert(self, ctx: RequestContext, values: dict[str, Any]) -> Any:
        require(ctx.actor, Action.STATS_WRITE)
        raise Forbidden
