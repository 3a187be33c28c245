"""JSON documents of other servers."""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

from db import json
from webapp.errors import Invalid
from webapp.i18n import gettext as _
from webapp.integrations.outbound import Outbound, OutboundError, unpacked

LARGEST = 64 * 1024 * 1024
LONGEST_S = 120
NONE: Mapping[str, str] = {}


class NoPermission(Invalid):
    """The other server shows this to others, or to nobody."""


async def fetch_json(outbound: Outbound, address: str, *, called: str = "", headers: Mapping[str, str] = NONE) -> Any:
    """The JSON at this address, which is `called` otherwise where it has a key in it. Raises Invalid for what is none,
    or too large; OutboundError where the server does not answer, which may pass."""
    content = await fetch_document(outbound, address, headers)
    try:
        return await asyncio.to_thread(json.loads, content)
    except ValueError as error:
        raise Invalid("file", _("There is no JSON at %(address)s.", address=called or address)) from error


async def fetch_document(outbound: Outbound, address: str, headers: Mapping[str, str] = NONE) -> bytes:
    """What is at this address. Raises as `fetch_json`."""
    try:
        async with asyncio.timeout(LONGEST_S):
            return await _fetch(outbound, address, headers)
    except TimeoutError as error:
        raise OutboundError(_("The other server took too long to answer.")) from error


async def _fetch(outbound: Outbound, address: str, headers: Mapping[str, str]) -> bytes:
    content = bytearray()
    async with outbound.stream(address, headers) as response:
        if response.status_code in (401, 403):
            raise NoPermission("file", _("Oops! It looks like you don't have permission to access that file"))
        if response.status_code == 429 or response.status_code >= 500:
            raise OutboundError(_("The other server answers with %(status)s.", status=response.status_code))
        if response.status_code != 200:
            told = _("There is no file at this address: it answers with %(status)s.", status=response.status_code)
            raise Invalid("file", told)
        async with aclosing(unpacked(response)) as pieces:
            async for piece in pieces:
                content += piece
                if len(content) > LARGEST:
                    raise Invalid("file", _("The document at this address is larger than 64 MiB."))
    return bytes(content)
