"""A CKAN site, by version 3 of its action API, with an account's key."""

from typing import Any

from db import json
from webapp.errors import WorkbeeError
from webapp.integrations.outbound import Outbound, OutboundError

LARGEST_ANSWER = 4 * 1024 * 1024
LONGEST_REASON = 500
"""Characters of what the site says that are passed on."""
HTTP_BUSY = 429


class CkanRefused(WorkbeeError):
    """The site answers that it does not do this, whoever asks again; `message` says why."""

    status = 502

    def __init__(self, message: str, *, code: int) -> None:
        super().__init__(message)
        self.code = code


class Ckan:
    """Calls actions of the site at `url`."""

    def __init__(self, outbound: Outbound, url: str, key: str) -> None:
        self._outbound = outbound
        self._url = url.rstrip("/")
        self._key = key

    async def call(self, action: str, arguments: dict[str, Any]) -> Any:
        """What the action gives. Raises CkanRefused, and OutboundError for what may pass."""
        status, text = await self._outbound.post_json(
            f"{self._url}/api/3/action/{action}",
            json.dumps(arguments),
            {"Authorization": self._key},
            most=LARGEST_ANSWER,
        )
        if status == HTTP_BUSY or status >= 500:
            raise OutboundError(f"CKAN answers with {status}.")
        try:
            answer = json.loads(text)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise CkanRefused(f"CKAN answers with {status}, and no JSON.", code=status)
        if status != 200 or answer.get("success") is not True:
            raise CkanRefused(_reason(answer.get("error"), status), code=status)
        return answer.get("result")

    async def find(self, action: str, arguments: dict[str, Any]) -> Any:
        """The same; None where there is nothing like that."""
        try:
            return await self.call(action, arguments)
        except CkanRefused as error:
            if error.code == 404:
                return None
            raise


def _reason(error: Any, status: int) -> str:
    """What is wrong, by the site's own words: a message, or what it says of each field."""
    if not isinstance(error, dict):
        return f"CKAN answers with {status}."
    told = [str(error["message"])] if "message" in error else []
    told += [f"{name}: {value}" for name, value in error.items() if name not in ("message", "__type")]
    return f"CKAN says: {'; '.join(told)}"[:LONGEST_REASON]
