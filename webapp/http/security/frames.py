"""What is shown in a presenter's frame, and how the browser is kept from showing it as anything else
(docs/architecture.md 7).

A frame is loaded by a frame's navigation and by nothing else: browsers say so in `Sec-Fetch-Dest`. What comes is the
owner's own document, with the headers that make it a guest; whatever else of the site a frame is led to is a relay, a
page of ours without content which asks the page around to go there.
"""

from ipaddress import ip_address
from secrets import token_urlsafe

from quart import Response
from werkzeug.urls import iri_to_uri

from webapp.http.app_services import AppServices
from webapp.http.application import Request
from webapp.http.security.guests import LOCAL
from webapp.http.security.headers import vary
from webapp.i18n import current_locale

SANDBOX = (
    "allow-scripts allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-downloads"
    " allow-pointer-lock"
)
"""What a presenter may do in an opaque origin. Never `allow-same-origin` on a host of ours: with it the presenter could
do all that its volunteer may."""
OWN_ORIGIN = " allow-same-origin"
"""What a presenter may do besides on a host of its own, whose origin holds nothing of the volunteer's."""
DOCUMENT_POLICY = "default-src * data: blob: 'unsafe-inline' 'unsafe-eval'; worker-src * blob:"
RELAY_POLICY = "sandbox allow-scripts; default-src 'none'; script-src 'nonce-{nonce}'; base-uri 'none'"
FRAMES = frozenset(("iframe", "frame", "embed", "object"))


def is_frame_navigation(request: Request) -> bool:
    """Whether the browser loads this into a frame. HTMX never does."""
    return request.headers.get("Sec-Fetch-Dest") in FRAMES and "HX-Request" not in request.headers


def may_be_frame_navigation(request: Request) -> bool:
    """Whether a presenter's document may be the answer: a frame's navigation, or what may be one for all that is known.

    Browsers say where they load something to at `https` addresses and on their own machine. Elsewhere, in a classroom's
    plain `http`, the document's sandbox and its own first script keep it from being more than a frame's content.
    """
    if "Sec-Fetch-Dest" in request.headers or "HX-Request" in request.headers:
        return is_frame_navigation(request)
    return request.scheme == "http" and not _is_this_machine(request.host.partition(":")[0])


def _is_this_machine(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == LOCAL or name.endswith(f".{LOCAL}")


def is_framed(request: Request) -> bool:
    """Whether what is asked for is shown where a presenter is: in a frame, or at a host of the guests'."""
    return request.guest_project_id is not None or is_frame_navigation(request)


def elsewhere(app_services: AppServices, request: Request, *, has_document: bool) -> Response | None:
    """What comes in place of a page of the site that is asked for where a presenter is; None where the page's own
    document for frames may come (`has_document`), or where nobody asks for it there."""
    if not is_framed(request):
        return None
    reads = request.method in ("GET", "HEAD")
    if reads and has_document and may_be_frame_navigation(request):
        return None
    if is_frame_navigation(request):
        return relay(app_services, request)
    site = app_services.guests.site_origin(request)
    return Response(b"", 302, headers={"Location": site + iri_to_uri(request.full_path.rstrip("?"))})


def document_headers(app_services: AppServices, request: Request) -> dict[str, str]:
    """The headers of a presenter's document: whoever opens it, wherever, gets a guest."""
    own_origin = request.guest_project_id is not None
    ancestors = app_services.guests.site_origin(request) if own_origin else "'self'"
    policy = f"sandbox {SANDBOX}{OWN_ORIGIN if own_origin else ''}; {DOCUMENT_POLICY}; frame-ancestors {ancestors}"
    return {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "strict-origin-when-cross-origin" if own_origin else "no-referrer",
        "Cross-Origin-Opener-Policy": "unsafe-none",
    }


def relay(app_services: AppServices, request: Request, method: str = "navigate", code: int = 200) -> Response:
    """A page in a frame that asks the page around it: to `navigate` to this address itself, to `reopen` the frame
    with a fresh ticket, or for `none` of both."""
    nonce = token_urlsafe(16)
    site = app_services.guests.site_origin(request)
    address = site + iri_to_uri(request.full_path.rstrip("?"))
    text = app_services.renderer.page(
        "frames/relay.html", {"nonce": nonce, "method": method, "address": address, "locale": current_locale()}
    )
    response = Response(text, code, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = RELAY_POLICY.format(nonce=nonce)
    vary(response)
    return response
