"""What sources of records are asked with: the way out, the site's own keys, and the box that owners' secrets are kept
in, so that no row, page or log has them in clear."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.fernet import Fernet, InvalidToken

from db import json
from webapp.config import Settings
from webapp.errors import Invalid
from webapp.i18n import gettext as _
from webapp.integrations.outbound import Outbound

KEYS = {"flickr": "WORKBEE_FLICKR_API_KEY", "youtube": "WORKBEE_YOUTUBE_API_KEY"}
"""Sources for which the site needs a key, and the setting for it."""


@dataclass(frozen=True)
class Access:
    """How an import reaches its source."""

    outbound: Outbound
    site_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    """By the names of the sources that need one."""
    box: Fernet | None = field(default=None, repr=False)

    @classmethod
    def of(cls, outbound: Outbound, settings: Settings) -> "Access":
        box = settings.cipher("import secrets")
        return cls(outbound, site_keys(settings), box)

    def site_key(self, kind: str) -> str:
        """The site's key for this source. Raises Invalid where there is none."""
        if kind not in self.site_keys:
            raise Invalid("file", _("This site has no key for this source: its administrators can get one."))
        return self.site_keys[kind]

    def seal(self, text: str, project_id: int) -> str:
        """The secret of an owner, for this project's imports alone; "" for none."""
        if not text or self.box is None:
            return ""
        return self.box.encrypt(json.dumps({"project": project_id, "text": text})).decode()

    def unseal(self, sealed: str, project_id: int | None = None) -> str:
        """The secret, "" for none. Raises Invalid for one that is of another project or of another site."""
        if not sealed or self.box is None:
            return ""
        try:
            found = json.loads(self.box.decrypt(sealed))
        except (InvalidToken, ValueError):
            found = None
        if not isinstance(found, dict) or project_id not in (None, found["project"]):
            raise Invalid("file", _("Please write the secret again."))
        return str(found["text"])


def site_keys(settings: Settings) -> dict[str, str]:
    """The keys that this site has, by the names of the sources they are for."""
    found = {"flickr": settings.flickr_api_key, "youtube": settings.youtube_api_key}
    return {kind: key for kind, key in found.items() if key}


def lacking_keys(settings: Settings) -> dict[str, str]:
    """The sources for which this site has no key, and the setting for it."""
    return {kind: setting for kind, setting in KEYS.items() if kind not in site_keys(settings)}
