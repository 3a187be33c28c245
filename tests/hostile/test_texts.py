"""Texts that are written to do harm, in every place where a stranger's are shown: they stay text."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import html5lib
import pytest
from sqlalchemy import update

from db.models import Announcement, Blogpost, Category, Project, Task, User
from db.session import Database
from tests.factories import make_project, make_tasks, make_user
from tests.hostile.texts import MARK, TEXTS
from tests.support.client import Answer, Client
from tests.support.documents import assert_valid

HARMLESS = (f"{MARK} words", f"tel:{MARK}")
"""Of which the second is no address of a picture, so that others are drawn."""
FRAGMENT = {"HX-Request": "true", "HX-Target": "main"}
WHOLE = (
    "/",
    "/project/bees/",
    "/project/bees/{post}",
    "/account/signin?next={text}",
    "/nosuch/{text}",
)
FRAGMENTS = (
    *WHOLE,
    "/account/owner/",
    "/search?query={text}",
    "/project/bees/newtask",
    "/project/",
    "/project/?query={text}",
    "/project/category/thinking/",
    "/project/bees/blog",
    "/project/bees/tasks/",
    "/project/bees/tasks/browse",
    "/project/bees/stats",
    "/announcements/",
    "/account/",
    "/leaderboard/",
    "/project/bees/settings",
    "/project/bees/update",
    "/project/bees/{post}/update",
    "/project/bees/coowners?query={text}",
    "/project/bees/tasks/delete",
    "/project/bees/auditlog",
    "/account/owner/update",
    "/account/owner/projects",
)
FORMS = {
    "/project/new": ("name", "short_name", "description", "long_description"),
    "/account/owner/update": ("btn", "fullname", "name", "email_addr", "locale", "id"),
    "/project/bees/update": ("name", "short_name", "description", "long_description", "webhook", "category_id"),
    "/project/bees/coowners": ("user",),
    "/project/bees/tasks/import": ("form_name", "csv_url"),
}
ACTIVE_TAGS = re.compile(
    "script|style|iframe|frame|object|embed|applet|base|meta|link|form|input|button|textarea|select|svg|math|template"
    "|noscript|audio|video|source|details|dialog|main|h1|title"
)
PASSIVE_ATTRIBUTES = re.compile(
    "alt|aria-.*|checked|class|colspan|d|datetime|dir|height|href|lang|max|min|rel|role|scope|selected|src|start|tabindex|title"
    "|type|value|viewBox|preserveAspectRatio|width"
)
SCHEMES = ("", "http", "https", "mailto", "tel")
IMAGES = "data:image/"
ADDRESSES = ("href", "src", "action", "formaction", "xlink:href")


@pytest.fixture
async def site(database: Database) -> dict[str, Any]:
    """An administrator with a project, a post and an announcement."""
    async with database.unit() as uow:
        owner = await make_user(uow.session, name="owner", admin=True)
        project = await make_project(uow.session, owner, short_name="bees")
        await make_tasks(uow.session, project, 3)
        post = Blogpost(project_id=project.id, user_id=owner.id, title="x", body="x", published=True)
        uow.session.add_all([post, Announcement(title="x", body="x", published=True, user_id=owner.id)])
        await uow.session.flush()
        return {"owner": owner, "post": post.id}


async def plant(database: Database, text: str) -> None:
    """Write it wherever somebody may, past whatever a form would refuse."""
    short, info = text[:255], {"question": text, text[:60]: [text], "extra": text, "thumbnail_url": text}
    async with database.unit() as uow:
        run = uow.session.execute
        await run(update(User).values(fullname=text[:254], info=info | {"avatar_url": text}, locale="en"))
        await run(
            update(Project).values(
                name=short, description=short, long_description=text, info=info | {"task_presenter": "<p>"}
            )
        )
        await run(update(Blogpost).values(title=short, body=text, media_url=short))
        await run(update(Announcement).values(title=short, body=text, media_url=short))
        await run(update(Category).where(Category.id == 1).values(name=short, description=text))
        await run(update(Task).values(info=info))


def active(tree: Any) -> Counter[str]:
    """The elements and attributes that do something or are found by scripts, with how many there are."""
    found: Counter[str] = Counter()
    for one in elements(tree):
        if ACTIVE_TAGS.fullmatch(one.tag):
            found[f"<{one.tag}>"] += 1
        found.update(f"{one.tag} {name}" for name in one.attrib if not PASSIVE_ATTRIBUTES.fullmatch(str(name)))
    return found


def wrong_addresses(tree: Any) -> list[str]:
    """Where links and pictures lead to that is no page and no file."""
    found = (one.attrib.get(name) for one in elements(tree) for name in ADDRESSES)
    return [value for value in found if value is not None and not is_harmless("".join(value.split()))]


def is_harmless(address: str) -> bool:
    return address.startswith((MARK, IMAGES)) or urlsplit(address).scheme in SCHEMES


def elements(tree: Any) -> Iterator[Any]:
    return (one for one in tree.iter() if isinstance(one.tag, str))


async def everything(client: Client, owner: Client, site: dict[str, Any], text: str) -> dict[str, Answer]:
    """Every page, fragments of them and forms that show again what they refuse, by how they are asked for."""
    asked = {path: path.format(text=quote(text), post=site["post"]) for path in FRAGMENTS}
    found = {path: await client.get(asked[path]) for path in WHOLE}
    found |= {f"{path} #main": await owner.get(address, headers=FRAGMENT) for path, address in asked.items()}
    return found | {f"POST {path}": await owner.post(path, dict.fromkeys(names, text)) for path, names in FORMS.items()}


def tree_of(where: str, page: Answer) -> Any:
    """The page or fragment as a browser reads it; a whole page has to be valid."""
    if page.text.lstrip().lower().startswith("<!doctype"):
        return assert_valid(where, page.text)
    return html5lib.parseFragment(page.text, namespaceHTMLElements=False)


async def test_texts_stay_text(
    client: Client, as_user: Callable[[User], Client], database: Database, site: dict[str, Any]
) -> None:
    """In every page and fragment there is as much that acts as with harmless words in place of the text."""
    owner = as_user(site["owner"])
    harmless: dict[str, Counter[str]] = defaultdict(Counter)
    for text in HARMLESS:
        await plant(database, text)
        for where, page in (await everything(client, owner, site, text)).items():
            harmless[where] |= active(tree_of(where, page))
    for name, text in TEXTS.items():
        await plant(database, text)
        n_shown = 0
        for where, page in (await everything(client, owner, site, text)).items():
            assert page.status < 500 and "taken" not in page.headers.get("Set-Cookie", ""), (name, where)
            if MARK in page.text:
                tree = tree_of(f"{name}: {where}", page)
                more = active(tree) - harmless[where]
                assert not more, (name, where)
                assert wrong_addresses(tree) == [], (name, where)
                n_shown += 1
        assert n_shown >= 20, (name, n_shown)


async def test_there_are_enough_of_them() -> None:
    assert len(TEXTS) >= 40 and all(MARK in text for text in TEXTS.values())
