"""Offers to hand a project over, as long as they last."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import delete, func, select

from db.models import OwnershipOffer, Project, User
from db.repositories.base import Repository


@dataclass(frozen=True, slots=True)
class ReceivedOffer:
    """A project that somebody may have, and from whom."""

    short_name: str
    name: str
    offered_by: str | None
    """Their full name; None if the account has gone."""
    expires: datetime


class OwnershipOfferRepository(Repository[OwnershipOffer]):
    model: ClassVar[type[OwnershipOffer]] = OwnershipOffer

    async def find_pending(self, project_id: int) -> OwnershipOffer | None:
        """The project's offer, while it lasts."""
        return await self.find_where(OwnershipOffer.project_id == project_id, OwnershipOffer.expires > func.now())

    async def received(self, user_id: int) -> list[ReceivedOffer]:
        """What is offered to this account, the latest first."""
        found = (
            select(Project.short_name, Project.name, User.fullname, OwnershipOffer.expires)
            .join(Project, Project.id == OwnershipOffer.project_id)
            .outerjoin(User, User.id == OwnershipOffer.offered_by)
            .where(OwnershipOffer.user_id == user_id, OwnershipOffer.expires > func.now())
            .order_by(OwnershipOffer.id.desc())
        )
        return [ReceivedOffer(*row) for row in (await self.session.execute(found)).all()]

    async def remove_of_project(self, project_id: int) -> None:
        """Take back the project's offer, whether it still lasts or not."""
        await self.session.execute(delete(OwnershipOffer).where(OwnershipOffer.project_id == project_id))

    async def remove_expired(self) -> None:
        await self.session.execute(delete(OwnershipOffer).where(OwnershipOffer.expires <= func.now()))
