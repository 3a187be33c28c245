"""The blog of a project."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Blogpost, Project
from webapp.actor import Actor
from webapp.policies import Action, about_content, require


async def write(
    session: AsyncSession, actor: Actor, project: Project, *, title: str, body: str, published: bool
) -> Blogpost:
    """A new post of the project; published at once if its author says so (08-gaps 2.5)."""
    require(actor, Action.BLOGPOST_CREATE, about_content(project, author_id=actor.user_id, published=published))
    post = Blogpost(project_id=project.id, user_id=actor.user_id, title=title, body=body, published=published)
    session.add(post)
    await session.flush()
    return post


async def change(
    session: AsyncSession, actor: Actor, project: Project, post: Blogpost, *, title: str, body: str, published: bool
) -> None:
    require(actor, Action.BLOGPOST_UPDATE, about_content(project, author_id=post.user_id, published=post.published))
    post.title, post.body, post.published, post.updated = title, body, published, datetime.now(UTC)
    await session.flush()


async def remove(session: AsyncSession, actor: Actor, project: Project, post: Blogpost) -> None:
    require(actor, Action.BLOGPOST_DELETE, about_content(project, author_id=post.user_id, published=post.published))
    await session.delete(post)
    await session.flush()
