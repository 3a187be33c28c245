"""JSONP, for the old pages that load the API by a script element (docs/contract/api.md 1.3)."""

import re

from webapp.errors import Forbidden, UnsupportedMedia
from webapp.http.json import dumps
from webapp.http.page import RequestContext
from webapp.viewmodels.page import Json, Text

FUNCTION = re.compile(r"[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*", re.ASCII)
LONGEST = 100
SCRIPT = "application/javascript"


def wrapped(ctx: RequestContext, answer: Json) -> Json | Text:
    """The answer as a call of the function that `callback` names; as it is without one.

    The comment at the start keeps the text from being taken for any other kind of file, whatever the name is.
    """
    name = ctx.args.get("callback")
    if not name:
        return answer
    is_script_of_unknown = ctx.settings.cross_site_cookies and ctx.header("Sec-Fetch-Site") is None
    if is_script_of_unknown and ctx.actor.user_id is not None and not ctx.actor.by_key:
        # Nothing says whose page has sent the cookie along, and any page may run the script.
        raise Forbidden("JSONP is not answered by cookie here.")
    if len(name) > LONGEST or not FUNCTION.fullmatch(name):
        raise UnsupportedMedia("callback is not the name of a function")
    return Text(f"/**/{name}({dumps(answer.body).decode()});", content_type=SCRIPT)
