"""/api/task (02-api section 2.2)."""

from dataclasses import replace
from typing import Any

from db.models import Project, Task
from db.queries import related
from db.queries.listing import ListQuery
from db.repositories import ResultRepository, TaskRepository
from db.repositories.rows import find_row
from webapp.api.resource import Resource, admitted
from webapp.errors import Forbidden, UnsupportedMedia
from webapp.http.page import Call
from webapp.policies import Action, Facts, about_task
from webapp.services import tasks
from webapp.services.contributing import contributor_of


class TaskResource(Resource):
    name = "task"
    class_name = "Task"
    model = Task
    hidden = frozenset({"info_hash"})
    reserved = frozenset({"id", "created", "state", "fav_user_ids"})
    ignored = frozenset({"task_runs", "result", "headline", "rank"})
    read = Action.TASK_READ
    create_action = Action.TASK_CREATE
    update_action = Action.TASK_UPDATE
    delete_action = Action.TASK_DELETE
    frame = True

    async def show_all(self, call: Call, rows: list[Any]) -> list[dict[str, Any]]:
        shown = [self.full(row) for row in rows]
        if call.args.get("related"):
            found = await related.of_tasks(call.session, [row.id for row in rows])
            return [one | found[one["id"]] for one in shown]
        return shown

    async def adapt(self, call: Call, query: ListQuery) -> ListQuery:
        if not call.args.get("participated"):
            return query
        who = contributor_of(call.actor, 0)
        if (uid := call.args.get("external_uid")) and call.actor.is_anonymous:
            projects_asked = query.any_of.get("project_id") or [0]
            return replace(query, not_answered_by=f"ext:{projects_asked[0]}:{uid}")
        return replace(query, not_answered_by=who.key, own_only=False)

    async def facts(self, call: Call, row: Any) -> Facts:
        project = await find_row(call.session, Project, row.project_id)
        if project is None:
            raise Forbidden
        if call.method == "DELETE":
            await TaskRepository(call.session).lock_slots(row.id)
        finished = call.method == "DELETE" and await ResultRepository(call.session).any_of(row.id)
        return about_task(project, admitted=admitted(call, project), has_results=finished)

    async def new(self, call: Call, values: dict[str, Any]) -> Any:
        project = await find_row(call.session, Project, values.get("project_id") or 0)
        if project is None:
            raise UnsupportedMedia("project_id does not exist", kind="AttributeError")
        return await tasks.create(call.session, call.actor, project, values)

    async def change(self, call: Call, row: Any, values: dict[str, Any]) -> None:
        if values.get("project_id", row.project_id) != row.project_id:
            raise Forbidden("A task stays in its project.")
        await tasks.update(call.session, call.platform.queue, row, values)

    async def remove(self, call: Call, row: Any) -> None:
        await tasks.remove(call.session, row)
