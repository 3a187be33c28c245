"""What is left to do in a project for one contributor."""

from db.executors import Executor

_LEFT = "SELECT workbee_has_work($1::bigint, $2::text)"


async def has_work(executor: Executor, project_id: int, contributor: str) -> bool:
    """Whether the project has a task that is not complete and that this contributor has not answered."""
    [(found,)] = await executor.fetch(_LEFT, project_id, contributor)
    return bool(found)
