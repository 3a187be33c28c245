"""What is left to do in a project for one contributor."""

from db.direct import Caller

_LEFT = "SELECT workbee_has_work($1::bigint, $2::text)"


async def has_work(caller: Caller, project_id: int, contributor: str) -> bool:
    """Whether the project has a task that is not complete and that this contributor has not answered."""
    [(found,)] = await caller.fetch(_LEFT, project_id, contributor)
    return bool(found)
