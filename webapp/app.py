"""The application: what is built once, and who handles what. No logic lives here."""

import asyncio
from collections.abc import AsyncGenerator, Callable

from quart import Quart
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from db.session import Database
from webapp import api, views
from webapp.config import STATEMENT_SECONDS, Settings
from webapp.http import errors, statics
from webapp.http.app_services import EXTENSION, AppServices
from webapp.http.application import Application, BoundedNumber
from webapp.http.cache import STALE_S, MicroCache
from webapp.http.fastpath.connection import Connection
from webapp.http.json import OrjsonProvider
from webapp.http.limits.ratelimit import WorkbeeLimiter
from webapp.http.observe import Observer
from webapp.http.renderer import shared_renderer
from webapp.http.security import auth, headers
from webapp.http.security.address import AddressAnonymiser
from webapp.http.security.cookies import cookie_name, same_site
from webapp.http.security.front_ends import FrontEnds
from webapp.http.security.guests import GuestHosts
from webapp.integrations.directory import Directory
from webapp.integrations.outbound import Outbound
from webapp.integrations.providers import providers_of
from webapp.integrations.queue import Queue
from webapp.integrations.storage import Storage
from webapp.integrations.streams import Streams
from webapp.services.accounts.passwords import Passwords
from webapp.services.exporting import Exports
from webapp.services.exporting.folder import ExportFolder

REDIS_TIMEOUT_S = 1.0
REDIS_CONNECTIONS = 16
"""Of one process, at most."""
REDIS_WAIT_S = 20
"""How long one that wants a connection waits for others to end: in a flood limits hold, however many want one."""


def create_app(settings: Settings) -> Quart:
    """The web application over the services that `settings` name."""
    app = Application(__name__, static_folder=None, template_folder=None)
    app.json = OrjsonProvider(app)
    app.asgi_http_class = Connection
    app.secret_key = settings.key("cookies").hex()
    app.config.update(
        MAX_CONTENT_LENGTH=settings.max_body_mib * 1024 * 1024,
        MAX_FORM_PARTS=200,
        BODY_TIMEOUT=600,  # a slow line is no fault; the server sees to it that something comes
        SESSION_COOKIE_NAME=cookie_name(settings, "session"),
        SESSION_COOKIE_SAMESITE=same_site(settings),
        QUART_AUTH_COOKIE_SAMESITE=same_site(settings),
        SESSION_COOKIE_SECURE=settings.cookies_secure,
        SESSION_COOKIE_HTTPONLY=True,
        RESPONSE_TIMEOUT=None,
    )
    app.url_map.converters["int"] = BoundedNumber
    app.url_map.strict_slashes = False
    app.url_map.redirect_defaults = False
    app_services = _app_services(settings)
    app.extensions[EXTENSION] = app_services
    app.guest_hosts = app_services.guests
    app.front_ends = FrontEnds(settings) if settings.cors_origins else None
    headers.init_app(app, settings)
    limiter = app.extensions["workbee_limiter"] = WorkbeeLimiter(app, app_services.redis)
    auth.init_app(app, settings)
    errors.init_app(app)
    app.register_blueprint(statics.blueprint)
    for blueprint in (*views.blueprints(), *api.blueprints(app_services)):
        app.register_blueprint(blueprint)
    app.observer = Observer(app_services.counters, trusts_proxy=settings.trusted_proxies > 0)
    app.while_serving(_serving(app_services, limiter, app.observer))
    return app


def _app_services(settings: Settings) -> AppServices:
    if settings.database_url is None or settings.redis_url is None:
        raise ValueError("create_app needs the addresses of a database and of Redis: `workbee up` starts both")
    pages = MicroCache(most=512, stale_seconds=STALE_S)
    database = Database(
        settings.pooler_url or settings.database_url,
        pool_size=settings.database_pool_size,
        autocommit_pool_size=settings.database_autocommit_pool_size,
        statement_seconds=STATEMENT_SECONDS,
        pooled=settings.pooler_url is not None,
        after_writing=pages.drop,
    )
    redis = _redis(settings.redis_url)
    return AppServices(
        settings=settings,
        database=database,
        redis=redis,
        renderer=shared_renderer(),
        storage=Storage.of(settings),
        queue=Queue(),
        outbound=Outbound(settings.outbound_allow),
        addresses=AddressAnonymiser(settings.key("addresses")),
        passwords=Passwords(settings),
        guests=GuestHosts(settings),
        exports=Exports(database, ExportFolder(settings)),
        streams=Streams(redis, settings),
        providers=providers_of(settings),
        directory=Directory(settings) if settings.ldap_host else None,
        pages=pages,
    )


def _redis(url: str) -> Redis:
    """A client whose callers wait for each other's connections; one that was closed while idle is replaced at once."""
    return Redis.from_pool(
        BlockingConnectionPool.from_url(
            url,
            max_connections=REDIS_CONNECTIONS,
            timeout=REDIS_WAIT_S,
            socket_timeout=REDIS_TIMEOUT_S,
            socket_connect_timeout=REDIS_TIMEOUT_S,
            retry=Retry(NoBackoff(), 1),
        )
    )


def _serving(
    app_services: AppServices, limiter: WorkbeeLimiter, observer: Observer
) -> Callable[[], AsyncGenerator[None]]:
    async def serving() -> AsyncGenerator[None]:
        sweeping = asyncio.create_task(app_services.exports.sweep_periodically())
        passing_on = asyncio.create_task(app_services.streams.run())
        yield
        app_services.streams.end()
        for task in (sweeping, passing_on):
            task.cancel()
        await asyncio.gather(sweeping, passing_on, return_exceptions=True)
        await app_services.exports.close()
        await limiter.counts.close()
        await app_services.outbound.close()
        await app_services.redis.aclose()
        await app_services.database.close()
        observer.close()

    return serving
