"""Every address that can be read, read by different people and without the help of what was remembered: how the costs
of a small site and of a large one are compared."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from quart import Quart

from tests.support.client import Answer, Client
from tests.support.crawling import Populated, routes
from webapp.http.app_services import current_services

ROLES = ("anonymous", "volunteer", "owner", "admin")
QUERIES = {
    "/api/announcement": ("orderby=created&desc=true",),
    "/api/project": ("all=1&limit=100&stats=1", "short_name={short_name}&all=1"),
    "/api/projectstats": ("project_id={project_id}&full=1",),
    "/api/result": ("project_id={project_id}&all=1&limit=100", "project_id={project_id}&all=1&info=answer::3"),
    "/api/task": (
        "project_id={project_id}&all=1&limit=100",
        "project_id={project_id}&all=1&state=completed",
        "project_id={project_id}&all=1&participated=1",
        "project_id={project_id}&all=1&orderby=priority_0&desc=true&related=1",
        "project_id={latest_id}&all=1",
    ),
    "/api/taskrun": (
        "project_id={project_id}&all=1&limit=100",
        "project_id={project_id}&all=1&orderby=finish_time&desc=true",
        "project_id={latest_id}&all=1",
    ),
    "/api/user": ("name=volunteer", "fullname=volunteer"),
    "/project/": ("query=photo",),
    "/project/category/<short_name>/": ("orderby=n_volunteers&desc=true",),
    "/search": ("query=photo", "query=nothing-has-it"),
}
"""What is asked of these routes besides the route itself: filters, orders and searches."""
MORE = ("/api/project/{project_id}/newtask", "/project/{latest_name}/tasks/browse")
"""Addresses of routes that are visited elsewhere too."""
DEEP = " (near the end)"
OF_OWN_PROJECTS = "each of the caller's own projects is looked into, by an index, for its first rows"
OF_FOUND_PROJECTS = "a word that is in most projects: all that have it are counted"
OF_AN_OWNER = "all projects of one owner are put in order, of which the newest are shown"
_MUST_GROW = {
    "/admin/dashboard/": "what came in the last seven days is counted, and up to 200 projects of them listed",
    "/account/<name>/export": "it is everything that the site has of one person, in one file",
    "/api/result?project_id={project_id}&all=1&info=answer::3": "all results that have the value are looked at",
    "/project/?query=photo": OF_FOUND_PROJECTS,
    "/search?query=photo": OF_FOUND_PROJECTS,
}
_MUST_GROW_FOR_OWNERS = {
    "/account/<name>/": OF_AN_OWNER,
    "/account/<name>/applications": OF_AN_OWNER,
    "/account/<name>/projects": OF_AN_OWNER,
    "/api/blogpost": OF_OWN_PROJECTS,
    "/api/helpingmaterial": OF_OWN_PROJECTS,
    "/api/page": OF_OWN_PROJECTS,
    "/api/result": OF_OWN_PROJECTS,
    "/api/task": OF_OWN_PROJECTS,
    "/api/taskrun": OF_OWN_PROJECTS,
}


def must_grow(name: str, role: str) -> str | None:
    """Why the cost of this address follows from what is asked; None if it may not grow."""
    return _MUST_GROW.get(name) or (_MUST_GROW_FOR_OWNERS.get(name) if role == "owner" else None)


@dataclass(frozen=True, slots=True)
class Address:
    """Something to read."""

    name: str
    """Its route and query: the same on every site."""
    path: str
    api: bool


def addresses(app: Quart, site: Populated) -> list[Address]:
    """One of each route that answers GET and changes nothing by it, and those of `QUERIES` and `MORE`."""
    found = []
    for rule, view in routes(app):
        if "GET" not in (rule.methods or ()) or view.workbee_route.mutating_get:
            continue
        path = site.path(rule)
        assert path is not None, f"tests.support.crawling has nothing for {rule}"
        for query in ("", *QUERIES.get(rule.rule, ())):
            asked = f"?{query}" if query else ""
            found.append(Address(rule.rule + asked, path + asked.format_map(site.places), view.workbee_route.api))
    return found + [Address(path, path.format_map(site.places), path.startswith("/api/")) for path in MORE]


async def visits(app: Quart, site: Populated, clients: Mapping[str, Client]) -> AsyncIterator[tuple[str, Address]]:
    """Each role with each address; routes with the number of a page also with that of the last one that is full."""
    for role in ROLES:
        for address in addresses(app, site):
            yield role, address
            if "<int:number>" in address.name:
                yield role, Address(address.name + DEEP, await _deep(clients[role], address.path), address.api)


async def _deep(client: Client, path: str) -> str:
    """The address of the last full page of the list whose first one is at `path`."""
    answer = await client.get(path, json=True)
    pages = answer.json["pagination"] if answer.status == 200 else {"total": 1, "per_page": 1}
    before, _first, after = path.rpartition("1")
    return f"{before}{max(1, pages['total'] // pages['per_page'])}{after}"


async def read(app: Quart, client: Client, address: Address) -> Answer:
    """The answer, made again."""
    current_services(app).pages.clear()
    return await client.get(address.path, headers={} if address.api else {"Accept": "text/html"})


async def warm_up(app: Quart, site: Populated, clients: Mapping[str, Client]) -> None:
    """Have done what is done once only: connections read the catalogue and plan the statements of functions, which is
    counted with what these do; a volunteer is shown the tutorial."""
    async for role, address in visits(app, site, clients):
        if role == ROLES[0] or address.name.endswith("/newtask"):
            await read(app, clients[role], address)
