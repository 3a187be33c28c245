"""The hypermedia links of the API, in exactly the text that clients parse (docs/contract/api.md 1.6)."""

from typing import Any

from webapp.http.page import RequestContext


def _link(ctx: RequestContext, rel: str, title: str, resource: str, identity: int) -> str:
    return f"<link rel='{rel}' title='{title}' href='{ctx.absolute(f'/api/{resource}/{identity}')}'/>"


def with_links(ctx: RequestContext, resource: str, shown: dict[str, Any], parents: tuple[str, ...]) -> dict[str, Any]:
    """The object with its `link` and, where it has parents, its `links`. `parents` are `project`, `task` or
    `category`."""
    extra: dict[str, Any] = {"link": _link(ctx, "self", resource, resource, shown["id"])}
    if parents:
        extra["links"] = [
            _link(ctx, "category" if parent == "category" else "parent", parent, parent, shown[f"{parent}_id"])
            for parent in parents
            if shown.get(f"{parent}_id") is not None
        ]
    return shown | extra
