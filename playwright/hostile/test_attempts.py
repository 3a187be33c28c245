"""Hostile presenters, in frames of either kind: whatever they try (attempts.toml), the page around, its volunteer and
other projects are as they were."""

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark import ParameterSet
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.support.site import FRAMES, Project, Site, at_host

ATTEMPTS = tomllib.loads((Path(__file__).parent / "attempts.toml").read_text(encoding="utf-8"))
TASKS = {
    name: {"body": body, "waits": kind == "by_a_click"}
    for kind, named in ATTEMPTS.items()
    for name, body in named.items()
}
TOGETHER = 10
"""So many attempts are made side by side, each in a tab of its own."""
SETTLING_MS = 200
"""What is refused leaves no trace to wait for."""
HARMLESS = "<h1>A guest</h1><script>pybossa.presentTask(function () {}); pybossa.run('PLACE');</script>"
PRESENTER = """<h1>A guest</h1><script type="module">
const passed = JSON.parse(window.name);
const bridge = window.workbeeBridge;
const post = ({args, ...message}) =>
  parent.postMessage({workbee: passed.channel, ...message, args: args && JSON.stringify(args)}, '*');
const later = (value, time = 500) => new Promise((go) => setTimeout(() => go(value), time));
const api = (path, method, sent) =>
  fetch('/api/' + path, {method, body: JSON.stringify(sent), headers: {'Content-Type': 'application/json'}});

async function attempt(task) {
  const site = JSON.parse(document.getElementById('workbee-frame').textContent).site;
  const env = {...VICTIMS, site, place: '/project/PLACE', own: task.project_id, page: 'http://127.0.0.3:9/evil'};
  const run = new (async () => 0).constructor('env', 'passed', 'bridge', 'post', 'later', 'api', task.info.body);
  const given = run(env, passed, bridge, post, later, api).catch((error) => 'refused: ' + error);
  const got = String(await Promise.race([given, later('nothing', 3000)]));
  await bridge.call('progress');
  console.log('got: ' + got);
}

pybossa.presentTask((task) => {
  if (task.info.waits) addEventListener('mousedown', () => attempt(task));
  else attempt(task);
});
pybossa.run('PLACE');
</script>"""
"""Tries what its task says: at once, because what a test evaluates counts as a click, or when it is clicked."""


@dataclass(frozen=True)
class Victims:
    """What no presenter may touch: another project, a draft, and whoever is signed in."""

    site: Site
    own: Project
    other: Project

    def address(self, host: str, name: str) -> str:
        """Where the presenter tries this."""
        task_id = self.own.task_ids[list(TASKS).index(name)]
        return at_host(f"{self.own.address}/task/{task_id}", host)

    def state(self) -> dict[str, Any]:
        """What is the same after every attempt."""
        return {
            "account": self.site.http.get("/account/owner/").json()["user"]["fullname"],
            "key": self.site.http.get("/account/owner/").json()["user"]["api_key"],
            "answers": self.own.answers() + self.other.answers(),
            "project": self.site.api("GET", f"project/{self.own.id}")["description"],
            "others": self.site.api("GET", "project", all=1, short_name="stolen"),
            "posts": self.site.api("GET", "blogpost", all=1, project_id=self.own.id),
            "announcements": self.site.api("GET", "announcement", all=1),
            "tasks": len(self.site.api("GET", "task", project_id=self.own.id)),
        }


@pytest.fixture(scope="module")
def victims(site: Site) -> Victims:
    other = site.project(HARMLESS, [{"text": "SECRET of another project"}], n_answers=30)
    name = f"draft-beside-{other.short_name}"
    draft = site.api("POST", "project", {"name": name, "short_name": name, "description": "x", "long_description": "x"})
    task = site.api("POST", "task", {"project_id": draft["id"], "info": {"text": "SECRET of a draft"}})
    known = {"other": other.id, "task": other.task_ids[0], "draft": task["id"]}
    own = site.project(PRESENTER.replace("VICTIMS", json.dumps(known)), list(TASKS.values()), n_answers=30)
    return Victims(site, own, other)


@pytest.fixture(scope="module")
def volunteer(site: Site, browser: Browser) -> Iterator[BrowserContext]:
    """The browser of the owner, an administrator: nobody has more to lose."""
    context = browser.new_context()
    for url in (at_host(site.url, host) for host in FRAMES):
        context.add_cookies([{"name": name, "value": value, "url": url} for name, value in site.http.cookies.items()])
    yield context
    context.close()


@pytest.fixture
def open_page(volunteer: BrowserContext) -> Iterator[Callable[[], Page]]:
    """Opens tabs, which are closed after the test with all that they have opened."""

    def opened() -> Page:
        page = volunteer.new_page()
        page.on("dialog", lambda dialog: dialog.dismiss())
        return page

    yield opened
    for page in volunteer.pages:
        page.close()


def secrets(site: Site) -> list[str]:
    """The key, the mail, the texts and the cookies that tell who somebody is, which are long."""
    cookies = [str(value) for value in site.http.cookies.values()]
    return [site.key, "owner@example.org", "SECRET", *(value for value in cookies if len(value) > 15)]


def is_signed_in(page: Page) -> bool:
    address = f"http://{page.url.split('/')[2]}/account/profile"
    answer = page.request.get(address, headers={"Content-Type": "application/json"})
    return bool(answer.json().get("user", {}).get("name") == "owner")


def together(kind: str) -> list[ParameterSet]:
    """The attempts of a kind, some at a time: what takes its time is waiting for nothing to happen."""
    names = list(ATTEMPTS[kind])
    groups = [names[begin : begin + TOGETHER] for begin in range(0, len(names), TOGETHER)]
    return [pytest.param(group, host, id=f"{group[0]}-{host}") for group in groups for host in FRAMES]


def until_all_have_said(pages: Mapping[str, Page], said: Mapping[str, str]) -> None:
    [some, *_] = pages.values()
    for _ in range(300):
        if said.keys() == pages.keys():
            return
        some.wait_for_timeout(100)
    assert said.keys() == pages.keys()


@pytest.mark.parametrize(("names", "host"), together("without_a_gesture"))
def test_nothing_comes_of_it(victims: Victims, open_page: Callable[[], Page], names: list[str], host: str) -> None:
    before, said = victims.state(), dict[str, str]()
    pages = {name: open_page() for name in names}
    for name, page in pages.items():

        def hear(message: ConsoleMessage, name: str = name) -> None:
            said.update({name: message.text} if "got: " in message.text else {})

        page.on("console", hear)
        # Nothing is evaluated in the page before: that would be a click.
        page.goto(victims.address(host, name), wait_until="commit")
    until_all_have_said(pages, said)
    [some, *_] = pages.values()
    some.wait_for_timeout(SETTLING_MS)
    for name, page in pages.items():
        assert not [secret for secret in secrets(victims.site) if secret in said[name]], (name, said[name])
        assert page.url == victims.address(host, name)
        found = page.evaluate("[typeof window.pwned, document.title.includes('pwned'), Object.prototype.polluted]")
        assert found == ["undefined", False, None], name
    assert set(some.context.pages) == set(pages.values()), "one has opened a window"
    assert is_signed_in(some) and victims.state() == before


@pytest.mark.parametrize(("names", "host"), together("by_a_click"))
def test_a_click_changes_nothing_on_the_server(
    victims: Victims, open_page: Callable[[], Page], names: list[str], host: str
) -> None:
    before = victims.state()
    pages = {name: open_page() for name in names}
    for name, page in pages.items():
        page.goto(victims.address(host, name), wait_until="commit")
    for page in pages.values():
        # Chromium loses clicks into a frame of another process while the tab is behind others.
        page.bring_to_front()
        page.frame_locator("#presenter").get_by_role("heading", name="A guest").click()
    [some, *_] = pages.values()
    some.wait_for_timeout(SETTLING_MS)
    for name, page in pages.items():
        page.wait_for_load_state()
        assert page.url.split("/")[2] == victims.address(host, name).split("/")[2], name
        assert "pwned" not in page.title(), name
    assert is_signed_in(some) and victims.state() == before


@pytest.mark.parametrize("host", FRAMES)
def test_no_page_loads_itself_for_ever(victims: Victims, open_page: Callable[[], Page], host: str) -> None:
    """A presenter that leads the page around to itself, again and again, comes to an end."""
    project = victims.site.project(
        "<script>workbeeBridge.call('navigate', { href: '/project/PLACE/newtask' })"
        ".then(function (isFollowed) { console.log('followed: ' + isFollowed); });</script>"
    )
    page = open_page()
    with page.expect_console_message(lambda message: message.text == "followed: false"):
        page.goto(at_host(f"{project.address}/newtask", host))
