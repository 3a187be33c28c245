"""Who is asking: plain facts about the caller of one request, job or command."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """The caller.

    `contributor` is the one key by which answers and assignments are told apart (docs/architecture.md 6):
    `user:N`, `ext:PROJECT:UID`, `anon:COOKIE` or `ip:ADDRESS` (the address anonymised). It is None where nobody can
    contribute, as in a job.
    """

    user_id: int | None = None
    name: str | None = None
    fullname: str | None = None
    email_addr: str | None = None
    locale: str | None = None
    avatar_url: str | None = None
    admin: bool = False
    pro: bool = False
    contributor: str | None = None
    ip: str | None = None
    """The anonymised address of the caller, stored with every anonymous run."""
    by_key: bool = False
    """True if an API key, not a cookie, said who is asking."""
    frame_project_id: int | None = None
    """The one project that a presenter's frame may act on in this caller's name; None outside frames."""
    credential: str | None = None
    """The fingerprint of what said who is asking; None for whoever shows nothing."""
    session_epoch: int | None = None
    """The epoch of the account's sessions, which ends those of earlier ones."""
    frame_user_id: int | None = None
    """The account in whose name the frame answers. It is no `user_id`: a frame has none of that account's rights."""

    @property
    def is_anonymous(self) -> bool:
        return self.user_id is None


ANONYMOUS = Actor()
SYSTEM = Actor(admin=True, fullname="Workbee")
"""Jobs and commands act with every right, and contribute nothing."""
