"""An LDAP directory by which people sign in: looked up by what they call themselves, and bound as with their password.

By `bonsai`, on OpenLDAP's own library, which takes a compiler to install: only sites with a directory have it. It
waits, so it runs in a thread. Each of its steps has a time-out.
"""

import asyncio
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from webapp.config import Settings
from webapp.errors import WorkbeeError
from webapp.integrations.providers import ProviderIdentity

bonsai: Any
try:
    bonsai = import_module("bonsai")
except ImportError:
    bonsai = None
    """The settings refuse a directory then."""

PROVIDER = "ldap"
TIMEOUT_S = 5.0
"""How long the directory may be silent, at each step."""
MOST_FOUND = 2
"""One is looked for; if there are more, nobody knows who is meant."""
LONGEST_VALUE = 254


class DirectoryUnavailable(WorkbeeError):
    """The directory could not be asked, or does not let this site look people up."""

    status = 502
    message = "The directory does not answer: try again later."


@dataclass(frozen=True, slots=True)
class _Entry:
    dn: str
    values: dict[str, str]


class Directory:
    """The directory of the settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        parts = urlsplit(settings.ldap_host or "")
        self._starts_tls = parts.scheme == "ldap"
        scheme = "ldaps" if parts.scheme == "ldaps" else "ldap"
        self._url = f"{scheme}://{parts.netloc}"

    async def find(self, name: str, password: str) -> ProviderIdentity | None:
        """Whose name and password these are, or None. Raises DirectoryUnavailable."""
        # A bind without a password is one as nobody, which directories accept; the library ends texts at a NUL.
        if not name or not password or "\x00" in name + password:
            return None
        return await asyncio.to_thread(self._find, name, password)

    def _find(self, name: str, password: str) -> ProviderIdentity | None:
        try:
            entry = self._look_up(name)
            return self._known(entry) if entry is not None and self._is_right(entry, password) else None
        except (bonsai.LDAPError, OSError, ValueError) as error:
            raise DirectoryUnavailable from error

    def _connection(self, user: str | None, password: str | None) -> Any:
        """Bound as this user. Raises LDAPError."""
        client = bonsai.LDAPClient(self._url, tls=self._starts_tls)
        client.set_cert_policy("demand")
        client.set_ignore_referrals(True)
        if user:
            client.set_credentials("SIMPLE", user=user, password=password or "")
        return client.connect(timeout=TIMEOUT_S)

    def _look_up(self, name: str) -> _Entry | None:
        settings = self._settings
        fields = {settings.ldap_user_filter_field, settings.ldap_objects_dn, *settings.ldap_pybossa_fields.values()}
        with self._connection(settings.ldap_username, settings.ldap_password) as connection:
            try:
                found = connection.search(
                    settings.ldap_base_dn,
                    bonsai.LDAPSearchScope.SUBTREE,
                    settings.ldap_filter.replace("%s", bonsai.escape_filter_exp(name)),
                    sorted(fields - {"dn"}),
                    timeout=TIMEOUT_S,
                    sizelimit=MOST_FOUND,
                )
            except bonsai.SizeLimitError:
                return None
        if len(found) != 1:
            return None
        [entry] = found
        values = {field.lower(): _text(entry.get(field, [])) for field in fields - {"dn"}}
        return _Entry(values.get(settings.ldap_objects_dn.lower()) or str(entry.dn), values)

    def _is_right(self, entry: _Entry, password: str) -> bool:
        try:
            self._connection(entry.dn, password).close()
        except (bonsai.AuthenticationError, bonsai.UnwillingToPerform, bonsai.PasswordPolicyError):
            return False
        return True

    def _known(self, entry: _Entry) -> ProviderIdentity | None:
        settings = self._settings
        subject = entry.values.get(settings.ldap_user_filter_field.lower(), "")
        if not subject:
            return None
        said = {ours: entry.values.get(theirs.lower(), "") for ours, theirs in settings.ldap_pybossa_fields.items()}
        email = said.get("email_addr", "") if "@" in said.get("email_addr", "") else ""
        return ProviderIdentity(
            provider=PROVIDER,
            subject=subject,
            name=said.get("fullname", ""),
            username=said.get("name", ""),
            email=email,
            email_verified=bool(email),
        )


def _text(values: list[Any]) -> str:
    """The first value of an attribute; "" for what is no text."""
    first = values[0] if values else ""
    return first.replace("\x00", "").strip()[:LONGEST_VALUE] if isinstance(first, str) else ""
