"""Where an address leads is found out once, for as many addresses as there is room."""

from typing import Any

import pytest
from quart import Response

from tests.support.client import Client
from webapp.counters import Counters
from webapp.http.application import Application
from webapp.http.fastpath import addresses
from webapp.http.fastpath.connection import Connection
from webapp.http.observe import Observer


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Application:
    """An app of two routes, with room for five addresses."""
    monkeypatch.setattr(addresses, "CAPACITY", 5)
    app = Application(__name__, static_folder=None, template_folder=None)
    app.asgi_http_class = Connection
    app.observer = Observer(Counters(), trusts_proxy=False)

    async def shown(**arguments: Any) -> Response:
        seen = repr(sorted(arguments.items()))
        arguments.clear()
        return Response(seen)

    app.add_url_rule("/thing/<int:number>", "thing", shown, methods=["GET", "POST"])
    app.add_url_rule("/named/<name>", "named", shown)
    return app


async def test_an_address_leads_where_it_led_before(small: Application) -> None:
    client = Client(small)
    for _ in range(2):
        assert (await client.get("/thing/7")).text == "[('number', 7)]"
        assert (await client.get("/thing/8")).text == "[('number', 8)]"
        assert (await client.get("/thing/x")).status == 404
        assert (await client.get("/named/7")).text == "[('name', '7')]"
    assert {path for _method, path, _is_socket in small.addresses.routes} == {"/thing/7", "/thing/8", "/named/7"}
    other = small.test_client()
    assert (await other.post("/thing/7")).status_code == 200
    for _ in range(2):
        refused = await other.post("/named/7")
        assert refused.status_code == 405
        assert "GET" in refused.headers["Allow"]


async def test_what_is_remembered_has_an_end(small: Application) -> None:
    client = Client(small)
    for number in range(7):
        headers = {"Host": f"h{number}.org"}
        assert (await client.get(f"/thing/{number}", headers=headers)).text == f"[('number', {number})]"
    assert 0 < len(small.addresses.routes) <= addresses.CAPACITY
    long = "n" * addresses.LONGEST_REMEMBERED
    for _ in range(2):
        assert long in (await client.get(f"/named/{long}")).text
    assert all(len(path) <= addresses.LONGEST_REMEMBERED for _method, path, _is_socket in small.addresses.routes)


async def test_each_host_is_its_own(small: Application) -> None:
    for host in ("one.org", "two.org:8000", "one.org"):
        async with small.test_request_context("/thing/1", headers={"Host": host}) as context:
            assert context.url_adapter is not None
            assert context.url_adapter.build("thing", {"number": 2}, force_external=True) == f"http://{host}/thing/2"
