"""Any failure, in the shape its caller expects: the API's envelope, JSON of the page, a fragment or the full page."""

import logging
from contextlib import suppress
from typing import Any

from quart import Quart, Response, request
from quart_auth import current_user
from werkzeug.exceptions import HTTPException

from db import errors as db_errors
from webapp import errors
from webapp.http.app_services import current_services
from webapp.http.application import current_request
from webapp.http.body import wants_json
from webapp.http.flash import flash
from webapp.http.locale import choose_locale
from webapp.http.observe import PROBES
from webapp.http.respond import address_of, html, json_response, last_flash, redirect
from webapp.http.security import frames
from webapp.http.security.auth import SignInFirst, current_actor, identify
from webapp.i18n import gettext as _
from webapp.urls import with_next
from webapp.viewmodels.page import ErrorPage

log = logging.getLogger(__name__)

LONGEST_MESSAGE = 500
"""Messages name what was sent; nobody needs all of it back."""
API_FUNCTIONS = {
    "newtask": ("NEW_TASK", "project"),
    "sso": ("GET", "DISQUS_SSO"),
    "userprogress": ("USER_PROGRESS", None),
    "token": ("AUTH_JWT_PROJECT", None),
}


def public_error(error: Exception) -> errors.WorkbeeError:
    """The error of our tree that stands for this one; what is in no tree is a bug, and says nothing of itself."""
    if isinstance(error, errors.WorkbeeError):
        return error
    if isinstance(error, db_errors.DatabaseError):
        return from_database(error)
    if isinstance(error, HTTPException):
        return _from_werkzeug(error)
    log.error("unexpected failure at %s %s", request.method, request.path, exc_info=error)
    return errors.WorkbeeError()


def from_database(error: db_errors.DatabaseError) -> errors.WorkbeeError:
    """One table from what the database says to what the caller may read."""
    if isinstance(error, db_errors.NotFound):
        return errors.NotFound()
    if isinstance(error, db_errors.Duplicate):
        return errors.UnsupportedMedia(_without_values(error), kind="DBIntegrityError")
    if isinstance(error, db_errors.InUse):
        return errors.UnsupportedMedia(_without_values(error), kind="DBIntegrityError")
    if isinstance(error, db_errors.InvalidValue):
        kind = "DBIntegrityError" if error.integrity else "DataError"
        return errors.UnsupportedMedia(_without_values(error), kind=kind)
    if isinstance(error, db_errors.StatementTimeout):
        return errors.SearchTooExpensive()
    if isinstance(error, db_errors.ResultTooLarge):
        fewer = "fewer at once" if error.n_rows is None else f"fewer at once (limit={error.n_rows})"
        return errors.TooLarge(f"These rows are too much for one answer: ask for {fewer}.")
    if isinstance(error, db_errors.ListTooLong):
        narrower = "Narrow it, for instance by project_id, or order it by id."
        return errors.TooLarge(f"More than {error.most:,} rows would be sorted by {error.column}. {narrower}")
    if isinstance(error, db_errors.TransientError | db_errors.DatabaseUnavailable):
        kind, cause = type(error).__name__, type(error.__cause__).__name__
        log.warning("the database could not be used at %s: %s (%s)", request.path, kind, cause)
        return errors.Unavailable()
    log.error("unexpected database failure at %s", request.path, exc_info=error)
    return errors.WorkbeeError()


def _without_values(error: db_errors.DatabaseError) -> str:
    """The first line of PostgreSQL's message; its details may show the whole row, secrets included."""
    return str(error).partition("\n")[0]


def _from_werkzeug(error: HTTPException) -> errors.WorkbeeError:
    known: dict[int, type[errors.WorkbeeError]] = {
        400: errors.BadRequest,
        404: errors.NotFound,
        405: errors.MethodNotAllowed,
        408: errors.TooSlow,
        413: errors.TooLarge,
        414: errors.QueryTooLong,
        415: errors.UnsupportedMedia,
        416: errors.NoSuchRange,
        429: errors.TooManyRequests,
    }
    code = error.code or 500
    return known.get(code, errors.BadRequest if code < 500 else errors.WorkbeeError)()


async def answer(error: Exception) -> Response:
    """The response to any failure."""
    if isinstance(error, HTTPException) and error.code is not None and error.code < 400:
        return Response(b"", error.code, headers=dict(error.get_headers()))
    if isinstance(error, SignInFirst):
        return await _to_sign_in()
    shown = public_error(error)
    response = await _in_shape(shown)
    if shown.retry_after is not None:
        response.headers["Retry-After"] = str(shown.retry_after)
    return response


async def _in_shape(shown: errors.WorkbeeError) -> Response:
    """The failure as its caller expects it."""
    if request.path.startswith(("/api", *PROBES)):
        return envelope(shown)
    if frames.is_framed(current_request()):
        return _in_frame(shown)
    if wants_json(current_request()):
        body = ErrorPage(code=shown.status, description=shown.message).to_json()
        return json_response(body | last_flash(), shown.status)
    # Where no route ran, nobody has chosen the language yet.
    choose_locale(current_services().settings)
    if shown.status < 500:
        await _see_who_asks()
    return html(current_services(), error_page(shown))


def _in_frame(error: errors.WorkbeeError) -> Response:
    """What a frame shows where a presenter's document does not come: its page around is asked to open it anew, with a
    ticket, where only that was missing."""
    method = "reopen" if error.status in (401, 403) else "none"
    return frames.relay(current_services(), current_request(), method, error.status)


async def _see_who_asks() -> None:
    """An address that leads nowhere is met before anybody is identified; whoever is signed in should still see so."""
    if current_actor() is not None or not current_user.auth_id:
        return
    asking = current_request()
    with suppress(db_errors.DatabaseError, errors.Unauthorized):
        asking.actor = await identify(current_services(), asking, cached=True)


async def _to_sign_in() -> Response:
    await flash(_("Please sign in to access this page."), "message")
    return redirect(with_next("/account/signin", address_of(current_request())), reload=True)


def error_page(error: errors.WorkbeeError) -> ErrorPage:
    titles = {
        400: _("That did not work"),
        401: _("Sign in first"),
        403: _("Not for you"),
        404: _("Nothing here"),
        405: _("Not this way"),
        429: _("A little slower, please"),
        503: _("Back in a moment"),
    }
    page = ErrorPage(
        code=error.status, title=titles.get(error.status, _("Something broke")), description=_(error.message)
    )
    if isinstance(error, errors.NotReady):
        page.title, page.fix_url = _("Not yet"), error.fix_url
    return page


def envelope(error: errors.WorkbeeError) -> Response:
    """The error envelope of the API (docs/contract/api.md 1.8)."""
    action, target = _action_and_target(error)
    message = f"404 Not Found: {error.message}" if error.status == 404 else error.message
    body: dict[str, Any] = {
        "action": action,
        "status": "failed",
        "status_code": error.status,
        "target": target,
        "exception_cls": getattr(error, "kind", type(error).__name__),
        "exception_msg": message[:LONGEST_MESSAGE],
    }
    if isinstance(error, errors.MalformedJson):
        # The original answers this one as it does for pages, before the API is reached.
        body |= {"code": error.status, "description": error.message, "template": f"{error.status}.html"}
    if isinstance(error, errors.RowsRefused):
        body |= error.report
    return json_response(body, error.status)


def _action_and_target(error: errors.WorkbeeError) -> tuple[str, str]:
    parts = request.path.strip("/").split("/")
    resource = parts[1] if len(parts) > 1 else "api"
    function = API_FUNCTIONS.get(parts[-1]) if request.url_rule is not None and parts[1:2] != ["token"] else None
    if isinstance(error, errors.TooManyRequests):
        return (function[0] if function else request.method), request.path
    if function:
        return function[0] if function[1] is None else request.method, function[1] or request.path
    # The original names this one verb otherwise where it is not allowed (docs/contract/api.md 1.8).
    refused = isinstance(error, errors.MethodNotAllowed) and request.method == "DELETE"
    return "DEL" if refused else request.method, "task" if resource == "favorites" else resource


def init_app(app: Quart) -> None:
    app.register_error_handler(Exception, answer)
