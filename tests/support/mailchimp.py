"""A server with the shapes of Mailchimp's API (version 3)."""

import json
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from webapp.integrations.mailchimp import member_hash

KEY = "0123456789abcdef-us21"
MEMBERS = "/3.0/lists/bees/members"


@dataclass
class Lists:
    """What the stand-in holds: members by their hash, and the calls that came."""

    members: dict[str, Any] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    status: int | None = None
    """Answered to everything, if set."""


class Handler(BaseHTTPRequestHandler):
    lists: Lists

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def _answer(self, status: int, body: Any = None) -> None:
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _is_refused(self) -> bool:
        self.lists.calls.append((self.command, self.path))
        sent = b64decode(self.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        if self.lists.status is not None:
            self._answer(self.lists.status, {"title": "Busy"})
        elif not sent.endswith(f":{KEY}"):
            self._answer(401, {"title": "API Key Invalid"})
        else:
            return False
        return True

    def do_POST(self) -> None:
        member = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self._is_refused():
            return
        assert self.path == MEMBERS
        if (key := member_hash(member["email_address"])) in self.lists.members:
            self._answer(400, {"title": "Member Exists"})
        else:
            self.lists.members[key] = member
            self._answer(200, member | {"id": key})

    def do_DELETE(self) -> None:
        if not self._is_refused():
            key = self.path.removeprefix(f"{MEMBERS}/")
            self._answer(204 if self.lists.members.pop(key, None) else 404)


@contextmanager
def mailchimp(lists: Lists) -> Iterator[dict[str, Any]]:
    """Serve the lists; the settings of a site that uses them."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Served", (Handler,), {"lists": lists}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield {
        "newsletter": "mailchimp",
        "mailchimp_api_key": KEY,
        "mailchimp_list_id": "bees",
        "mailchimp_url": f"http://127.0.0.1:{server.server_address[1]}",
    }
    server.shutdown()
    thread.join()
    server.server_close()
