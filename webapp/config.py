"""Settings: every `WORKBEE_*` variable, typed, documented and checked once. Nothing else reads the environment.

`load_settings` is the way in: it also finds or makes the secret key, and reports every wrong variable at once.
"""

import difflib
import os
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from publicsuffixlist import PublicSuffixList
from pydantic import Field, TypeAdapter, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import NoDecode, SettingsConfigDict

from webapp.config_parsing import PREFIX, comma_list, is_loopback, reason_of
from webapp.service_config import OidcProvider, ServiceSettings, lacking_for_services

SECRET_FILE = "secret.key"
SECRET_MIN_LENGTH = 32
SECRET_MIN_DISTINCT = 10
SAMPLE_WORDS = ("changeme", "change-me", "change_me", "example", "sample", "secret", "password", "workbee", "insecure")
"""A key that contains one of these was typed from a manual rather than drawn at random."""

BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]")
BUCKET_FOLDERS = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")

STATEMENT_SECONDS = 20
"""How long a request may keep the database at one statement; what has to take longer says so."""

JOB_QUEUE_CONNECTIONS = 12
"""Connections to PostgreSQL that a job worker may open for its queue alone."""

DEFAULT_PORTS = {"http": 80, "https": 443}
ORIGIN_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f]*:[0-9a-f:.]*")
"""A name, or an address, as it is in an origin."""
PROJECT_PLACE = "{project}"
GUEST_URL_EXAMPLE = "https://{project}.bees-guests.example"

PRO_FEATURES = frozenset(
    (
        "auditlog",
        "webhooks",
        "updated_exports",
        "notify_blog_updates",
        "project_weekly_report",
        "autoimporter",
        "better_stats",
    )
)


@lru_cache(maxsize=64)
def _derived(secret: str, purpose: str, length: int) -> bytes:
    """Derived once for each purpose, rather than at every request."""
    derivation = HKDF(algorithm=SHA256(), length=length, salt=b"workbee", info=purpose.encode())
    return derivation.derive(secret.encode())


class SettingsError(Exception):
    """The environment holds settings that cannot be used; the text names each variable and the reason."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        self.reasons = dict(reasons)
        lines = [f"  {name}: {reason}" for name, reason in self.reasons.items()]
        super().__init__("\n".join(["These settings cannot be used:", *lines]))


def available_cores() -> int:
    """The processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Settings(ServiceSettings):
    """What an administrator decides. Each field is the variable `WORKBEE_` + its name in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True)

    # Services and places
    database_url: str | None = Field(default=None, repr=False)
    """An outside PostgreSQL, `postgresql://user:password@host/name`; without it an embedded one runs."""
    pooler_url: str | None = Field(default=None, repr=False)
    """A PgBouncer in transaction mode before that PostgreSQL, which web workers use in its place; what it must be told,
    `workbee db pooler` says."""
    database_pool_size: int = Field(default=10, ge=1, le=100)
    """Connections to PostgreSQL for units of work that a web worker or job worker may open; a request that finds none
    free for 30 seconds is answered with 503."""
    database_autocommit_pool_size: int = Field(default=8, ge=1, le=100)
    """Connections that it may open beside these for draws and answers, whose statements commit by themselves."""
    redis_url: str | None = Field(default=None, repr=False)
    """An outside Redis or Valkey, `redis://…`, `rediss://…` or `unix://…`; without it an embedded one runs."""
    data_dir: Path = Path("var")
    """The folder for uploads, exports, the secret key and the embedded services' data."""
    s3_bucket: str | None = None
    """A bucket of an S3-compatible store in which uploads are kept, in place of the data folder."""
    s3_endpoint: str | None = None
    """Where the bucket's store is, `https://s3.example.org`; without it, Amazon's."""
    s3_region: str = Field(default="us-east-1", min_length=1, max_length=60)
    """The region that the store says it is in; many stores take any, Cloudflare's is `auto`."""
    s3_key_id: str | None = None
    """The id of the key for the bucket; without a key, at Amazon, the machine's own role."""
    s3_secret_key: str | None = Field(default=None, repr=False)
    """The secret of the key for the bucket."""
    s3_prefix: str | None = None
    """What the names of our files in the bucket begin with, `workbee/uploads`, where others use it too."""
    secret_key: str = Field(default="", repr=False)
    """The secret from which every key is derived: at least 32 random characters. Made and kept in the data folder while
    both services are embedded, required with any outside one."""

    # Serving
    host: str = "127.0.0.1"
    """The address to listen on; `0.0.0.0` for every interface."""
    port: int = Field(default=5000, ge=0, le=65535)
    """The port to listen on; 0 takes any free one."""
    workers: int = Field(default_factory=lambda: min(available_cores(), 8), ge=1, le=128)
    """How many processes answer requests; by default one a core, at most 8."""
    base_url: str | None = None
    """The address under which people reach this site, `https://bees.org`; without it links follow the request."""
    guest_url: str | None = None
    """Hosts for presenters, one for each project, `https://{project}.bees-guests.example`: below another registrable
    domain than `base_url`'s, all served by this server. Without it presenters run in an opaque origin; where the site
    itself is at `localhost`, they have `{project}.localhost`."""
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Origins of front ends elsewhere that may come with their visitors' cookies, separated by commas:
    `https://app.bees.org`. Whoever writes such a page may do here whatever its visitors may. Behind TLS cookies are
    `SameSite=None` then; without it they reach front ends at the same host alone (another port)."""
    trusted_proxies: int = Field(default=0, ge=0, le=16)
    """How many reverse proxies stand in front and set `X-Forwarded-*`; 0 ignores those headers."""
    max_body_mib: int = Field(default=64, ge=1, le=4096)
    """The largest request body, in MiB."""
    max_file_mib: int = Field(default=16, ge=1, le=4096)
    """The largest file that a request to the API may bring, in MiB."""
    max_connections: int = Field(default=512, ge=8, le=65536)
    """Connections that one address may hold open at each worker; behind a trusted proxy they are not counted."""
    max_answer_kib: int = Field(default=4096, ge=16, le=32768)
    """The largest answer to a task, in KiB of JSON, without the file that may come with it."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """What is written to the log."""
    log_format: Literal["text", "json"] = "text"
    """How: lines of `key=value`, or of JSON."""
    log_requests: bool | None = None
    """Whether there is a line of each request and job; by default unless the log goes to a terminal."""
    metrics_port: int | None = Field(default=None, ge=1, le=65535 - 128)
    """The first of the ports on which Prometheus finds metrics: the job worker's, followed by one for each web worker.
    Without it there are none."""
    metrics_host: str = "127.0.0.1"
    """The address that those ports are at; nobody asks who reads there."""

    # The site
    brand: str = Field(default="Workbee", min_length=1, max_length=60)
    """The site's name."""
    contact_email: str | None = None
    """Whom people may write to; shown on the site and in its messages."""
    default_locale: str = Field(default="en", pattern=r"^[a-z]{2,3}(_[A-Z]{2})?$")
    """The language for those whose browser asks for none that there is."""
    projects_per_page: int = Field(default=20, ge=1, le=100)
    """How many projects one page of a listing shows."""
    leaderboard_size: int = Field(default=20, ge=1, le=1000)
    """How many people the leaderboard shows."""
    leaderboards: Annotated[tuple[str, ...], NoDecode] = ()
    """Numbers in the `info` of accounts that have a leaderboard of their own, separated by commas."""
    enforce_privacy: bool = False
    """Whether pages that show people and what they do (the community, others' profiles, the leaderboard, statistics)
    are for administrators alone."""
    user_metadata: bool = False
    """Whether people may say which languages they speak, where they are and when they work, in their settings."""
    registration: Literal["open", "invitation"] = "open"
    """Who may make an account: everybody, or whoever an administrator has invited."""
    registration_domains: Annotated[frozenset[str], NoDecode] = frozenset()
    """Domains of e-mail addresses for which accounts are, separated by commas; others need an invitation. Without any,
    those of all."""
    new_projects: Literal["open", "review"] | None = None
    """Whether the first project of an owner waits for an administrator's look before it is published. By default it
    does where `base_url` is set, that is on a site for others."""
    most_projects: int = Field(default=100, ge=0)
    """How many projects one account may own, co-owned ones not counted; 0 sets no limit. Administrators have none."""
    most_tasks: int = Field(default=2_000_000, ge=0)
    """How many tasks one project may have; 0 sets no limit. What administrators add has none."""
    most_stored_mib: int = Field(default=10_240, ge=0)
    """How many MiB of files one account may have stored; 0 sets no limit. Administrators have none."""
    pro_features: Annotated[frozenset[str], NoDecode] = PRO_FEATURES
    """Features only pro users have, separated by commas; `none` gives every feature to everybody."""

    # Comments
    disqus_public_key: str | None = None
    """The public key of Disqus for single sign-on; without both keys it is off."""
    disqus_secret_key: str | None = Field(default=None, repr=False)
    """The secret key of Disqus for single sign-on."""

    # Limits
    api_rate_limit: int = Field(default=300, ge=1)
    """API requests one caller may make within the window."""
    api_rate_window: int = Field(default=900, ge=1, le=86400)
    """The length of the rate limits' window, in seconds."""
    page_rate_limit: int = Field(default=3000, ge=1)
    """Page requests one caller may make within the same window."""
    api_bulk_rows: int = Field(default=10_000, ge=1, le=1_000_000)
    """The most tasks that one API request may add."""
    sign_in_failures: int = Field(default=10, ge=1)
    """Failed attempts to sign in to one account from one address before it has to wait for the next window."""
    registrations_per_hour: int = Field(default=20, ge=1)
    """New accounts from one network address in an hour; ten times as many from the range around it."""
    hold_seconds: int = Field(default=3600, ge=60, le=2592000)
    """How long a drawn task waits for its volunteer, in seconds, unless the project says otherwise."""
    concurrent_exports: int = Field(default=4, ge=1, le=64)
    """Exports that are made at the same time on one machine; more are answered with 503."""
    concurrent_exports_per_caller: int = Field(default=2, ge=1, le=64)
    """Of those, exports for one account, or for one address without an account; more are answered with 429."""
    export_keep_minutes: int = Field(default=60, ge=1, le=1440)
    """How long an export is kept on disk, so that a reader whose line broke can take it up again."""
    export_space_mib: int = Field(default=4096, ge=1)
    """How much the exports that are kept may take together, in MiB; the oldest go first."""
    import_inline_rows: int = Field(default=200, ge=0)
    """Imports up to this many rows are done while the owner waits; larger ones in the background."""

    sse: bool = True
    """Whether projects have streams of events (`privatestream`, `publicstream`); without them pages ask every now and
    then."""

    # Safety
    outbound_allow: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = ()
    """Networks that webhooks and importers may reach although they are private, separated by commas: `10.0.0.0/8`."""
    two_factor: bool = False
    """Whether everybody types a code that is mailed to them, after their password; whoever has an authenticator app
    uses that. Needs `smtp_url`."""
    session_days: int = Field(default=365, ge=1, le=3650)
    """How long a sign-in is remembered."""
    csrf_lifetime: int = Field(default=3600, ge=60)
    """How long a form may lie open before it has to be sent again, in seconds."""
    secure_cookies: bool | None = None
    """Cookies over HTTPS only; by default when `base_url` is an https address."""
    argon2_time_cost: int = Field(default=3, ge=1, le=20)
    """Passes of Argon2id over its memory for one password."""
    argon2_memory_kib: int = Field(default=65536, ge=8192, le=4194304)
    """Memory of Argon2id for one password, in KiB."""
    argon2_parallelism: int = Field(default=2, ge=1, le=16)
    """Lanes of Argon2id for one password."""

    @property
    def embedded(self) -> bool:
        """Whether both the database and Redis are our own."""
        return self.database_url is None and self.redis_url is None

    @property
    def database_connections(self) -> int:
        """Connections to PostgreSQL that the web workers and one job worker may open together."""
        per_process = self.database_pool_size + self.database_autocommit_pool_size
        return per_process * (self.workers + 1) + JOB_QUEUE_CONNECTIONS

    @property
    def sends_mail(self) -> bool:
        """Whether mail can be sent: to where, and from whom, are both known."""
        return self.smtp_url is not None and (self.mail_sender or self.contact_email) is not None

    @property
    def confirms_addresses(self) -> bool:
        """Whether accounts and addresses are confirmed by a link that is mailed: by default wherever one can be."""
        return self.confirm_addresses and self.sends_mail and self.base_url is not None

    @property
    def reviews_new_projects(self) -> bool:
        """Whether an administrator looks at the first project of an owner."""
        return self.new_projects == "review" if self.new_projects is not None else self.base_url is not None

    @property
    def cookies_secure(self) -> bool:
        """Whether cookies are for HTTPS only."""
        if self.secure_cookies is not None:
            return self.secure_cookies
        return (self.base_url or "").startswith("https://")

    @property
    def cross_site_cookies(self) -> bool:
        """Whether cookies are sent along for pages of other sites: front ends there are trusted, and it is by TLS."""
        return bool(self.cors_origins) and self.cookies_secure

    def key(self, purpose: str, length: int = 32) -> bytes:
        """The key for one purpose: nothing about it, or about the secret, follows from the key of another."""
        if not self.secret_key:
            raise ValueError("settings without a secret key derive no keys: use load_settings")
        return _derived(self.secret_key, purpose, length)

    def cipher(self, purpose: str) -> Fernet:
        """What encrypts for one purpose, so that nobody can read or change it, and says when it did."""
        return Fernet(urlsafe_b64encode(self.key(purpose)))

    @field_validator(
        "pro_features",
        "leaderboards",
        "registration_domains",
        "cors_origins",
        mode="before",
    )
    @classmethod
    def _features(cls, value: object) -> object:
        return comma_list(value)

    @field_validator("outbound_allow", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        parts = comma_list(value)
        try:
            return tuple(ip_network(part) for part in parts)
        except ValueError as error:
            raise ValueError(f"{error}; a network is written as 10.0.0.0/8") from None

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("registration_domains")
    @classmethod
    def _small_letters(cls, value: frozenset[str]) -> frozenset[str]:
        return frozenset(one.casefold().lstrip("@") for one in value)

    @field_validator("database_url", "pooler_url")
    @classmethod
    def _postgresql_only(cls, value: str | None) -> str | None:
        if value is None:
            return None
        scheme, separator, rest = value.partition("://")
        if not separator or not rest or scheme not in ("postgresql", "postgres"):
            raise ValueError("must be a PostgreSQL address: postgresql://user:password@host:5432/name")
        return f"postgresql://{rest}"

    @field_validator("redis_url")
    @classmethod
    def _redis_only(cls, value: str | None) -> str | None:
        if value is not None and urlsplit(value).scheme not in ("redis", "rediss", "unix"):
            raise ValueError("must be a Redis address: redis://:password@host:6379/0, rediss://… or unix:///path")
        return value

    @field_validator("base_url")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError("must be the site's address without a path: https://bees.org")
        return f"{parts.scheme}://{parts.netloc}"

    @field_validator("cors_origins")
    @classmethod
    def _front_ends(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_origin(text) for text in value)

    @field_validator("guest_url")
    @classmethod
    def _guest_hosts(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        place, _, domain = parts.netloc.partition(".")
        extra = parts.path.strip("/") or parts.query or parts.fragment
        if parts.scheme not in ("http", "https") or place != PROJECT_PLACE or not domain or extra:
            raise ValueError(f"must be an address whose host begins with {PROJECT_PLACE}.: {GUEST_URL_EXAMPLE}")
        return f"{parts.scheme}://{parts.netloc.lower()}"

    @field_validator("s3_bucket")
    @classmethod
    def _bucket_name(cls, value: str | None) -> str | None:
        if value is not None and not BUCKET.fullmatch(value):
            raise ValueError("must be the name of a bucket alone: 3 to 63 letters, digits, dots and hyphens")
        return value

    @field_validator("s3_endpoint")
    @classmethod
    def _store_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        extra = parts.path.strip("/") or parts.query or parts.fragment or parts.username
        if parts.scheme not in ("http", "https") or not parts.hostname or extra:
            raise ValueError("must be the store's address without bucket and key: https://s3.example.org")
        return f"{parts.scheme}://{parts.netloc}"

    @field_validator("s3_prefix")
    @classmethod
    def _folders(cls, value: str | None) -> str | None:
        folders = (value or "").strip("/")
        if folders and not BUCKET_FOLDERS.fullmatch(folders):
            raise ValueError("must be names of letters, digits, dots and hyphens with slashes between: workbee/uploads")
        return folders or None

    @field_validator("contact_email", "mail_sender")
    @classmethod
    def _mailbox(cls, value: str | None) -> str | None:
        name, _, domain = (value or "").rpartition("@")
        if value is not None and (not name or not domain or any(character.isspace() for character in value)):
            raise ValueError("must be an e-mail address")
        return value

    @field_validator("pro_features")
    @classmethod
    def _known_features(cls, value: frozenset[str]) -> frozenset[str]:
        if unknown := sorted(value - PRO_FEATURES):
            raise ValueError(f"there is no {', '.join(unknown)}; the features are {', '.join(sorted(PRO_FEATURES))}")
        return value

    @field_validator("secret_key")
    @classmethod
    def _random_secret(cls, value: str) -> str:
        if value and (weakness := secret_weakness(value)):
            raise ValueError(f'{weakness}; draw one: python -c "import secrets; print(secrets.token_urlsafe(48))"')
        return value


def secret_weakness(value: str) -> str | None:
    """Why this is no secret key, or None."""
    if len(value) < SECRET_MIN_LENGTH:
        return f"is too short, {len(value)} characters of at least {SECRET_MIN_LENGTH}"
    if len(set(value)) < SECRET_MIN_DISTINCT:
        return "is not random: it repeats a few characters"
    if any(word in value.lower() for word in SAMPLE_WORDS):
        return "looks like a sample from a manual"
    return None


def load_settings(**overrides: Any) -> Settings:
    """The settings of this process: the overrides that are not None, then the environment, then the defaults."""
    given = {name: value for name, value in overrides.items() if value is not None}
    reasons = dict(_unknown_variables())
    try:
        settings = Settings(**given)
    except ValidationError as error:
        reasons |= {_variable(detail): reason_of(detail) for detail in error.errors(include_url=False)}
        raise SettingsError(reasons) from None
    if not settings.secret_key and not settings.embedded:
        reasons[f"{PREFIX}SECRET_KEY"] = "is required with an outside database or Redis: at least 32 random characters"
    if settings.pooler_url and not settings.database_url:
        reasons[f"{PREFIX}DATABASE_URL"] = f"is required with {PREFIX}POOLER_URL: jobs and migrations go there"
    if settings.smtp_url and not settings.base_url:
        reasons[f"{PREFIX}BASE_URL"] = f"is required with {PREFIX}SMTP_URL: mail has links to this site"
    if settings.two_factor and not settings.confirms_addresses:
        reasons[f"{PREFIX}SMTP_URL"] = f"is required with {PREFIX}TWO_FACTOR: codes are mailed; so is a sender"
    if reason := _guest_url_fault(settings):
        reasons[f"{PREFIX}GUEST_URL"] = reason
    if reason := _front_end_fault(settings):
        reasons[f"{PREFIX}CORS_ORIGINS"] = reason
    reasons |= dict(_lacking_for_bucket(settings))
    reasons |= dict(lacking_for_services(settings))
    if reasons:
        raise SettingsError(reasons)
    return settings if settings.secret_key else settings.model_copy(update={"secret_key": _kept_secret(settings)})


def doubts(settings: Settings) -> list[str]:
    """What the log says at start: settings with which a site starts, and does not do all that is meant."""
    found = []
    if settings.trusted_proxies and settings.base_url is None:
        found.append(
            f"{PREFIX}TRUSTED_PROXIES without {PREFIX}BASE_URL: links and presenters' hosts follow the Host that the "
            "proxy sends on, and cookies are not for HTTPS only"
        )
    if settings.cors_origins and not settings.cookies_secure:
        found.append(
            f"{PREFIX}CORS_ORIGINS without an https {PREFIX}BASE_URL: browsers send cookies along for front ends at "
            "this same host alone"
        )
    return found


def _guest_url_fault(settings: Settings) -> str | None:
    """Why presenters must not run on these hosts; None if they may.

    A host of the same site sends our cookies with what it posts and may set cookies for us; so does another port.
    """
    if settings.guest_url is None:
        return None
    if settings.base_url is None:
        return f"requires {PREFIX}BASE_URL: presenters are shown on pages of that address alone"
    site, guests = urlsplit(settings.base_url), urlsplit(settings.guest_url)
    if site.scheme != guests.scheme:
        return f"must have the scheme of {PREFIX}BASE_URL, {site.scheme}"
    own, other = (_registrable_domain(parts.hostname or "") for parts in (site, guests))
    if own == other:
        return f"must be below another registrable domain than {PREFIX}BASE_URL's, {own}"
    return None


def _origin(text: str) -> str:
    """The origin as browsers write it. Raises ValueError for what is none."""
    fault = ValueError(f"{text!r} is no origin: each is written as https://app.bees.org, without a path or *")
    try:
        parts = urlsplit(text)
        port, host = parts.port, (parts.hostname or "").encode("idna").decode()
    except ValueError:
        raise fault from None
    extra = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in DEFAULT_PORTS or not ORIGIN_HOST.fullmatch(host) or extra:
        raise fault
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port not in (None, DEFAULT_PORTS[parts.scheme]) else "")


def _front_end_fault(settings: Settings) -> str | None:
    """Why one of these front ends must not come with cookies; None if all may."""
    guests = urlsplit(settings.guest_url or "").netloc.removeprefix(PROJECT_PLACE)
    for origin in settings.cors_origins:
        parts = urlsplit(origin)
        host = parts.hostname or ""
        if (guests and parts.netloc.endswith(guests)) or host.endswith(".localhost"):
            return f"{origin} may be a presenter's host, which is a stranger's"
        if settings.cookies_secure and parts.scheme == "http" and not is_loopback(host):
            return f"{origin} must be https, as the site is: whoever is on its line could come in its name"
    return None


def _registrable_domain(host: str) -> str:
    """What a host shares cookies with: its public suffix and the label before it; an address stands for itself.
    The place of the project is a label like any other."""
    name = host.replace(PROJECT_PLACE, "p")
    try:
        ip_address(name.removeprefix("p."))
    except ValueError:
        return str(PublicSuffixList().privatesuffix(name) or name)
    return name.removeprefix("p.")


def _lacking_for_bucket(settings: Settings) -> Iterator[tuple[str, str]]:
    """A setting of the bucket without those that it goes with would be without effect, unseen."""
    given = sorted(name for name in settings.model_fields_set if name.startswith("s3_") and getattr(settings, name))
    if given and not settings.s3_bucket:
        yield f"{PREFIX}S3_BUCKET", f"is required with {PREFIX}{given[0].upper()}"
    for name, other in (("s3_key_id", "s3_secret_key"), ("s3_secret_key", "s3_key_id")):
        if getattr(settings, other) and not getattr(settings, name):
            yield PREFIX + name.upper(), f"is required with {PREFIX}{other.upper()}"
    if settings.s3_endpoint and not settings.s3_key_id:
        yield (
            f"{PREFIX}S3_KEY_ID",
            f"is required with {PREFIX}S3_ENDPOINT: only Amazon's machines have keys of their own",
        )


def environment(settings: Settings) -> dict[str, str]:
    """The environment for a child process that is to have the same settings."""
    own = {name: value for name, value in os.environ.items() if not name.upper().startswith(PREFIX)}
    values = {name: getattr(settings, name) for name in settings.model_fields_set}
    return own | {PREFIX + name.upper(): _text(value) for name, value in values.items() if value is not None}


def _text(value: object) -> str:
    if isinstance(value, dict):
        return TypeAdapter(dict[str, str]).dump_json(value).decode()
    if isinstance(value, tuple) and value and isinstance(value[0], OidcProvider):
        return TypeAdapter(tuple[OidcProvider, ...]).dump_json(value).decode()
    if isinstance(value, (tuple, frozenset)):
        return ",".join(str(part) for part in value) or "none"
    return str(value)


def _unknown_variables() -> Iterator[tuple[str, str]]:
    """A misspelt variable would silently leave its default in force, so it is an error."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name.upper() not in known:
            close = difflib.get_close_matches(name, known, n=1)
            yield name, f"there is no such setting; did you mean {close[0]}?" if close else "there is no such setting"


def _variable(detail: ErrorDetails) -> str:
    return PREFIX + str(detail["loc"][0]).upper() if detail["loc"] else "settings"


def _kept_secret(settings: Settings) -> str:
    """The secret in the data folder, made at the first start. Two first starts at once end up with one secret."""
    path = settings.data_dir / SECRET_FILE
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _write_once(path, secrets.token_urlsafe(48))
        secret = path.read_text().strip()
    except OSError as error:
        raise SettingsError({f"{PREFIX}DATA_DIR": f"{settings.data_dir} cannot be used: {error.strerror}"}) from None
    if weakness := secret_weakness(secret):
        raise SettingsError({f"{PREFIX}SECRET_KEY": f"the one kept in {path} {weakness}"})
    return secret


def _write_once(path: Path, text: str) -> None:
    """The file appears whole or not at all, readable by its owner only; one that is there already stays."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, text.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
