"""Numbers that no row has."""

import pytest
from quart import Quart

from tests.support.client import Client
from webapp.http.application import MOST_NUMBER


@pytest.mark.parametrize("number", [MOST_NUMBER + 1, 2**63, 10**40])
async def test_a_number_that_the_database_cannot_count_to_leads_nowhere(app: Quart, number: int) -> None:
    rules = [rule.rule for rule in app.url_map.iter_rules() if rule.rule.count("<") == rule.rule.count("<int:") == 1]
    assert len(rules) > 10
    for rule in rules:
        before, rest = rule.split("<int:")
        assert (await Client(app).get(before + str(number) + rest.partition(">")[2])).status in (404, 405), rule
