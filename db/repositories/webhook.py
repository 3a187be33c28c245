"""Calls of webhooks."""

from typing import ClassVar

from sqlalchemy import or_, select

from db.models import Webhook
from db.repositories.base import Repository, Slice

DELIVERED = 200


class WebhookRepository(Repository[Webhook]):
    model: ClassVar[type[Webhook]] = Webhook

    async def page(self, project_id: int, *, limit: int, offset: int) -> Slice[Webhook]:
        """A part of the project's calls, the newest first."""
        order = (Webhook.id.desc(),)
        return await self.slice_where(Webhook.project_id == project_id, order=order, limit=limit, offset=offset)

    async def of_project(self, project_id: int) -> list[Webhook]:
        """All calls of the project, the oldest first."""
        found = select(Webhook).where(Webhook.project_id == project_id).order_by(Webhook.id)
        return list((await self.session.scalars(found)).all())

    async def failed(self, project_id: int) -> list[Webhook]:
        """Calls that were not answered as delivered."""
        status = Webhook.response_status_code
        undelivered = or_(status.is_(None), status != DELIVERED)
        found = select(Webhook).where(Webhook.project_id == project_id, undelivered).order_by(Webhook.id)
        return list((await self.session.scalars(found)).all())

    async def get_in_project(self, project_id: int, webhook_id: int) -> Webhook:
        """The call, if it is of this project. Raises NotFound."""
        return await self.get_where(project_id=project_id, id=webhook_id)
