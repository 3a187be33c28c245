"""One request as a view sees it: who asks, with what, inside which unit of work."""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import urlsplit

from quart import session
from werkzeug.datastructures import MultiDict

from db.base import Base
from db.queries.accounts import sessions
from db.session import AsyncSession, UnitOfWork
from webapp.actor import Actor
from webapp.config import Settings
from webapp.forms.base import WorkbeeForm
from webapp.http import flash
from webapp.http.app_services import AppServices
from webapp.http.application import Request
from webapp.http.body import Body, is_json_type, wants_json
from webapp.http.security import auth, cookies, csrf, frames
from webapp.i18n import gettext as _
from webapp.services.accounts.browsers import described
from webapp.services.accounts.credentials import end_session
from webapp.viewmodels.form import CsrfOnly, FormModel

DEVICE_COOKIE = "device"
DEVICE_COOKIE_S = 365 * 24 * 3600
"""How long a browser is remembered as one that an account has signed in from."""
JUST_CHANGED = "changed"
JUST_CHANGED_S = 3
"""How long a browser remembers that its person has changed something: longer than any process remembers a page."""
ValueT = TypeVar("ValueT")
FormT = TypeVar("FormT", bound=WorkbeeForm)


class UndeclaredForm(RuntimeError):
    """A view binds a form that its route does not declare."""


@dataclass
class RequestContext:
    """The request in hand. Views read it, and reach every service through its unit of work."""

    app_services: AppServices
    request: Request
    body_parts: Body
    actor: Actor
    uow: UnitOfWork
    forms: tuple[type[WorkbeeForm], ...] = ()
    """The forms that the route declares."""
    fail_closed: bool = False
    """Whether the route takes nothing that cannot be counted."""
    response_headers: dict[str, str] = field(default_factory=dict)
    """Headers that the answer will carry, whatever its shape."""
    response_cookies: list[tuple[str, str, int]] = field(default_factory=list)
    """Cookies (name, value, seconds) that the answer will set."""

    @property
    def settings(self) -> Settings:
        return self.app_services.settings

    @property
    def session(self) -> AsyncSession:
        """The database session of the unit of work."""
        return self.uow.session

    @property
    def method(self) -> str:
        return self.request.method

    @property
    def posted(self) -> bool:
        return self.request.method == "POST"

    @property
    def path(self) -> str:
        return self.request.path

    @property
    def args(self) -> MultiDict[str, str]:
        return self.request.args

    @property
    def body(self) -> MultiDict[str, Any]:
        """The form of the request, or its flat JSON object."""
        return self.body_parts.fields

    @property
    def raw_json(self) -> Any:
        """The JSON body as it came, nested objects and all; None if the body is not JSON."""
        return self.body_parts.document

    @property
    def files(self) -> MultiDict[str, Any]:
        return self.body_parts.files

    @property
    def wants_json(self) -> bool:
        return wants_json(self.request)

    @property
    def may_be_stale(self) -> bool:
        """Whether what everybody sees may be up to a second old here: a page for a person who has not just changed
        anything. Scripts that ask for JSON or come with a key compare what they read with what they wrote."""
        if self.request.method not in csrf.SAFE_METHODS or wants_json(self.request):
            return False
        return not self.actor.by_key and self.cookie(JUST_CHANGED) is None

    async def cached(
        self, key: Hashable, read: Callable[[], Awaitable[ValueT]], *, of: Sequence[type[Base]] = ()
    ) -> ValueT:
        """What is the same for everybody, from the last second for who only looks. Who writes a row of these models
        drops it in this process, so that it is read again; figures are not among them, which follow in their time."""
        if not self.may_be_stale:
            return await read()
        return await self.app_services.pages.get(key, read, tables=[one.__tablename__ for one in of])

    def bypass_cache_after_write(self) -> None:
        """A signed-in person has changed something, perhaps: their next pages are read again, whichever process
        answers."""
        if self.actor.user_id is not None and not self.actor.by_key and self.actor.frame_project_id is None:
            self.set_cookie(JUST_CHANGED, "1", max_age=JUST_CHANGED_S)

    @property
    def is_framed(self) -> bool:
        """Whether the answer is for a presenter's frame."""
        return frames.is_framed(self.request)

    @property
    def may_be_framed(self) -> bool:
        """Whether it is, or the browser does not say."""
        return frames.may_be_frame_navigation(self.request)

    def frame_headers(self) -> dict[str, str]:
        """The headers of a presenter's document."""
        return frames.document_headers(self.app_services, self.request)

    def guest_origin(self, project_id: int) -> str | None:
        """The origin of this project's presenter for this browser; None where it is opaque."""
        return self.app_services.guests.origin(self.request, project_id)

    @property
    def site_origin(self) -> str:
        """The origin of the site, also where a guests' host is asked."""
        return self.app_services.guests.site_origin(self.request)

    @property
    def sent_json(self) -> bool:
        """Whether the body is said to be JSON."""
        return is_json_type(self.request)

    @property
    def cookies(self) -> dict[str, str]:
        """Every cookie of the request, by the name that it came by."""
        return dict(self.request.cookies)

    def cookie(self, name: str) -> str | None:
        """The cookie that `set_cookie` has set by this name."""
        return cookies.read_cookie(self.settings, self.request, name)

    def header(self, name: str) -> str | None:
        return self.request.headers.get(name)

    @cached_property
    def client_ip(self) -> str:
        """The caller's anonymised address."""
        return auth.anonymous_address(self.request, self.app_services)

    def csrf(self) -> str:
        """A token for the next unsafe request of this session."""
        settings = self.settings
        return csrf.new_token(session, settings.key("csrf"), settings.csrf_lifetime)

    def csrf_form(self) -> CsrfOnly:
        return CsrfOnly(self.csrf())

    async def flash(self, message: str, category: str = "message") -> None:
        await flash.flash(message, category)

    def bind(self, form_class: type[FormT], prefill: dict[str, Any] | None = None, **options: Any) -> FormT:
        """The form, filled from the body if something was sent, otherwise from `prefill`.

        Raises UndeclaredForm for one that the route does not name: the API's document would not tell of it.
        """
        if form_class not in self.forms:
            raise UndeclaredForm(f"{self.request.url_rule} binds {form_class.__name__}, and does not declare it")
        sent: MultiDict[str, Any] | None = None
        if self.request.method in ("POST", "PUT"):
            sent = MultiDict(self.body)
            sent.update(self.files)
        return form_class(sent, data=prefill or {}, **options)

    def form_model(self, form: WorkbeeForm) -> FormModel:
        return FormModel.of(form, self.csrf())

    async def refuse(self, message: str | None = None) -> None:
        """The form sent is not acceptable: nothing of this request is kept, and the person is told."""
        self.uow.set_rollback_only()
        await self.flash(message or _("Please correct the errors"), "error")

    def sign_in(self, account: auth.Account) -> None:
        """From the answer on, the browser is signed in as this account; its old session and CSRF token end."""
        session.clear()
        self._begin_session(account, is_proven=True)
        self.set_cookie(DEVICE_COOKIE, auth.device_token(account, self.settings), max_age=DEVICE_COOKIE_S)

    def _begin_session(self, account: auth.Account, *, is_proven: bool) -> None:
        credential = auth.sign_in(account, self.settings)
        browser, system = described(self.user_agent)
        sessions.begin(self.session, account.id, credential, browser=browser, system=system, is_proven=is_proven)

    @property
    def user_agent(self) -> str:
        """What the browser says of itself."""
        return self.request.headers.get("User-Agent", "")

    def keep_for_browser(self, name: str, value: str) -> None:
        """Remember a short text in this browser's session."""
        session[name] = value

    def take_of_browser(self, name: str) -> str | None:
        """What was remembered by this name in this browser's session, and is forgotten now."""
        kept = session.pop(name, None)
        return kept if isinstance(kept, str) else None

    def credentials_ended(self, account: auth.Account, *, is_proven: bool = False) -> None:
        """The account's credentials have ended with this request; the session by which its own person came goes on.
        `is_proven`: they have shown who they are with this request."""
        if account.id == self.actor.user_id and not self.actor.by_key:
            self._begin_session(account, is_proven=is_proven)
        self.uow.after_commit(self.forget_credentials)

    async def sign_out(self) -> None:
        """This browser's session is over, and so is every copy of its cookie."""
        if (credential := auth.session_credential()) is not None:
            await end_session(self.session, credential)
            self.uow.after_commit(self.forget_credentials)
        session.clear()
        auth.sign_out()

    async def forget_credentials(self) -> None:
        """What this process remembers of credentials may have ended; other processes notice within a second."""
        self.app_services.identities.clear()
        self.app_services.revocations.clear()

    def set_cookie(self, name: str, value: str, *, max_age: int) -> None:
        """Set a cookie with the answer, for so many seconds (`webapp.http.security.cookies`)."""
        self.response_cookies.append((name, value, max_age))

    async def release_database(self) -> None:
        """Give the connection back while something else takes its time; nothing has been written yet."""
        await self.session.commit()

    def absolute(self, path: str) -> str:
        """The absolute URL of a path of this site."""
        base = self.settings.base_url or self.request.host_url
        return base.rstrip("/") + "/" + path.lstrip("/")

    def local_next(self, default: str = "/") -> str:
        """`?next=` if it is a path of this site, else the default: nobody is sent to another site
        (docs/contract/gaps.md 3.22)."""
        target = self.request.args.get("next") or ""
        return target if is_local_path(target) else default


def is_local_path(target: str) -> bool:
    """Whether the text is a path of this site, which no browser takes for another host."""
    if not target.startswith("/") or target.startswith(("//", "/\\")) or any(ord(c) < 32 for c in target):
        return False
    parts = urlsplit(target)
    return not parts.scheme and not parts.netloc and "\\" not in target
