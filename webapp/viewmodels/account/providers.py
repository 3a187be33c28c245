"""Signing in by other services."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlencode

from webapp.integrations.providers import Provider
from webapp.viewmodels.form import FormModel
from webapp.viewmodels.page import NOT_JSON, Page


@dataclass(frozen=True, slots=True)
class ProviderLink:
    """A service, as a button shows it."""

    name: str
    label: str
    address: str
    """What begins to sign in by it."""


@dataclass(kw_only=True)
class NewPersonPage(Page):
    """Somebody whom a service knows and who has no account here."""

    template: ClassVar[str] = "account/register_by_provider.html"
    form: FormModel
    provider: str
    label: str = field(metadata=NOT_JSON)
    called: str = field(metadata=NOT_JSON)
    """What the person is called there."""
    is_open: bool = field(default=True, metadata=NOT_JSON)
    known_address: str = field(default="", metadata=NOT_JSON)
    """The address that the service has verified, which is not asked for."""


@dataclass(kw_only=True)
class ProvePage(Page):
    """Somebody whom a service knows by the address of an account here."""

    template: ClassVar[str] = "account/link_by_password.html"
    form: FormModel
    provider: str
    email_addr: str
    label: str = field(metadata=NOT_JSON)
    has_password: bool = field(default=True, metadata=NOT_JSON)


@dataclass(kw_only=True)
class LinkedPage(Page):
    """What an account is linked to."""

    template: ClassVar[str] = "account/linked.html"
    form: FormModel
    linked: list[dict[str, Any]] = field(default_factory=list)
    """`provider`, `label` (what the person is called there), `created`."""
    available: list[str] = field(default_factory=list)
    """Providers that it could be linked to."""
    pending: dict[str, str] | None = None
    """Whom a service has just told of, `provider` and `label`: to be confirmed."""
    name: str = field(default="", metadata=NOT_JSON)
    fullname: str = field(default="", metadata=NOT_JSON)
    has_password: bool = field(default=True, metadata=NOT_JSON)
    labels: dict[str, str] = field(default_factory=dict, metadata=NOT_JSON)
    """Of the services, by their names."""
    links: list[ProviderLink] = field(default_factory=list, metadata=NOT_JSON)


def provider_links(providers: Mapping[str, Provider], *, target: str = "", invitation: str = "") -> list[ProviderLink]:
    """The buttons of these services; whoever signs in goes on to `target`, whoever joins does so by the invitation."""
    given = {"next": target if target != "/" else "", "invitation": invitation}
    query = urlencode({name: value for name, value in given.items() if value})
    return [
        ProviderLink(one.name, one.label, f"/account/signin/{one.name}" + (f"?{query}" if query else ""))
        for one in providers.values()
    ]
