"""Drawing and answering in tests, by the services that do it for volunteers."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.executors import SessionExecutor
from db.models import Project, RankedUser, User, UserChange, UserScore
from db.queries.assignment.contribution import ProjectForContribution, find_project
from db.queries.assignment.drawing import DrawnTask
from db.queries.assignment.submitting import Submitted
from db.queries.figures.folding import fold
from webapp.services.contributing import contributing
from webapp.services.contributing.contributing import Contributor


async def project_facts(session: AsyncSession, project: Project) -> ProjectForContribution:
    """The project as contributing sees it."""
    found = await find_project(SessionExecutor(session), project.id)
    assert found is not None
    return found


async def draw_one(session: AsyncSession, project: Project, who: Contributor, **asked: Any) -> DrawnTask | None:
    """The first task of a draw, or None."""
    tasks = await contributing.draw(SessionExecutor(session), who, await project_facts(session, project), **asked)
    return tasks[0] if tasks else None


async def leased_and_answered(
    session: AsyncSession, project: Project, who: Contributor, task_id: int, info: Any = "yes"
) -> Submitted:
    """Open the task by its address and answer it."""
    facts = await project_facts(session, project)
    await contributing.offer(session, who, facts, task_id)
    return await contributing.store_answer(SessionExecutor(session), who, facts, task_id=task_id, info=info)


async def give_scores(session: AsyncSession, users: Sequence[User], scores: Sequence[int]) -> None:
    """As if each of these accounts had given so many answers, as far as scores and ranks go."""
    await fold(session)
    for user, score in zip(users, scores, strict=True):
        await session.execute(update(UserScore).where(UserScore.user_id == user.id).values(n_runs=score))
        await session.execute(update(RankedUser).where(RankedUser.user_id == user.id).values(n_runs=score))
    await session.execute(insert(UserChange), [{"user_id": user.id} for user in users])
    await fold(session)
