"""A form that makes something new, sent twice, makes it once: a double click, a tap on a slow line, the browser's
own "send again".

The form carries a number of its own drawing; the same number with the same content is the same sending.
"""

from collections.abc import Awaitable, Callable
from hashlib import sha256

from db.queries.site import sent_forms
from webapp.http.request_context import RequestContext
from webapp.http.respond import Outcome
from webapp.http.security.csrf import FIELD as CSRF_FIELD
from webapp.viewmodels.page import Redirect

FIELD = "drawing"
"""The field that holds the number; forms without it are sent as often as they come."""


def _key(ctx: RequestContext) -> str:
    """Who sent what from which drawing. The session's token may be another one by the second time."""
    fields = sorted((name, str(value)) for name, value in ctx.body.items(multi=True) if name != CSRF_FIELD)
    files = sorted((name, str(file.filename)) for name, file in ctx.files.items(multi=True))
    sent = [ctx.actor.user_id, ctx.path, ctx.request.query_string.decode("latin1"), fields, files]
    return sha256(repr(sent).encode()).hexdigest()


async def run_once(ctx: RequestContext, run: Callable[[], Awaitable[Outcome]]) -> Outcome:
    """What `run` makes of the request; if the same was sent before, where that led to. Both are parts of one
    transaction: what is rolled back was not sent."""
    if not (ctx.posted and FIELD in ctx.body):
        return await run()
    key = _key(ctx)
    target = await sent_forms.begin(ctx.session, key)
    if target:
        return Redirect(target)
    outcome = await run()
    if isinstance(outcome, Redirect):
        await sent_forms.end(ctx.session, key, outcome.next)
    else:
        await sent_forms.take_back(ctx.session, key)
    return outcome
