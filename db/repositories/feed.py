"""The site's feed."""

from typing import ClassVar

from sqlalchemy import delete, select

from db.models import FeedEvent
from db.repositories.base import Repository

SHOWN = 100


class FeedRepository(Repository[FeedEvent]):
    model: ClassVar[type[FeedEvent]] = FeedEvent

    async def newest(self, limit: int = SHOWN) -> list[FeedEvent]:
        """What happened last, the newest first."""
        found = select(FeedEvent).order_by(FeedEvent.created.desc(), FeedEvent.id.desc()).limit(limit)
        return list((await self.session.scalars(found)).all())

    async def trim(self, keep: int = SHOWN) -> int:
        """Forget all but the newest; how many went."""
        kept = select(FeedEvent.id).order_by(FeedEvent.created.desc(), FeedEvent.id.desc()).limit(keep)
        gone = await self.session.scalars(delete(FeedEvent).where(FeedEvent.id.not_in(kept)).returning(FeedEvent.id))
        return len(gone.all())
