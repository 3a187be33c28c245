"""The token by which a project's own app vouches for its users: a JWT signed with the project's secret
(docs/contract/api.md 5)."""

from hmac import compare_digest
from typing import Protocol

import jwt

from webapp.errors import Forbidden, NotFound, WorkbeeError

ALGORITHM = "HS256"


class ProjectWithSecret(Protocol):
    """What of a project its tokens are made from."""

    @property
    def id(self) -> int: ...
    @property
    def short_name(self) -> str: ...
    @property
    def secret_key(self) -> str: ...


class TokenRefused(WorkbeeError):
    """The bearer token of a project cannot be accepted; clients read `code` and the message as `description`."""

    status = 401

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code


def issue(project: ProjectWithSecret | None, secret: str | None) -> str:
    """The project's token, for whoever shows its secret key. Raises Forbidden without one, NotFound for a wrong one."""
    if not secret:
        raise Forbidden("Put the project's secret key in the Authorization header.")
    if project is None or not compare_digest(secret.encode(), project.secret_key.encode()):
        raise NotFound
    claims = {"short_name": project.short_name, "project_id": project.id}
    return jwt.encode(claims, project.secret_key, algorithm=ALGORITHM)


def verify(header: str | None, project: ProjectWithSecret) -> None:
    """Return if `Authorization` holds a token of this project; otherwise raise TokenRefused."""
    parts = (header or "").split()
    if not parts:
        raise TokenRefused("invalid_header", "Authorization header is expected")
    if parts[0].lower() != "bearer":
        raise TokenRefused("invalid_header", "Authorization header must start with Bearer")
    if len(parts) == 1:
        raise TokenRefused("invalid_header", "Token not found")
    if len(parts) > 2:
        raise TokenRefused("invalid_header", "Authorization header must be Bearer + token")
    try:
        claims = jwt.decode(parts[1], project.secret_key, algorithms=[ALGORITHM])
    except jwt.InvalidTokenError as error:
        raise TokenRefused("Decode error", "Signature verification failed") from error
    if claims.get("project_id") != project.id or claims.get("short_name") != project.short_name:
        raise TokenRefused("Wrong project", "This token belongs to another project")
