"""What a rule may know of the thing acted on: plain facts, taken from an entity and never the entity itself."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol


class ProjectLike(Protocol):
    """The part of a project that rules read."""

    @property
    def owner_id(self) -> int: ...
    @property
    def owners_ids(self) -> Sequence[int]: ...
    @property
    def published(self) -> bool: ...
    @property
    def allow_anonymous_contributors(self) -> bool: ...
    @property
    def zip_download(self) -> bool: ...
    @property
    def info(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of one thing. A fact that does not apply keeps its default, which grants nothing."""

    owner_id: int | None = None
    owners_ids: frozenset[int] = frozenset()
    published: bool = False
    protected: bool = False
    """The project asks for a password."""
    admitted: bool = False
    """The caller has given the project's password, or holds a token signed with its secret."""
    anonymous_allowed: bool = False
    zip_download: bool = False
    has_results: bool = False
    confirmed: bool = False
    """The caller was shown how much goes with it, and has said its name."""
    ready: bool = False
    """The project has a presenter and at least one task, so that it can be published."""
    user_id: int | None = None
    """The account that is acted on, or the author of a post or run."""
    offered_to: int | None = None
    """The account that the project is offered to, while the offer lasts."""
    restricted: bool = False
    """The account asked for its data not to be processed (GDPR)."""
    content_published: bool = False
    """The post or announcement itself is published."""
    in_result: bool = False
    """The run counts in its task's current result, so that nobody may change it."""
    feature_open: bool = False
    """The optional feature asked for is open to everybody, not to pro users only."""


def about_project(project: ProjectLike, *, admitted: bool = False) -> Facts:
    """Facts of a project; `admitted` if this caller may pass its password."""
    return Facts(
        owner_id=project.owner_id,
        owners_ids=frozenset(project.owners_ids) | {project.owner_id},
        published=project.published,
        protected=bool(project.info.get("passwd_hash")),
        admitted=admitted,
        anonymous_allowed=project.allow_anonymous_contributors,
        zip_download=project.zip_download,
    )


def about_task(project: ProjectLike, *, admitted: bool = False, has_results: bool = False) -> Facts:
    """Facts of a task (or of its runs and results): those of its project, and whether it has a result."""
    return replace(about_project(project, admitted=admitted), has_results=has_results)


def about_content(project: ProjectLike, *, author_id: int | None, published: bool) -> Facts:
    """Facts of a post of a project: those of the project, its author, and whether it is published."""
    return replace(about_project(project), user_id=author_id, content_published=published)


def about_offer(project: ProjectLike, offered_to: int | None) -> Facts:
    """Facts of a project that is offered to an account."""
    return replace(about_project(project), offered_to=offered_to)


def about_file(uploader_id: int | None, project: ProjectLike | None) -> Facts:
    """Facts of a file: those of the project that it belongs to, whoever uploaded it; otherwise its uploader's."""
    return about_project(project) if project is not None else Facts(user_id=uploader_id)


def about_feature(feature: str, for_pro_users: Collection[str]) -> Facts:
    """Facts of an optional feature, of which some are `for_pro_users` alone."""
    return Facts(feature_open=feature not in for_pro_users)


def about_user(user_id: int, *, restricted: bool = False) -> Facts:
    """Facts of an account."""
    return Facts(user_id=user_id, restricted=restricted)
