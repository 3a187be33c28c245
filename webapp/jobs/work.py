"""What every job of this process works with: settings and clients, built once."""

from dataclasses import dataclass

from db.session import Database
from webapp.config import Settings
from webapp.integrations.mail import Mail
from webapp.integrations.outbound import Outbound
from webapp.integrations.queue import Queue
from webapp.integrations.storage import Storage
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
        return cls(
            settings=settings,
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

    async def close(self) -> None:
        await self.outbound.close()
        await self.database.close()
