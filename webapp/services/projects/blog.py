"""The blog of a project."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from db.models import Blogpost, Project
from db.repositories.rows import add_row, change_row, remove_row
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.policies import Action, about_content, require
from webapp.services.mails import outbox

MAIL_KIND = "blogpost"


async def create(session: AsyncSession, actor: Actor, project: Project, values: Mapping[str, Any]) -> Blogpost:
    """A new post of the project; published at once if its author says so (docs/contract/gaps.md 2.5). `values` are
    columns; `body` is Markdown."""
    published = bool(values.get("published"))
    require(actor, Action.BLOGPOST_CREATE, about_content(project, author_id=actor.user_id, published=published))
    owned = {"project_id": project.id, "user_id": actor.user_id}
    post = await add_row(session, Blogpost(**{**values, **owned}))
    await _announce(session, post)
    return post


async def update(
    session: AsyncSession, actor: Actor, project: Project, post: Blogpost, values: Mapping[str, Any]
) -> None:
    """Change columns of the post."""
    require(actor, Action.BLOGPOST_UPDATE, about_content(project, author_id=post.user_id, published=post.published))
    await change_row(session, post, {**values, "updated": datetime.now(UTC)})
    await _announce(session, post)


async def _announce(session: AsyncSession, post: Blogpost) -> None:
    """Have the project's volunteers told of the post when it is published for the first time."""
    if post.published:
        await outbox.post_to_many(session, MAIL_KIND, f"{MAIL_KIND}:{post.id}", blogpost_id=post.id)


async def remove(session: AsyncSession, actor: Actor, project: Project, post: Blogpost) -> None:
    """Remove the post."""
    require(actor, Action.BLOGPOST_DELETE, about_content(project, author_id=post.user_id, published=post.published))
    await remove_row(session, post)
