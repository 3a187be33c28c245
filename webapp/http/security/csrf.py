"""Cross-site request forgery: one token a session, checked in one place for every unsafe page request.

The token is WTForms' session token; it comes as `form.csrf` or top-level `csrf` in JSON and goes back as the header
`X-CSRFToken` (or `X-CSRF-Token`), or as the field `csrf_token` (docs/contract/pages.md 1.5). Each time that it is shown
it is masked anew: of a text that is never the same twice, the sizes of compressed pages tell nothing
(docs/decisions/compression.md).
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from secrets import token_bytes
from types import SimpleNamespace
from typing import Any

from wtforms import Form
from wtforms.csrf.session import SessionCSRF

from webapp.errors import BadRequest
from webapp.http.application import Request

HEADERS = ("X-CSRFToken", "X-CSRF-Token")
FIELD = "csrf_token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class CsrfFailed(BadRequest):
    message = "This form has expired or was sent from elsewhere. Reload the page and try again."


class _TokenForm(Form):
    """Carries nothing but the token."""


def _meta(session: Any, secret: bytes, lifetime: int) -> dict[str, Any]:
    return {
        "csrf": True,
        "csrf_class": SessionCSRF,
        "csrf_field_name": FIELD,
        "csrf_secret": secret,
        "csrf_time_limit": timedelta(seconds=lifetime),
        "csrf_context": session,
    }


def new_token(session: Any, secret: bytes, lifetime: int) -> str:
    """A token bound to this session, good for `lifetime` seconds; another text at each call."""
    # Every page has one: WTForms' maker of tokens, for less than a form, which would cost more than the token.
    maker: Any = SessionCSRF()
    maker.setup_form(SimpleNamespace(meta=SimpleNamespace(**_meta(session, secret, lifetime))))
    return _masked(maker.generate_csrf_token(None))


def _masked(token: str) -> str:
    """A random mask, and the token under it."""
    plain = token.encode()
    mask = token_bytes(len(plain))
    return urlsafe_b64encode(mask + _xor(plain, mask)).decode()


def _unmasked(shown: str) -> str:
    """The token; "" for a text that shows none."""
    try:
        both = urlsafe_b64decode(shown)
        middle = len(both) // 2
        return _xor(both[:middle], both[middle:]).decode("ascii")
    except ValueError:
        return ""


def _xor(some: bytes, others: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(some, others, strict=True))


def check_token(session: Any, secret: bytes, lifetime: int, token: str | None) -> None:
    """Return if the token belongs to this session and is fresh; otherwise raise CsrfFailed."""
    if not token or "csrf" not in session:
        raise CsrfFailed
    form = _TokenForm(meta=_meta(session, secret, lifetime))
    field = form[FIELD]
    field.data = _unmasked(token)
    if not field.validate(form):
        raise CsrfFailed


def sent_token(request: Request, body: Any) -> str | None:
    """The token that came with the request, from a header or from the parsed body."""
    for header in HEADERS:
        if header in request.headers:
            return request.headers[header]
    token = body.get(FIELD) if hasattr(body, "get") else None
    return str(token) if token is not None else None


def from_elsewhere(request: Request) -> bool:
    """Whether the browser says that a page of another origin started this request; other clients say nothing.

    A sibling host (`same-site`) is as foreign as any other: it may be somebody else's, or a presenter's. Trusted front
    ends are not.
    """
    return request.trusted_origin is None and request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")
