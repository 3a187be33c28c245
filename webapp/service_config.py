"""Settings of the services that a site may use: where imports come from, where exports go, by what people sign in, and
mail. `webapp.config.Settings` has them among its own."""

import re
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode

from webapp.config_parsing import PREFIX, comma_list, is_loopback, reason_of

MAILCHIMP_KEY = re.compile(r"[A-Za-z0-9]+-[a-z0-9]+")
TABLES = ("image", "sound", "video", "map", "pdf")
"""To start tasks from."""

LDAP_SCHEMES = ("ldap", "ldaps", "ldap+plain")
SMTP_SCHEMES = ("smtp", "smtps", "smtp+plain")

LDAP_FIELDS = frozenset(("fullname", "name", "email_addr"))
LDAP_FILTERS = {
    "openldap": "(&(objectClass=inetOrgPerson)(cn=%s))",
    "active directory": "(&(objectClass=person)(userPrincipalName=%s))",
}
PROVIDER_KEYS = {
    "google": ("google_client_id", "google_client_secret"),
    "facebook": ("facebook_app_id", "facebook_app_secret"),
    "twitter": ("twitter_consumer_key", "twitter_consumer_secret"),
    "github": ("github_client_id", "github_client_secret"),
    "orcid": ("orcid_client_id", "orcid_client_secret"),
}
"""Services by which people may sign in, with the settings of their id and secret."""
PROVIDER_NAME = r"^[a-z][a-z0-9-]{0,29}$"


class OidcProvider(BaseModel):
    """A service that speaks OpenID Connect, by which people may sign in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=PROVIDER_NAME)
    """Part of the address that the service sends people back to; it stays, since accounts are linked by it."""
    label: str = Field(default="", max_length=40)
    """What people read on the button; by default the name."""
    issuer: str
    """Its address, below which `/.well-known/openid-configuration` is."""
    client_id: str = Field(min_length=1)
    client_secret: str = Field(default="", repr=False)
    """Empty for a public client, which PKCE alone protects."""
    scope: str = "openid profile email"

    @field_validator("name")
    @classmethod
    def _own_name(cls, value: str) -> str:
        if value in PROVIDER_KEYS or value == "link":
            raise ValueError(f"{value} is the name of another way to sign in")
        return value

    @field_validator("issuer")
    @classmethod
    def _safe_address(cls, value: str) -> str:
        parts = urlsplit(value)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
        if not is_safe or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("the issuer must be an https address: https://login.example.org/realms/bees")
        return value


class ServiceSettings(BaseSettings):
    """Each field is the variable `WORKBEE_` + its name in capitals."""

    # Imports
    template_tasks: Annotated[tuple[str, ...], NoDecode] = ()
    """Spreadsheets to start from in place of the tables that come along, `image=https://…`, separated by commas; the
    names are image, sound, video, map and pdf."""

    dropbox_app_key: str | None = None
    """The key of an app at Dropbox, for its chooser on the page of an import; without it owners paste shared links."""
    flickr_api_key: str | None = Field(default=None, repr=False)
    """A key for Flickr's API: without it there are no imports of albums."""
    youtube_api_key: str | None = Field(default=None, repr=False)
    """A key for YouTube's Data API: without it there are no imports of playlists."""

    # Exports elsewhere
    ckan_url: str | None = None
    """A CKAN site to which owners may export, by their own keys: `https://data.example.org`."""
    ckan_name: str = Field(default="CKAN", min_length=1, max_length=100)
    """What that site is called."""
    # Signing in by other services
    google_client_id: str | None = None
    """The id of this site at Google: people may sign in by it. Each service sends them back to
    `/account/signin/<service>/callback` of this site."""
    google_client_secret: str | None = Field(default=None, repr=False)
    """The secret of that id."""
    facebook_app_id: str | None = None
    """The id of this site's app at Facebook."""
    facebook_app_secret: str | None = Field(default=None, repr=False)
    """The secret of that app."""
    twitter_consumer_key: str | None = None
    """The API key (consumer key) of this site's app at X, formerly Twitter."""
    twitter_consumer_secret: str | None = Field(default=None, repr=False)
    """The secret of that key."""
    github_client_id: str | None = None
    """The id of this site's OAuth app at GitHub."""
    github_client_secret: str | None = Field(default=None, repr=False)
    """The secret of that app."""
    orcid_client_id: str | None = None
    """The id of this site at ORCID."""
    orcid_client_secret: str | None = Field(default=None, repr=False)
    """The secret of that id."""
    oidc_providers: Annotated[tuple[OidcProvider, ...], NoDecode] = Field(default=(), repr=False)
    """Further services that speak OpenID Connect, as a JSON list:
    `[{"name": "uni", "label": "University", "issuer": "https://login.uni.example", "client_id": "…",
    "client_secret": "…"}]`."""

    # Signing in by a directory
    ldap_host: str | None = None
    """An LDAP directory by which people sign in, in place of joining here: `ldap://host` (encrypted as soon as
    connected; a bare name is the same), `ldaps://host` (encrypted from the start) or `ldap+plain://localhost:389` (not
    encrypted)."""
    ldap_base_dn: str = ""
    """Below which entry people are, `ou=people,dc=bees,dc=org`."""
    ldap_username: str | None = None
    """The entry as which people are looked up, `cn=reader,dc=bees,dc=org`; without it as nobody."""
    ldap_password: str | None = Field(default=None, repr=False)
    """The password of that entry."""
    ldap_openldap: bool = True
    """Whether it is OpenLDAP, or Active Directory: what `ldap_user_object_filter` is by default."""
    ldap_objects_dn: str = Field(default="dn", min_length=1, max_length=60)
    """The attribute that holds an entry's own name; `dn` takes the name that the directory gives it."""
    ldap_user_object_filter: str | None = None
    """What finds somebody by what they typed, `%s`: `(&(objectClass=inetOrgPerson)(uid=%s))`. By default
    `(&(objectClass=inetOrgPerson)(cn=%s))`, or `(&(objectClass=person)(userPrincipalName=%s))`."""
    ldap_user_filter_field: str = Field(default="cn", min_length=1, max_length=60)
    """The attribute by which somebody is known for good."""
    ldap_pybossa_fields: Annotated[dict[str, str], NoDecode] = {
        "fullname": "givenName",
        "name": "uid",
        "email_addr": "mail",
    }
    """The attributes from which accounts are made, as JSON."""

    # Mail
    smtp_url: str | None = Field(default=None, repr=False)
    """Where mail is handed in: `smtp://user:password@host:587` (encrypted as soon as connected), `smtps://…:465`
    (encrypted from the start) or `smtp+plain://localhost:25` (not encrypted). Without it no mail is sent."""
    mail_sender: str | None = None
    """The address that mail comes from; by default `contact_email`."""
    confirm_addresses: bool = True
    """Whether new accounts and changed addresses are confirmed by a link that is mailed there, where mail is sent."""
    mail_notices: bool = True
    """Whether mails are sent that nobody has asked for: posts, reports, imports, idle projects. Links for signing in,
    confirming and new passwords are sent in any case."""
    blocked_mail_domains: Annotated[frozenset[str], NoDecode] = frozenset()
    """Domains to which no mail is sent, those below them included, separated by commas: `mailinator.com`."""
    inactive_months: int = Field(default=0, ge=0, le=120)
    """After so many months without an answer the owner of an account, who has answered before and runs no project, is
    told that it is going to be removed; 0: never."""
    inactive_delete_days: int = Field(default=30, ge=7, le=3650)
    """How many days after that the account is removed, unless it has answered."""
    unpublish_idle_projects: bool = True
    """Whether published projects without any completed task that nothing has happened in for three months become
    drafts again. Only those whose owner wants mail, and so is told."""
    newsletter: Literal["off", "list", "mailchimp"] = "off"
    """Whether people are asked once if they want a newsletter, and where their addresses go: to a list that
    administrators download, or to Mailchimp."""
    mailchimp_api_key: str | None = Field(default=None, repr=False)
    """A key of Mailchimp, which ends with its data centre: `…-us21`."""
    mailchimp_list_id: str | None = None
    """The audience (list) at Mailchimp."""
    mailchimp_url: str | None = None
    """Where Mailchimp is, if not at the address that its key names."""

    @property
    def table_addresses(self) -> dict[str, str]:
        """The addresses of `template_tasks`, by name."""
        return {name: address for name, _, address in (one.partition("=") for one in self.template_tasks)}

    def blocks_mail_to(self, email_addr: str) -> bool:
        """Whether no mail is sent to this address, for its domain or one above it."""
        domain = email_addr.rpartition("@")[2].casefold().rstrip(".")
        labels = domain.split(".")
        return any(".".join(labels[n:]) in self.blocked_mail_domains for n in range(len(labels)))

    @property
    def ldap_filter(self) -> str:
        """What finds somebody in the directory; `%s` stands for what they typed."""
        if self.ldap_user_object_filter is not None:
            return self.ldap_user_object_filter
        return LDAP_FILTERS["openldap" if self.ldap_openldap else "active directory"]

    @field_validator("blocked_mail_domains", "template_tasks", mode="before")
    @classmethod
    def _lists(cls, value: object) -> object:
        return comma_list(value)

    @field_validator("blocked_mail_domains")
    @classmethod
    def _small_domains(cls, value: frozenset[str]) -> frozenset[str]:
        return frozenset(one.casefold().lstrip("@") for one in value)

    @field_validator("ldap_host")
    @classmethod
    def _directory_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        address = value if "://" in value else f"ldap://{value}"
        parts = urlsplit(address)
        extra = parts.path.strip("/") or parts.query or parts.username
        if parts.scheme not in LDAP_SCHEMES or not parts.hostname or extra:
            raise ValueError("must be a directory's address: ldaps://ldap.example.org, ldap://… or ldap+plain://…")
        return address

    @field_validator("ldap_user_object_filter")
    @classmethod
    def _one_place(cls, value: str | None) -> str | None:
        if value is not None and (value.count("%s") != 1 or not value.startswith("(") or not value.endswith(")")):
            raise ValueError("must be a filter in which %s stands once for what people type: (uid=%s)")
        return value

    @field_validator("ldap_pybossa_fields", mode="before")
    @classmethod
    def _json_object(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return TypeAdapter(dict[str, str]).validate_json(value)
        except ValidationError:
            raise ValueError('must be JSON: {"fullname": "cn", "name": "uid", "email_addr": "mail"}') from None

    @field_validator("ldap_pybossa_fields")
    @classmethod
    def _three_fields(cls, value: dict[str, str]) -> dict[str, str]:
        if set(value) != LDAP_FIELDS or not all(value.values()):
            raise ValueError(f"must have an attribute for each of {', '.join(sorted(LDAP_FIELDS))}")
        return value

    @field_validator("oidc_providers", mode="before")
    @classmethod
    def _json_list(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return TypeAdapter(tuple[OidcProvider, ...]).validate_json("[]" if value.strip() == "none" else value)
        except ValidationError as error:
            [first, *_] = error.errors(include_url=False, include_input=False)
            where = ".".join(str(part) for part in first["loc"])
            raise ValueError(f"{where + ': ' if where else ''}{reason_of(first)}") from None

    @field_validator("oidc_providers")
    @classmethod
    def _one_of_each(cls, value: tuple[OidcProvider, ...]) -> tuple[OidcProvider, ...]:
        if len({one.name for one in value}) < len(value):
            raise ValueError("two of them have the same name")
        return value

    @field_validator("ckan_url")
    @classmethod
    def _ckan_address(cls, value: str | None) -> str | None:
        if value is not None and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname):
            raise ValueError("must be the address of a CKAN site: https://data.example.org")
        return value and value.rstrip("/")

    @field_validator("template_tasks")
    @classmethod
    def _tables(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name, _, address in (one.partition("=") for one in value):
            if name not in TABLES or urlsplit(address).scheme not in ("http", "https"):
                raise ValueError(f"each is written as image=https://…, with one of the names {', '.join(TABLES)}")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, value: str | None) -> str | None:
        if value is not None and not (urlsplit(value).scheme in SMTP_SCHEMES and urlsplit(value).hostname):
            raise ValueError(
                "must be a mail server's address: smtp://user:password@host:587, smtps://… or smtp+plain://…"
            )
        return value

    @field_validator("mailchimp_url")
    @classmethod
    def _service_address(cls, value: str | None) -> str | None:
        if value is not None and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname):
            raise ValueError("must be a web address: https://us21.api.mailchimp.com")
        return value


def lacking_for_services(settings: ServiceSettings) -> Iterator[tuple[str, str]]:
    """The variables without which others of a service are without effect, and why."""
    yield from _lacking_for_newsletter(settings)
    yield from _lacking_for_providers(settings)


def _lacking_for_newsletter(settings: ServiceSettings) -> Iterator[tuple[str, str]]:
    if settings.newsletter != "mailchimp":
        return
    for name in ("mailchimp_api_key", "mailchimp_list_id"):
        if not getattr(settings, name):
            yield PREFIX + name.upper(), f"is required with {PREFIX}NEWSLETTER=mailchimp"
    if settings.mailchimp_api_key and not MAILCHIMP_KEY.fullmatch(settings.mailchimp_api_key):
        yield f"{PREFIX}MAILCHIMP_API_KEY", "must end with the data centre: …-us21"


def _lacking_for_providers(settings: ServiceSettings) -> Iterator[tuple[str, str]]:
    """Half of a key to a service would be without effect, unseen."""
    if settings.ldap_host and not settings.ldap_base_dn:
        yield f"{PREFIX}LDAP_BASE_DN", f"is required with {PREFIX}LDAP_HOST"
    if settings.ldap_host and find_spec("bonsai") is None:
        yield f"{PREFIX}LDAP_HOST", "takes a further package: pip install 'workbee[ldap]' (docs/operations.md)"
    for pair in PROVIDER_KEYS.values():
        for name, other in (pair, pair[::-1]):
            if getattr(settings, other) and not getattr(settings, name):
                yield PREFIX + name.upper(), f"is required with {PREFIX}{other.upper()}"
