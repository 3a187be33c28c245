"""What a request is found out about once: its headers, and where its address leads."""

from typing import Any

import pytest
from quart import Quart, Response
from werkzeug.datastructures import Headers

from tests.support.client import Client
from webapp.http import application
from webapp.http.application import Application, Parameters, ReceivedHeaders

SENT = [(b"host", b"example.org"), (b"x-twice", b"first"), (b"X-Twice", b"second"), (b"x-latin", b"\xe9")]


@pytest.fixture
def small() -> Application:
    """An app of two routes, which remembers what every one does."""
    app = Application(__name__, static_folder=None, template_folder=None)

    async def shown(**arguments: Any) -> Response:
        seen = repr(sorted(arguments.items()))
        arguments.clear()
        return Response(seen)

    app.add_url_rule("/thing/<int:number>", "thing", shown, methods=["GET", "POST"])
    app.add_url_rule("/named/<name>", "named", shown)
    return app


def test_received_headers_answer_as_all_headers_do() -> None:
    received = ReceivedHeaders("10.1.2.3", SENT)
    usual = Headers([("Remote-Addr", "10.1.2.3")])
    for name, value in SENT:
        usual.add(name.decode("latin1").title(), value.decode("latin1"))
    assert list(received) == list(usual)
    for name in ("host", "HOST", "X-Twice", "x-latin", "Remote-Addr", "Absent"):
        assert received.get(name) == usual.get(name)
        assert received.getlist(name) == usual.getlist(name)
        assert (name in received) is (name in usual)
    assert received["X-Twice"] == "first"
    assert received.get("Absent", "otherwise") == "otherwise"
    assert received.get("X-Twice", 7, int) == 7
    with pytest.raises(KeyError):
        _ = received["Absent"]


def test_received_headers_cannot_be_changed() -> None:
    received = ReceivedHeaders("10.1.2.3", SENT)
    for change in (lambda: received.add("X", "1"), lambda: received.set("Host", "other"), lambda: received.pop("Host")):
        with pytest.raises(TypeError):
            change()
    assert received.get("Host") == "example.org"


def test_parameters_give_the_first_value_or_none() -> None:
    parameters = Parameters([("a", "1"), ("a", "2"), ("b", "")])
    assert [parameters.get(name) for name in "abc"] == ["1", "", None]
    assert parameters.get("c", "otherwise") == "otherwise"
    assert parameters.get("a", type=int) == 1
    assert parameters.get("b", 5, int) == 5
    assert parameters.getlist("a") == ["1", "2"]


async def test_an_address_leads_where_it_led_before(small: Application) -> None:
    client = Client(small)
    for _ in range(2):
        assert (await client.get("/thing/7")).text == "[('number', 7)]"
        assert (await client.get("/thing/8")).text == "[('number', 8)]"
        assert (await client.get("/thing/x")).status == 404
        assert (await client.get("/named/7")).text == "[('name', '7')]"
    other = small.test_client()
    assert (await other.post("/thing/7")).status_code == 200
    for _ in range(2):
        refused = await other.post("/named/7")
        assert refused.status_code == 405
        assert "GET" in refused.headers["Allow"]
    assert set(small.routes) == {("GET", "/thing/7"), ("GET", "/thing/8"), ("POST", "/thing/7"), ("GET", "/named/7")}


async def test_what_is_remembered_has_an_end(small: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "MOST_REMEMBERED", 5)
    client = Client(small)
    for number in range(12):
        assert (
            await client.get(f"/thing/{number}", headers={"Host": f"h{number}.org"})
        ).text == f"[('number', {number})]"
        assert len(small.routes) <= 5
    long = "n" * application.LONGEST_REMEMBERED
    assert (await client.get(f"/named/{long}")).text == f"[('name', '{long}')]"
    assert ("GET", f"/named/{long}") not in small.routes


async def test_each_host_is_its_own(small: Application) -> None:
    for host in ("one.org", "two.org:8000", "one.org"):
        async with small.test_request_context("/thing/1", headers={"Host": host}) as context:
            assert context.url_adapter is not None
            assert context.url_adapter.build("thing", {"number": 2}, force_external=True) == f"http://{host}/thing/2"


async def test_http_1_0_needs_no_host(app: Quart) -> None:
    scope: Any = {
        "type": "http", "http_version": "1.0", "method": "GET", "scheme": "http", "path": "/api/",
        "query_string": b"", "headers": [], "client": ("10.1.2.3", 4000), "root_path": "",
    }  # fmt: skip
    answer: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        answer.append(message)

    await app(scope, receive, send)
    assert answer[0]["status"] == 200
    assert answer[-1]["more_body"] is False
