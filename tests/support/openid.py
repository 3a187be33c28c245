"""A real OpenID provider: the certified npm package `oidc-provider`, on the loopback. And the way
through its own forms."""

import re
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx

from webapp.runtime.assets import ensure_development_packages, node_program

PROGRAM = Path(__file__).with_name("provider.mjs")
CLIENT = "workbee-tests"
PATIENCE_S = 60


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def registered_at(port: int, name: str = "uni") -> dict[str, Any]:
    """The entry of the setting `oidc_providers` for the provider at this port."""
    secret = f"{CLIENT}-secret-of-the-tests"
    issuer = f"http://127.0.0.1:{port}"
    return {"name": name, "label": "University", "issuer": issuer, "client_id": CLIENT, "client_secret": secret}


@contextmanager
def running_provider(port: int, redirects: Sequence[str], log: Path) -> Iterator[None]:
    """The provider, until the block ends."""
    ensure_development_packages()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(node_program()), str(PROGRAM), str(port), CLIENT, *redirects],
            cwd=PROGRAM.parents[2],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not _answers(port):
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/.well-known/openid-configuration", trust_env=False).is_success
    except httpx.TransportError:
        return False


async def visit(address: str, name: str) -> str:
    """Go to this address of the provider in a browser of its own, be `name` there and agree: the address that it leads
    back to."""
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(address)
        for _step in range(12):
            if answer.is_redirect:
                target = urljoin(str(answer.url), answer.headers["Location"])
                if "/callback" in target:
                    return target
                answer = await http.get(target)
                continue
            assert answer.status_code == 200, answer.text
            action = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
            assert action is not None and prompt is not None, answer.text
            sent = {"prompt": prompt[1]} | ({"login": name, "password": "x"} if prompt[1] == "login" else {})
            answer = await http.post(urljoin(str(answer.url), action[1]), data=sent)
    raise AssertionError("there is no end of it")
