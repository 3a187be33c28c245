"""The blog of a project."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from db.models import Blogpost, Project
from db.queries.site import mails
from db.repositories.rows import add_row, change_row, remove_row
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.policies import Action, about_content, require
from webapp.services.mails import outbox

MAIL_KIND = "blogpost"
MOST_MAILED_A_DAY = 3
"""Posts of one project that its volunteers get by mail within 24 hours; further ones are published without."""


async def create(session: AsyncSession, actor: Actor, project: Project, values: Mapping[str, Any]) -> Blogpost:
    """A new post of the project; published at once if its author says so (docs/contract/gaps.md 2.5). `values` are
    columns; `body` is Markdown. Whether volunteers get it by mail: `is_mailed`."""
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
    if not post.published:
        return
    n_mailed = await mails.n_mailings(session, MAIL_KIND, post.project_id, hours=24)
    # One that is beyond the limit is not mailed when it is changed the next day, either.
    is_muted = n_mailed >= MOST_MAILED_A_DAY
    about = {"blogpost_id": post.id, "project_id": post.project_id}
    await outbox.post_to_many(session, MAIL_KIND, _key(post), is_muted=is_muted, **about)


def _key(post: Blogpost) -> str:
    return f"{MAIL_KIND}:{post.id}"


async def is_mailed(session: AsyncSession, post: Blogpost) -> bool:
    """Whether volunteers get the post by mail, where mail is sent: False for a draft, and beyond the limit of a day."""
    return await mails.is_under_way(session, _key(post))


async def remove(session: AsyncSession, actor: Actor, project: Project, post: Blogpost) -> None:
    """Remove the post."""
    require(actor, Action.BLOGPOST_DELETE, about_content(project, author_id=post.user_id, published=post.published))
    await remove_row(session, post)
