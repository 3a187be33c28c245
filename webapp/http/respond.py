"""A view's outcome becomes a response: JSON, a full page, an HTMX fragment or a redirect
(docs/contract/pages.md 1.1 to 1.3).

PYBOSSA's quirks of shape live here and nowhere else.
"""

from secrets import token_urlsafe
from typing import Any, Protocol
from urllib.parse import quote

from quart import Response, request, session
from werkzeug.datastructures import Headers
from werkzeug.urls import iri_to_uri

from db import json
from webapp.http import htmx
from webapp.http.app_services import AppServices
from webapp.http.application import Request, current_request
from webapp.http.body import JSON_TYPE, wants_json
from webapp.http.etags import validated
from webapp.http.flash import take_flashes
from webapp.http.json import dumps
from webapp.http.request_context import RequestContext
from webapp.http.security import csrf, headers
from webapp.http.security.auth import VOLUNTEER_COOKIE, VOLUNTEER_COOKIE_S, current_actor, volunteer_token
from webapp.http.security.cookies import set_cookie
from webapp.http.stream import Download, Events, as_download, as_events
from webapp.i18n import available_locales, current_locale, text_direction
from webapp.i18n import gettext as _
from webapp.urls import UNRESERVED
from webapp.viewmodels.form import FormModel
from webapp.viewmodels.page import Chrome, Json, Page, Redirect, Text

Outcome = Page | Redirect | Json | Text | Download | Events

HTML_TYPE = "text/html; charset=utf-8"
THEME_COOKIE = "theme"
THEMES = ("light", "dark")
MAIN_TARGET = "main"
"""The id and block that every page has: what HTMX swaps when it goes from page to page."""


class RouteLike(Protocol):
    """What the responder reads of a route."""

    @property
    def html_only(self) -> bool: ...
    @property
    def volunteer_cookie(self) -> bool: ...


async def respond(ctx: RequestContext, outcome: Outcome, route: RouteLike) -> Response:
    """The response to a view's outcome, with its headers and cookies."""
    if isinstance(outcome, Json):
        response = _json(outcome)
    elif isinstance(outcome, Text):
        response = Response(outcome.body, outcome.code, content_type=outcome.content_type)
    elif isinstance(outcome, Download):
        response = as_download(outcome)
    elif isinstance(outcome, Events):
        response = as_events(outcome)
    elif wants_json(ctx.request) and not route.html_only:
        response = _json_page(outcome)
    elif isinstance(outcome, Redirect):
        response = redirect(outcome.next, reload=outcome.reload)
    else:
        response = _html_page(ctx, outcome, route)
    if ctx.response_headers:
        response.headers.update(ctx.response_headers)
    for name, value, max_age in ctx.response_cookies:
        set_cookie(ctx.settings, ctx.request, response, name, value, max_age)
    return response


def _json(outcome: Json) -> Response:
    content = b"" if outcome.body is None else dumps(outcome.body)
    response = _of_json(content, outcome.code, outcome.headers)
    return validated(response, content) if outcome.validated else response


def json_response(body: Any, code: int = 200, extra: dict[str, str] | None = None) -> Response:
    return _of_json(b"" if body is None else dumps(body), code, extra or {})


def _of_json(content: bytes, code: int, extra: dict[str, str]) -> Response:
    return Response(content, code, {"Content-Type": JSON_TYPE} | extra)


def _json_page(outcome: Page | Redirect) -> Response:
    if isinstance(outcome, Redirect) and outcome.always_302:
        return redirect(outcome.next)
    if isinstance(outcome, Redirect):
        body: dict[str, Any] = {"next": outcome.next}
        if outcome.status is not None:
            body["status"] = outcome.status
        body |= outcome.extra
        code = 200
    else:
        body, code = outcome.to_json(), outcome.code or 200
    response = json_response(body | last_flash(), code)
    headers.vary(response)
    if isinstance(outcome, Page):
        response.headers.update(outcome.headers)
    return response


def last_flash() -> dict[str, str]:
    """The last of the waiting messages, as JSON clients read it; all of them are taken."""
    flashes = take_flashes()
    return {"flash": flashes[-1][1], "status": flashes[-1][0]} if flashes else {}


def redirect(target: str, *, reload: bool = False) -> Response:
    """Go to a path of this site, in the way that the caller can follow."""
    # Short names may be of any script; headers are not.
    target = iri_to_uri(target)
    if not htmx.is_htmx(request):
        response = Response(b"", 302, headers={"Location": target})
    elif reload:
        response = Response(b"", 200, headers={htmx.REDIRECT: target})
    else:
        place = {"path": target, "target": f"#{MAIN_TARGET}"}
        response = Response(b"", 200, headers={htmx.LOCATION: json.dumps(place).decode()})
    headers.vary(response)
    return response


def _html_page(ctx: RequestContext, page: Page, route: RouteLike) -> Response:
    if page.stands_alone and htmx.is_htmx(ctx.request):
        return redirect(address_of(ctx.request), reload=True)
    response = html(ctx.app_services, page)
    if route.volunteer_cookie:
        _tell_volunteers_apart(ctx, response)
    return response


def address_of(asked: Request) -> str:
    """Path and query of what was asked for, as a browser would ask for it again."""
    query = asked.query_string.decode("ascii", "replace")
    return quote(asked.path, safe="/" + UNRESERVED) + (f"?{query}" if query else "")


def html(app_services: AppServices, page: Page) -> Response:
    """The page as HTML: whole, or the block that HTMX asked for together with title and waiting messages."""
    if page.is_guest:
        return _guest_document(app_services, page)
    nonce = token_urlsafe(16)
    values = page_values(app_services, page, nonce)
    block = _wanted_block(page)
    if block is None:
        text = app_services.renderer.page(page.template_file(), values)
    else:
        text = app_services.renderer.block(page.template_file(), block, values) + app_services.renderer.page(
            "fragments/alongside.html", values
        )
    mark: headers.PageMark = "part" if block else "alone" if page.stands_alone else "page"
    content, guests = text.encode(), app_services.guests.source(current_request())
    # Said at once rather than one by one: each look for a header that is there goes through all.
    said = Headers([("Content-Type", HTML_TYPE), *headers.of_page(nonce, guests, mark, has_chooser=page.has_chooser)])
    said.update(page.headers)
    return Response(content, page.code or 200, said)


def _guest_document(app_services: AppServices, page: Page) -> Response:
    """A document that a stranger has written: nothing on it says that it is a page of ours."""
    text = app_services.renderer.page(page.template_file(), page_values(app_services, page, ""))
    response = Response(text, 200, content_type=HTML_TYPE)
    headers.vary(response)
    response.headers.update(page.headers)
    return response


def _wanted_block(page: Page) -> str | None:
    target = htmx.wanted_target(request)
    if target is None:
        return None
    return page.fragments.get(target) or (MAIN_TARGET if target == MAIN_TARGET else None)


def page_values(app_services: AppServices, page: Page, nonce: str) -> dict[str, Any]:
    """What the template of a page sees: the fields of its view-model, and `chrome`."""
    values = {name: getattr(page, name) for name in page.__dataclass_fields__ if name != "headers"}
    values["chrome"] = _chrome(app_services, page, nonce)
    values["title"] = page.plain_title()
    values["tab_title"] = _tab_title(app_services, page)
    return values


def _tab_title(app_services: AppServices, page: Page) -> str:
    """The page's and the site's name; a form that came back says so first, to whoever hears the page read."""
    forms = (value for value in vars(page).values() if isinstance(value, FormModel))
    is_refused = any(form.errors or form.form_errors for form in forms)
    named = " · ".join(part for part in (page.tab_title(), app_services.settings.brand) if part)
    return _("Error: %(title)s", title=named) if is_refused else named


def _chrome(app_services: AppServices, page: Page, nonce: str) -> Chrome:
    settings = app_services.settings
    actor = current_actor()
    return Chrome(
        brand=settings.brand,
        path=request.path,
        url=address_of(current_request()),
        new_token=lambda: csrf.new_token(session, settings.key("csrf"), settings.csrf_lifetime),
        take_flashes=take_flashes,
        nonce=nonce,
        section=page.section,
        locale=current_locale(),
        locales=tuple(available_locales().items()),
        user=actor if actor is not None and not actor.is_anonymous else None,
        contact_email=settings.contact_email or "",
        direction=text_direction(),
        theme=theme if (theme := request.cookies.get(THEME_COOKIE, "")) in THEMES else "",
    )


def _tell_volunteers_apart(ctx: RequestContext, response: Response) -> None:
    """Give an anonymous volunteer's browser the signed cookie that tells it from others behind its address."""
    volunteer = ctx.request.new_volunteer
    if volunteer is None:
        return
    value = volunteer_token(volunteer, ctx.settings)
    set_cookie(ctx.settings, ctx.request, response, VOLUNTEER_COOKIE, value, VOLUNTEER_COOKIE_S)
