"""The blog of a project."""

from dataclasses import dataclass
from datetime import UTC, datetime

from db.models import Blogpost, Project
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.policies import Action, about_content, require


@dataclass(frozen=True, slots=True)
class Post:
    """A post as its author has written it; `body` is Markdown."""

    title: str
    body: str
    published: bool


async def write(session: AsyncSession, actor: Actor, project: Project, new: Post) -> Blogpost:
    """A new post of the project; published at once if its author says so (08-gaps 2.5)."""
    require(actor, Action.BLOGPOST_CREATE, about_content(project, author_id=actor.user_id, published=new.published))
    post = Blogpost(
        project_id=project.id, user_id=actor.user_id, title=new.title, body=new.body, published=new.published
    )
    session.add(post)
    await session.flush()
    return post


async def change(session: AsyncSession, actor: Actor, project: Project, post: Blogpost, new: Post) -> None:
    require(actor, Action.BLOGPOST_UPDATE, about_content(project, author_id=post.user_id, published=post.published))
    post.title, post.body, post.published = new.title, new.body, new.published
    post.updated = datetime.now(UTC)
    await session.flush()


async def remove(session: AsyncSession, actor: Actor, project: Project, post: Blogpost) -> None:
    require(actor, Action.BLOGPOST_DELETE, about_content(project, author_id=post.user_id, published=post.published))
    await session.delete(post)
    await session.flush()
