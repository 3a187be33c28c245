"""/api/project (docs/contract/api.md 2.1)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from db.columns import Column
from db.models import Project
from db.queries.projects import statistics
from db.queries.reading.listing import ListQuery
from webapp.api.query import no_attribute
from webapp.api.resource import Resource, admitted
from webapp.errors import BadRequest, Forbidden
from webapp.http.page import RequestContext, Weight
from webapp.policies import Action, Facts, about_project, can
from webapp.services.projects import projects
from webapp.viewmodels.public import project as public


class ProjectResource(Resource):
    name = "project"
    class_name = "Project"
    model = Project
    weight = Weight.PRESENTER
    hidden = frozenset()
    reserved = frozenset({"id", "created", "updated", "completed", "contacted", "secret_key"})
    ignored = frozenset({"stats"})
    parents = ("category",)
    read = Action.PROJECT_READ
    create_action = Action.PROJECT_CREATE
    update_action = Action.PROJECT_UPDATE
    delete_action = Action.PROJECT_DELETE
    frame = True

    def full(self, ctx: RequestContext, row: Any) -> dict[str, Any]:
        return public.api_full(ctx.actor, row)

    def searchable(self, ctx: RequestContext) -> Mapping[str, Column[Any]]:
        columns = self.columns()
        shown = {*public.API_PUBLIC, "published", "allow_anonymous_contributors", "zip_download"}
        return columns if can(ctx.actor, Action.ADMIN) else {name: columns[name] for name in columns if name in shown}

    async def show(self, ctx: RequestContext, row: Any) -> dict[str, Any]:
        private = can(ctx.actor, Action.PROJECT_READ_PRIVATE, about_project(row))
        return public.api_full(ctx.actor, row) if private else public.api_public(row)

    async def show_all(self, ctx: RequestContext, rows: list[Any]) -> list[dict[str, Any]]:
        shown = [await self.show(ctx, row) for row in rows]
        if ctx.args.get("stats"):
            stats = await statistics.of_projects(ctx.session, [row.id for row in rows], full=True)
            return [one | {"stats": stats.get(one["id"], {})} for one in shown]
        return shown

    async def adapt(self, ctx: RequestContext, query: ListQuery) -> ListQuery:
        """One's own projects are asked for by being signed in, and everybody's by `all=1`, whatever `owner_id` says
        (docs/contract/api.md 1.4). What of `info` others are not shown, they do not find by either, nor by an order:
        between two projects of one's own, somebody else's would tell its secrets bit by bit."""
        if query.order == "info" and not can(ctx.actor, Action.ADMIN):
            raise no_attribute(self.class_name, "info")
        if query.own_only or ctx.args.get("all") == "1":
            query = replace(query, equals={name: value for name, value in query.equals.items() if name != "owner_id"})
        asks_for_more = query.info is not None and not query.info.keys() <= set(public.PUBLIC_INFO)
        if asks_for_more and not can(ctx.actor, Action.ADMIN):
            query = replace(query, own_only=True)
        return query

    async def facts(self, ctx: RequestContext, row: Any) -> Facts:
        return about_project(row, admitted=admitted(ctx, row))

    def check_payload(self, values: Mapping[str, Any]) -> None:
        if "published" in values:
            raise Forbidden("You cannot publish a project via the API")
        super().check_payload(values)

    async def insert(self, ctx: RequestContext, values: dict[str, Any]) -> Any:
        return await projects.create(ctx.session, ctx.settings, ctx.actor, _without_empty(values), "api")

    async def change(self, ctx: RequestContext, row: Any, values: dict[str, Any]) -> None:
        await projects.update(ctx.session, ctx.actor, row, _without_empty(values), "api")

    async def remove(self, ctx: RequestContext, row: Any) -> None:
        await projects.delete(ctx.session, ctx.app_services.queue, ctx.actor, row, "api")


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    """Empty names are none, which the database refuses; `info` is an object."""
    if "info" in values and not isinstance(values["info"], dict):
        raise BadRequest("info must be an object")
    names = ("name", "short_name", "description")
    return {name: (None if name in names and value == "" else value) for name, value in values.items()}
