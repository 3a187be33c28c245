"""Posts at X, which was Twitter: a task for each of an account's (`@name`), or of those that a search finds, by version
2 of its API and with the owner's own bearer token."""

import re
from collections.abc import AsyncGenerator, Mapping
from typing import Any
from urllib.parse import urlencode

from webapp.errors import Invalid
from webapp.i18n import gettext as _
from webapp.integrations.outbound import OutboundError
from webapp.services.importing.records.access import Access
from webapp.services.importing.records.documents import fetch_json

API = "https://api.x.com/2"
NAME = re.compile(r"@(\w{1,15})")
DEFAULT = 200
MOST = 3200
"""As many as X gives of an account."""
FEWEST_A_PAGE, MOST_A_PAGE = 10, 100
TOKEN = re.compile(r"[\x21-\x7e]{1,2000}")
FIELDS = {
    "tweet.fields": "attachments,author_id,conversation_id,created_at,entities,geo,id,in_reply_to_user_id,lang,"
    "possibly_sensitive,public_metrics,referenced_tweets,source,text",
    "expansions": "author_id",
    "user.fields": "username",
}


async def infos(access: Access, values: Mapping[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
    """The latest `max_tweets` posts of `source`; those after `last_id` alone, where there is one. Raises Invalid, and
    OutboundError where X does not answer, or wants to be asked less."""
    source, left = str(values["source"]).strip(), _number(values.get("max_tweets"))
    token = access.unseal(str(values.get("user_credentials") or "")).strip()
    if not TOKEN.fullmatch(token):
        raise Invalid("user_credentials", _("You must provide a bearer token of X."))
    headers = {"Authorization": f"Bearer {token}"}
    since = str(values.get("last_id") or "")
    asked = FIELDS | ({"since_id": since} if since.isdecimal() else {})
    name = NAME.fullmatch(source)
    if name is not None:
        found = await fetch_json(access.outbound, f"{API}/users/by/username/{name[1]}", headers=headers)
        address, following = f"{API}/users/{_id_of(found)}/tweets", "pagination_token"
    else:
        address, following = f"{API}/tweets/search/recent", "next_token"
        asked |= {"query": f"({source}) -is:retweet"}
    while left > 0:
        size = min(MOST_A_PAGE, max(FEWEST_A_PAGE, left))
        query = urlencode(asked | {"max_results": str(size)})
        page = await fetch_json(access.outbound, f"{address}?{query}", headers=headers)
        posts, after = _read(page)
        for post in posts[:left]:
            yield post
        left -= len(posts)
        if not after or not posts:
            return
        asked = asked | {following: after}


def last_id(records: list[dict[str, Any]], before: str = "") -> str:
    """The greatest id of these posts, from where the next import goes on."""
    ids = [str(one.get("id", "")) for one in records]
    return max((one for one in (*ids, before) if one.isdecimal()), key=int, default="")


def _number(given: object) -> int:
    text = str(given or "").strip()
    if not text:
        return DEFAULT
    if not text.isdecimal() or not 1 <= int(text[:6]) <= MOST:
        raise Invalid("max_tweets", _("This must be a number between 1 and 3,200."))
    return int(text)


def _id_of(found: Any) -> str:
    data = found.get("data") if isinstance(found, dict) else None
    number = str(data.get("id", "")) if isinstance(data, dict) else ""
    if not number.isdecimal():
        raise Invalid("source", _("There is no such account at X."))
    return number


def _read(page: Any) -> tuple[list[dict[str, Any]], str]:
    """The posts of a page, each with the name of its account, and the token of the next page, "" for the last."""
    try:
        if page.get("errors") and "data" not in page and page.get("meta") is None:
            detail = str(page["errors"][0].get("detail") or page["errors"][0].get("message") or "")[:200]
            raise OutboundError(_("X says: %(told)s", told=detail))
        users = page.get("includes", {}).get("users", [])
        names = {str(one["id"]): one["username"] for one in users}
        posts = [
            post | {"user_screen_name": names.get(str(post.get("author_id")), "")} for post in page.get("data", [])
        ]
        return posts, str(page.get("meta", {}).get("next_token") or "")
    except (AttributeError, KeyError, IndexError, TypeError) as error:
        raise Invalid("source", _("The answer of X cannot be read.")) from error
