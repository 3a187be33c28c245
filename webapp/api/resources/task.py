"""/api/task (docs/contract/api.md 2.2)."""

import asyncio
import re
from dataclasses import replace
from typing import Any

from db import json
from db.models import Project, Task
from db.queries.importing.adding_tasks import DEFAULT_ANSWERS, TaskToAdd
from db.queries.reading import related
from db.queries.reading.listing import ListQuery
from db.repositories.rows import find_row, find_rows
from webapp.api import bulk
from webapp.api.resource import Resource, admitted
from webapp.errors import Forbidden, Unauthorized, UnsupportedMedia, WorkbeeError
from webapp.http.page import RequestContext, Weight
from webapp.policies import Action, Facts, about_task, authorization_decided
from webapp.services.contributing import tasks
from webapp.services.contributing.contributing import contributor_of
from webapp.services.projects import quotas
from webapp.viewmodels.page import Json

NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""The character that PostgreSQL cannot store, as JSON text writes it."""


def no_project() -> UnsupportedMedia:
    return UnsupportedMedia("project_id does not exist", kind="AttributeError")


class TaskResource(Resource):
    name = "task"
    class_name = "Task"
    model = Task
    weight = Weight.IMPORT
    hidden = frozenset({"info_hash"})
    reserved = frozenset({"id", "created", "state", "fav_user_ids"})
    ignored = frozenset({"task_runs", "result", "headline", "rank"})
    read = Action.TASK_READ
    create_action = Action.TASK_CREATE
    update_action = Action.TASK_UPDATE
    delete_action = Action.TASK_DELETE
    frame = True

    async def show_all(self, ctx: RequestContext, rows: list[Any]) -> list[dict[str, Any]]:
        shown = [self.full(ctx, row) for row in rows]
        if ctx.args.get("related"):
            found = await related.of_tasks(ctx.session, [row.id for row in rows], self.allowance(ctx))
            return [one | found[one["id"]] for one in shown]
        return shown

    async def adapt(self, ctx: RequestContext, query: ListQuery) -> ListQuery:
        if not ctx.args.get("participated"):
            return query
        who = contributor_of(ctx.actor, 0)
        if (uid := ctx.args.get("external_uid")) and ctx.actor.is_anonymous:
            projects_asked = query.any_of.get("project_id") or [0]
            return replace(query, not_answered_by=f"ext:{projects_asked[0]}:{uid}")
        return replace(query, not_answered_by=who.key, own_only=False)

    async def _project(self, ctx: RequestContext, row: Any) -> Project:
        project = await find_row(ctx.session, Project, row.project_id)
        if project is None:
            raise Forbidden
        return project

    async def facts(self, ctx: RequestContext, row: Any) -> Facts:
        project = await self._project(ctx, row)
        return about_task(project, admitted=admitted(ctx, project))

    async def insert(self, ctx: RequestContext, values: dict[str, Any]) -> Any:
        project = await find_row(ctx.session, Project, values.get("project_id") or 0)
        if project is None:
            raise no_project()
        task = await tasks.create(ctx.session, ctx.actor, project, values)
        await quotas.check_tasks(ctx.session, ctx.settings, ctx.actor, [project.id])
        return task

    async def create(self, ctx: RequestContext) -> Json:
        """One task; or many, from a JSON array or NDJSON, all of them or none."""
        if not bulk.is_bulk(ctx):
            return await super().create(ctx)
        self._check_arguments(ctx)
        if ctx.actor.user_id is None:
            raise Unauthorized
        rows, new = await asyncio.to_thread(
            self._read_rows, ctx.body_parts.raw, bulk.are_lines(ctx), ctx.settings.api_bulk_rows
        )
        projects = await find_rows(ctx.session, Project, {task.project_id for _, task in new})
        for index, task in new:
            if task.project_id not in projects:
                rows.refuse(index, no_project())
        rows.check()
        if not new:
            authorization_decided(Action.TASK_CREATE)  # nothing is created
        ids = await tasks.create_many(ctx.session, ctx.actor, projects.values(), [task for _, task in new])
        await quotas.check_tasks(ctx.session, ctx.settings, ctx.actor, projects)
        return Json({"added": len(ids), "ids": ids, "n_refused": 0, "refused": []})

    def _read_rows(self, raw: bytes, lines: bool, most: int) -> tuple[bulk.Rows, list[tuple[int, TaskToAdd]]]:
        """The rows, and the task that each can become."""
        rows = bulk.read_rows(raw, lines=lines, most=most)
        found = []
        for index, values in rows.objects:
            try:
                found.append((index, self._new_task(values)))
            except WorkbeeError as error:
                rows.refuse(index, error)
        return rows, found

    def _new_task(self, values: dict[str, Any]) -> TaskToAdd:
        """The task that such an object is. Raises what creating it alone would raise."""
        self.check_payload(values)
        given = self._typed(self._without_echoes(values))
        if given.get("project_id") is None:
            raise no_project()
        info = given.pop("info", None)
        text = None if info is None else json.dumps(info).decode()
        if text is not None and NUL.search(text):
            raise UnsupportedMedia("info holds a character that is none (NUL)", kind="DataError")
        empty = [name for name, value in given.items() if value is None]
        if empty:
            raise UnsupportedMedia(f"{empty[0]} must not be null", kind="DBIntegrityError")
        given["n_answers"] = given.get("n_answers", DEFAULT_ANSWERS) or 1
        if given["n_answers"] < 0:
            raise UnsupportedMedia("n_answers must not be negative", kind="DBIntegrityError")
        return TaskToAdd(info=text, **given)

    async def change(self, ctx: RequestContext, row: Any, values: dict[str, Any]) -> None:
        if values.get("project_id", row.project_id) != row.project_id:
            raise Forbidden("A task stays in its project.")
        project = await self._project(ctx, row)
        await tasks.update(ctx.session, ctx.app_services.queue, ctx.actor, project, row, values)

    async def remove(self, ctx: RequestContext, row: Any) -> None:
        await tasks.remove(ctx.session, ctx.actor, await self._project(ctx, row), row)
