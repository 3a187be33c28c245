"""What every job of this process works with: settings and clients, built once."""

from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from db.session import Database
from webapp.config import Settings
from webapp.integrations.mail import Mail
from webapp.integrations.outbound import Outbound
from webapp.integrations.queue import Queue
from webapp.integrations.storage import Storage
from webapp.integrations.streams import Streams
from webapp.services.importing.records.access import Access
from webapp.services.site.files import FileStore


@dataclass(frozen=True)
class Work:
    """The worker's clients."""

    settings: Settings
    database: Database
    storage: Storage
    outbound: Outbound
    queue: Queue
    mail: Mail
    streams: Streams | None = None
    """None where no Redis is known: then nobody is told of what is done."""
    redis: Redis | None = None

    @property
    def file_store(self) -> FileStore:
        return FileStore(self.database, self.storage)

    @property
    def import_access(self) -> Access:
        return Access.of(self.outbound, self.settings)

    @classmethod
    def of(cls, settings: Settings) -> "Work":
        if settings.database_url is None:
            raise ValueError("the worker needs the address of a database")
        redis = Redis.from_url(settings.redis_url) if settings.redis_url is not None else None
        return cls(
            settings=settings,
            redis=redis,
            streams=Streams(redis, settings) if redis is not None else None,
            database=Database(
                settings.database_url,
                pool_size=settings.database_pool_size,
                autocommit_pool_size=settings.database_autocommit_pool_size,
            ),
            storage=Storage.of(settings),
            outbound=Outbound(settings.outbound_allow),
            queue=Queue(),
            mail=Mail(settings),
        )

    async def tell_owners(self, project_id: int, kind: str, data: Any) -> None:
        """Tell owners who have the project's stream open."""
        if self.streams is not None and self.settings.sse:
            await self.streams.publish("private", project_id, kind, data)

    async def close(self) -> None:
        if self.redis is not None:
            await self.redis.aclose()
        await self.outbound.close()
        await self.database.close()
