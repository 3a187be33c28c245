"""What one running program shares: built once in `create_app`, reached through the request, never through globals."""

from dataclasses import dataclass, field
from functools import cached_property

from quart import Quart, current_app
from redis.asyncio import Redis

from db.queries.assignment.contribution import ProjectForContribution
from db.session import Database
from webapp.actor import Actor
from webapp.config import Settings
from webapp.counters import Counters
from webapp.http.cache import Cache, MicroCache
from webapp.http.renderer import Renderer
from webapp.http.security.address import AddressAnonymiser
from webapp.http.security.guests import GuestHosts
from webapp.integrations.directory import Directory
from webapp.integrations.outbound import Outbound
from webapp.integrations.providers import Provider
from webapp.integrations.queue import Queue
from webapp.integrations.short_lived import ShortLived
from webapp.integrations.storage import Storage
from webapp.integrations.streams import Streams
from webapp.services.accounts.passwords import Passwords
from webapp.services.exporting import Exports
from webapp.services.importing.records.access import Access
from webapp.services.site.files import MIB, FileStore

EXTENSION = "workbee"


@dataclass(frozen=True)
class AppServices:
    """Settings and clients of this process."""

    settings: Settings
    database: Database
    redis: Redis
    renderer: Renderer
    storage: Storage
    queue: Queue
    outbound: Outbound
    addresses: AddressAnonymiser
    passwords: Passwords
    guests: GuestHosts
    exports: Exports
    streams: Streams
    providers: dict[str, Provider]
    """By which people may sign in, by name."""
    directory: Directory | None
    """By which people sign in, where the settings name one."""
    pages: MicroCache
    """What everybody is shown; a commit of `database` drops what was read from tables that it has written."""
    counters: Counters = field(default_factory=Counters)
    identities: Cache[str, Actor] = field(default_factory=lambda: Cache(4096, seconds=1.0))
    """Whose a credential is, for draws and answers. A revoked key may draw on for a second at the most; everything else
    asks the database each time (docs/architecture.md 3)."""
    noted_sessions: Cache[str, bool] = field(default_factory=lambda: Cache(4096, seconds=300))
    """Sessions whose use was noted in the last minutes (`webapp.http.security.last_use`)."""
    revocations: MicroCache = field(default_factory=lambda: MicroCache(1))
    """What was revoked lately: tokens of presenters' frames come with every draw and answer, and to look each of them
    up would cost a round trip."""
    projects: Cache[int, ProjectForContribution] = field(default_factory=lambda: Cache(1024))
    """Projects of the latest draws and answers. Never trusted as they are: drawing and answering expect the row to be
    of the version remembered (WB001), and a refusal is decided anew from a fresh read."""

    @cached_property
    def import_access(self) -> Access:
        return Access.of(self.outbound, self.settings)

    @property
    def short_lived(self) -> ShortLived:
        return ShortLived(self.redis)

    @property
    def file_store(self) -> FileStore:
        return FileStore(self.database, self.storage, most_bytes=self.settings.most_stored_mib * MIB)


def current_services(app: Quart | None = None) -> AppServices:
    """The platform of the app that handles this request."""
    app_services: AppServices = (app or current_app).extensions[EXTENSION]
    return app_services
