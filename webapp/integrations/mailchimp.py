"""Mailchimp's lists (its API of version 3), for sites that keep their newsletter's readers there."""

from hashlib import md5
from typing import Any

import httpx

from webapp.config import Settings
from webapp.errors import Unavailable

PATIENCE_S = 15
EXISTS = "Member Exists"


class MailchimpFailed(Unavailable):
    """Mailchimp did not do it; trying again later may help."""

    message = "Mailchimp did not answer as it should."


def member_hash(email_addr: str) -> str:
    """By which Mailchimp knows a member."""
    return md5(email_addr.casefold().encode(), usedforsecurity=False).hexdigest()


class Mailchimp:
    """One list at Mailchimp, reached by the key of the settings."""

    def __init__(self, settings: Settings) -> None:
        key = settings.mailchimp_api_key or ""
        center = key.rpartition("-")[2]
        base = settings.mailchimp_url or f"https://{center}.api.mailchimp.com"
        self._members = f"/3.0/lists/{settings.mailchimp_list_id}/members"
        self._client = httpx.AsyncClient(base_url=base, auth=("workbee", key), timeout=PATIENCE_S)

    async def close(self) -> None:
        await self._client.aclose()

    async def subscribe(self, email_addr: str, fullname: str) -> None:
        """Have Mailchimp ask this address whether it wants the newsletter. Raises MailchimpFailed."""
        member = {"email_address": email_addr, "status": "pending", "merge_fields": {"FNAME": fullname}}
        answer = await self._call("POST", self._members, member)
        if answer.is_error and _title(answer) != EXISTS:
            raise MailchimpFailed(f"Mailchimp answered {answer.status_code}: {_title(answer)}")

    async def remove(self, email_addr: str) -> None:
        """Take this address from the list. Raises MailchimpFailed."""
        answer = await self._call("DELETE", f"{self._members}/{member_hash(email_addr)}")
        # 404: it is not there; 405: it was taken off before.
        if answer.is_error and answer.status_code not in (404, 405):
            raise MailchimpFailed(f"Mailchimp answered {answer.status_code}: {_title(answer)}")

    async def _call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        try:
            return await self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise MailchimpFailed(f"Mailchimp could not be reached ({type(error).__name__}).") from error


def _title(answer: httpx.Response) -> str:
    try:
        return str(answer.json().get("title", ""))[:200]
    except (ValueError, AttributeError):
        return ""
