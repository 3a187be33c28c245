"""What one running program shares: built once in `create_app`, reached through the request, never through globals."""

from dataclasses import dataclass, field

from quart import Quart, current_app
from redis.asyncio import Redis

from db.session import Database
from webapp.config import Settings
from webapp.counters import Counters
from webapp.http.address import AddressAnonymiser
from webapp.http.guests import GuestHosts
from webapp.http.identity_cache import IdentityCache
from webapp.http.renderer import Renderer
from webapp.http.revocations import RecentRevocations
from webapp.integrations.outbound import Outbound
from webapp.integrations.queue import Queue
from webapp.integrations.storage import Storage
from webapp.services.files import FileStore
from webapp.services.passwords import Passwords
from webapp.services.project_memory import ProjectMemory
from webapp.services.short_memory import ShortMemory

EXTENSION = "workbee"


@dataclass(frozen=True)
class Platform:
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
    counters: Counters = field(default_factory=Counters)
    identities: IdentityCache = field(default_factory=IdentityCache)
    revocations: RecentRevocations = field(default_factory=RecentRevocations)
    projects: ProjectMemory = field(default_factory=ProjectMemory)
    memory: ShortMemory = field(default_factory=ShortMemory)

    @property
    def file_store(self) -> FileStore:
        return FileStore(self.database, self.storage)


def current_platform(app: Quart | None = None) -> Platform:
    """The platform of the app that handles this request."""
    platform: Platform = (app or current_app).extensions[EXTENSION]
    return platform
