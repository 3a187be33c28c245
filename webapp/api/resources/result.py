"""/api/result (docs/contract/api.md 2.4): made by completing tasks, concluded by owners."""

from dataclasses import replace
from typing import Any

from db.models import Project, Result
from db.queries.reading import related
from db.queries.reading.listing import ListQuery
from db.repositories.rows import find_row
from webapp.api.resource import Resource, admitted
from webapp.errors import Forbidden
from webapp.http.page import RequestContext, Weight
from webapp.policies import Action, Facts, about_task, require
from webapp.services.projects import results


class ResultResource(Resource):
    name = "result"
    class_name = "Result"
    model = Result
    weight = Weight.DOCUMENT
    reserved = frozenset({"id", "created", "project_id", "task_id", "task_run_ids", "last_version"})
    ignored = frozenset({"task", "task_runs", "headline", "rank"})
    parents = ("project", "task")
    read = Action.RESULT_READ
    create_action = Action.RESULT_CREATE
    update_action = Action.RESULT_UPDATE
    delete_action = Action.RESULT_DELETE
    frame = True

    async def show_all(self, ctx: RequestContext, rows: list[Any]) -> list[dict[str, Any]]:
        shown = [self.full(ctx, row) for row in rows]
        if ctx.args.get("related"):
            found = await related.of_results(ctx.session, [row.task_id for row in rows], self.allowance(ctx))
            return [one | found[one["task_id"]] for one in shown]
        return shown

    async def adapt(self, ctx: RequestContext, query: ListQuery) -> ListQuery:
        """The current version of each, unless old ones are asked for too: `last_version=false` lists all
        (docs/contract/gaps.md 2.9)."""
        equals = dict(query.equals)
        if equals.pop("last_version", True):
            equals["last_version"] = True
        return replace(query, equals=equals)

    async def _project(self, ctx: RequestContext, row: Any) -> Project:
        project = await find_row(ctx.session, Project, row.project_id)
        if project is None:
            raise Forbidden
        return project

    async def facts(self, ctx: RequestContext, row: Any) -> Facts:
        project = await self._project(ctx, row)
        return about_task(project, admitted=admitted(ctx, project))

    async def insert(self, ctx: RequestContext, values: dict[str, Any]) -> Any:
        require(ctx.actor, Action.RESULT_CREATE)
        raise Forbidden

    async def change(self, ctx: RequestContext, row: Any, values: dict[str, Any]) -> None:
        await results.update(ctx.session, ctx.actor, await self._project(ctx, row), row, values)
