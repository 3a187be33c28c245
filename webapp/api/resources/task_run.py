"""/api/taskrun (docs/contract/api.md 2.3)."""

from dataclasses import replace
from functools import partial
from typing import Any

from db.models import Project, TaskRun
from db.queries.reading import related
from db.repositories.rows import find_row
from webapp.api import contributing
from webapp.api.resource import Resource, admitted
from webapp.api.uploads import Upload
from webapp.errors import Forbidden
from webapp.http.page import RequestContext, Weight
from webapp.policies import Action, Facts, about_task
from webapp.services.contributing import task_runs
from webapp.services.site.files import FilePlace
from webapp.viewmodels.page import Json


class TaskRunResource(Resource):
    name = "taskrun"
    class_name = "TaskRun"
    model = TaskRun
    hidden = frozenset({"contributor", "idempotency_key"})
    reserved = frozenset({"id", "created", "finish_time"})
    ignored = frozenset({"counted", "task", "result", "headline", "rank"})
    parents = ("project", "task")
    weight = Weight.ANSWER
    takes_files = True
    mends_text = True
    read = Action.TASKRUN_READ
    create_action = Action.TASKRUN_CREATE
    update_action = Action.TASKRUN_UPDATE
    delete_action = Action.TASKRUN_DELETE
    extra_arguments = frozenset({"api_key", "external_uid"})
    frame = True
    frame_writes = True

    async def show_all(self, ctx: RequestContext, rows: list[Any]) -> list[dict[str, Any]]:
        shown = [self.full(ctx, row) for row in rows]
        if ctx.args.get("related"):
            found = await related.of_runs(ctx.session, [row.task_id for row in rows], self.allowance(ctx))
            return [one | found[one["task_id"]] for one in shown]
        return shown

    async def _project(self, ctx: RequestContext, row: Any) -> Project:
        project = await find_row(ctx.session, Project, row.project_id)
        if project is None:
            raise Forbidden
        return project

    async def facts(self, ctx: RequestContext, row: Any) -> Facts:
        project = await self._project(ctx, row)
        return replace(about_task(project, admitted=admitted(ctx, project)), user_id=row.user_id)

    async def create(self, ctx: RequestContext) -> Json:
        self._check_arguments(ctx)
        values, upload = await self._payload(ctx)
        self.check_payload(values)
        typed = self._typed(values)
        if upload is None:
            return await contributing.create_taskrun(ctx, typed, alone=True)
        return await self._create_with_file(ctx, typed, upload)

    async def _create_with_file(self, ctx: RequestContext, typed: dict[str, Any], upload: Upload) -> Json:
        """Store the file before the answer: while that is being written, others wait for the task."""
        await contributing.authorize_taskrun(ctx, typed)
        external = typed.get("external_uid") not in (None, "")
        user_id = None if external else ctx.actor.user_id or ctx.actor.frame_user_id
        stored, where = await upload.store(ctx, typed.get("info"), self._place(user_id))
        run = await contributing.create_taskrun(ctx, typed | where, alone=False)
        if run.body["media_url"] == where["media_url"]:
            await ctx.app_services.file_store.attach(ctx.uow, stored, TaskRun, run.body["id"])
        else:
            # The same answer sent again: its file is there already.
            ctx.uow.after_commit(partial(ctx.app_services.file_store.remove_detached, stored.id))
        return run

    async def file_place(self, ctx: RequestContext, row: Any) -> FilePlace:
        return self._place(row.user_id)

    @staticmethod
    def _place(user_id: int | None) -> FilePlace:
        """An answer's file is its volunteer's."""
        return FilePlace(f"user_{user_id}" if user_id is not None else "anonymous", owner_id=user_id)

    async def change(self, ctx: RequestContext, row: Any, values: dict[str, Any]) -> None:
        fixed = ("project_id", "task_id", "user_id", "user_ip", "external_uid")
        for name in fixed:
            if name in values and values[name] != getattr(row, name):
                raise Forbidden(f"{name} of an answer cannot be changed.")
        changes = {name: value for name, value in values.items() if name not in fixed}
        await task_runs.update(ctx.session, ctx.actor, await self._project(ctx, row), row, changes)

    async def remove(self, ctx: RequestContext, row: Any) -> None:
        await task_runs.remove(ctx.session, ctx.actor, await self._project(ctx, row), row)
