"""The error tree: what can go wrong, with the HTTP status and the text that its cause may read.

Services, policies and integrations raise these; the seam (`webapp.http.errors`) turns them into JSON, a page, a
fragment or the API's envelope. Whatever is not in this tree is a bug: a 500 with a trace in the log.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class WorkbeeError(Exception):
    """An expected failure. `message` is public: it never holds SQL, paths or secrets."""

    status: ClassVar[int] = 500
    message: str = "This is our mistake, not yours, and it is written down. Please try again in a moment."
    retry_after: int | None = None
    """In how many seconds trying again makes sense, where that is known."""

    def __init__(self, message: str | None = None, *, retry_after: int | None = None) -> None:
        self.message = message or type(self).message
        self.retry_after = retry_after or type(self).retry_after
        super().__init__(self.message)


class BadRequest(WorkbeeError):
    status = 400
    message = "The request could not be understood."


class MalformedJson(BadRequest):
    """The body says that it is JSON, and is none."""

    kind = "BadRequest"
    message = "The body is not valid JSON."


class Unauthorized(WorkbeeError):
    """Nobody is signed in, and the action needs somebody (401)."""

    status = 401
    message = "You need to sign in to do this."


class Forbidden(WorkbeeError):
    """The signed-in user may not do this (403)."""

    status = 403
    message = "You are not allowed to do this."


class NotReady(Forbidden):
    """The signed-in user may do this, but something has to be there first (403): `fix_url` is where to see to it."""

    kind = "Forbidden"

    def __init__(self, message: str, *, fix_url: str) -> None:
        super().__init__(message)
        self.fix_url = fix_url


class OverQuota(Forbidden):
    """The caller has as much as the site lets one account have (403)."""

    kind = "Forbidden"


class NotFound(WorkbeeError):
    status = 404
    message = "There is nothing at this address."


class MethodNotAllowed(WorkbeeError):
    status = 405
    message = "This address does not accept that method."


class Conflict(WorkbeeError):
    """Somebody else changed the same thing first (409)."""

    status = 409
    message = "This has been changed by somebody else meanwhile."


class PreconditionFailed(WorkbeeError):
    """The caller's `If-Match` names another state than the present one (412)."""

    status = 412
    message = "This has been changed since you read it: read it again, and send your change anew."


class TooSlow(WorkbeeError):
    status = 408
    message = "The request did not arrive in time."


class TooLarge(WorkbeeError):
    status = 413
    message = "What was sent is too large."


class QueryTooLong(WorkbeeError):
    status = 414
    message = "The address is too long: ask for less at once."


class UnsupportedMedia(WorkbeeError):
    """The body, an argument or a value is not of the kind that is accepted (415).

    `kind` is the `exception_cls` that clients of the API read (docs/contract/api.md 1.8): `ValueError`, `TypeError`,
    `AttributeError`, `DataError` or `DBIntegrityError`.
    """

    status = 415
    message = "This kind of content is not accepted."

    def __init__(self, message: str | None = None, *, kind: str = "ValueError") -> None:
        super().__init__(message)
        self.kind = kind


class NoSuchRange(WorkbeeError):
    status = 416
    message = "It has no such part."


class RowsRefused(UnsupportedMedia):
    """Some of many rows cannot be stored, so none was: `report` says which, and why."""

    most_named: ClassVar[int] = 100
    """How many the report names; it counts them all."""

    def __init__(self, n_rows: int, refused: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(f"{len(refused)} of {n_rows} rows were refused, and so none was stored.")
        self.report = {"added": 0, "n_refused": len(refused), "refused": refused[: self.most_named]}


class TooManyRequests(WorkbeeError):
    status = 429
    message = "Too many requests: wait a little and try again."


class Unavailable(WorkbeeError):
    """A part that the request needs is away for the moment (503)."""

    status = 503
    message = "This is not available right now. Please try again in a moment."


class NotCounted(Unavailable):
    """Requests or attempts that must not be many cannot be counted, and so are refused."""

    kind = "Unavailable"
    retry_after = 5


class SearchTooExpensive(Unavailable):
    """What would keep the database busy for too long."""

    kind = "Unavailable"
    message = "This takes too long. Narrow it, for instance by project_id."


class Invalid(BadRequest):
    """A rule about one value is broken; a form shows `message` at `field`."""

    kind = "BadRequest"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
