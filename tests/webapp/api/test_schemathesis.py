"""Requests made up from the OpenAPI document, by everybody: no failure of ours, no answer that the document does not
name (issue C)."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from db.session import Database
from tests.factories import leased_and_answered, make_project, make_tasks, make_user
from tests.support.served import served
from tests.support.services import TestServices
from webapp.app import create_app
from webapp.services.contributing.contributing import Contributor

Operation = APIOperation[Any, Any, Any, Any]
Request = Case[Any]

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
LEFT_ALONE = ("/static/", "/uploads/", "/events", "/account/{name}/delete", "resetapikey", "/amazon/")
"""Files, a stream without an end, what would end the caller's own account, and what asks a service elsewhere."""
AT_LENGTH = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "100"))
"""Requests to each operation by each caller in the slow tests."""
ROLES = ("anonymous", "user", "owner", "admin")


@dataclass(frozen=True)
class Site:
    """A served application, and who calls it."""

    url: str
    keys: dict[str, str]

    def headers(self, role: str) -> dict[str, str]:
        return {"Authorization": self.keys[role]} if role in self.keys else {}


async def _fill(database_url: str) -> dict[str, str]:
    """A project with answers and everything else, a draft; the keys of their owner, a user and an administrator."""
    database = Database(database_url)
    try:
        async with database.unit() as uow:
            admin, owner, user = [
                await make_user(uow.session, name=name, admin=name == "admin") for name in ("admin", "owner", "user")
            ]
            project = await make_project(uow.session, owner, short_name="bees")
            tasks = await make_tasks(uow.session, project, 6, n_answers=1)
            for task in tasks[:2]:
                await leased_and_answered(
                    uow.session, project, Contributor(f"user:{user.id}", user_id=user.id), task.id
                )
            await make_project(uow.session, owner, short_name="draft", published=False)
            return {one.name: str(one.api_key) for one in (admin, owner, user)}
    finally:
        await database.close()


@pytest.fixture(scope="module")
def site(services: TestServices, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    services.clear()
    keys = asyncio.run(_fill(services.database_url))
    app = create_app(services.settings.model_copy(update={"data_dir": tmp_path_factory.mktemp("data")}))
    with served(app) as url:
        yield Site(url, keys)


PLACES = {
    "identity": st.integers(1, 8),
    "key": st.sampled_from(["1", "2", "bees", "draft", "nosuch"]),
    "project_id": st.integers(1, 3),
    "short_name": st.sampled_from(["bees", "draft", "nosuch", "thinking"]),
    "name": st.sampled_from(["owner", "user", "nosuch", "task", "pages-site"]),
    "user_name": st.sampled_from(["owner", "user", "nosuch"]),
    "task_id": st.integers(1, 8),
}
"""Most made-up places are places of nothing: these are often those of something."""
REFERENCES = {"project_id": st.integers(1, 3), "task_id": st.integers(1, 8), "category_id": st.integers(1, 3)}


def operations(url: str, *, api: bool) -> list[Operation]:
    """Those of the API, or those that read pages."""
    document = requests.get(f"{url}/api/openapi.json", timeout=30).json()
    schema = schemathesis.openapi.from_dict(document)
    found = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    return [
        one
        for one in found
        if one.path.startswith("/api/") == api
        and (api or one.method == "get")
        and not any(part in one.path for part in LEFT_ALONE)
    ]


def made_up(operation: Operation) -> st.SearchStrategy[Request]:
    """Requests of this operation: half of them in the shapes of the document, half out of shape."""

    @st.composite
    def strategy(draw: st.DrawFn) -> Request:
        right = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
        wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
        can_be_wrong = bool(operation.query) or bool(operation.body)
        case: Request = draw(st.one_of(right, wrong) if can_be_wrong else right)
        for name in list(case.path_parameters or ()):
            if name in PLACES and draw(st.integers(0, 3)):
                case.path_parameters[name] = draw(PLACES[name])
        if isinstance(case.body, dict):
            for name in REFERENCES.keys() & case.body.keys():
                if draw(st.integers(0, 3)):
                    case.body[name] = draw(REFERENCES[name])
        return case

    return strategy()


def probe(site: Site, *, api: bool, examples: int, roles: Sequence[str] = ROLES) -> None:
    """Send every operation so many requests, each by one of these; fail with all that went wrong."""
    failures: dict[str, str] = {}
    with requests.Session() as session:
        for operation in operations(site.url, api=api):
            callers: list[str] = []
            try:
                _send(site, session, operation, examples, roles, callers)
            except (FailureGroup, requests.RequestException, HypothesisException) as failure:
                failures[operation.label] = f"as {callers[-1:]}: {failure}"
    assert not failures, "\n\n".join(f"{label}: {text}" for label, text in failures.items())


def _send(
    site: Site,
    session: requests.Session,
    operation: Operation,
    examples: int,
    roles: Sequence[str],
    callers: list[str],
) -> None:
    @seed(int(os.environ.get("SCHEMATHESIS_SEED", examples)))
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=made_up(operation), role=st.sampled_from(roles))
    def send(case: Request, role: str) -> None:
        callers.append(role)
        case.call_and_validate(
            base_url=site.url,
            session=session,
            headers={"Accept": "application/json"} | site.headers(role),
            checks=CHECKS,
            timeout=30,
        )

    send()


def test_the_api(site: Site) -> None:
    probe(site, api=True, examples=4)


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_the_api_at_length(site: Site, role: str) -> None:
    probe(site, api=True, examples=AT_LENGTH, roles=[role])


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_pages_as_json(site: Site, role: str) -> None:
    probe(site, api=False, examples=AT_LENGTH // 4, roles=[role])
