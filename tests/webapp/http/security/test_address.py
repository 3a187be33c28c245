"""By what address a caller is told from others."""

import pytest

from webapp.http.security.address import UNKNOWN, AddressAnonymiser, wider_range

anonymise = AddressAnonymiser(bytes(range(32))).anonymise


@pytest.mark.parametrize("other", ["2001:db8:1:2::9", "2001:db8:1:2:ffff:ffff:ffff:ffff", "[2001:db8:1:2::7]:443"])
def test_one_network_is_one_caller(other: str) -> None:
    assert anonymise(other) == anonymise("2001:db8:1:2::1")


@pytest.mark.parametrize(
    ("one", "other"), [("2001:db8:1:2::1", "2001:db8:1:3::1"), ("192.0.2.1", "192.0.2.2"), ("::1", "192.0.2.1")]
)
def test_others_are_others(one: str, other: str) -> None:
    assert anonymise(one) != anonymise(other)


@pytest.mark.parametrize("same", ["::ffff:192.0.2.1", "192.0.2.1:8080", "[::ffff:192.0.2.1]:443"])
def test_one_address_is_one_however_it_is_written(same: str) -> None:
    assert anonymise(same) == anonymise("192.0.2.1")


@pytest.mark.parametrize("text", ["garbage", "unknown", "", "1.2.3", "[::", "1.2.3.4.5:80"])
def test_what_is_no_address_is_the_unknown_one(text: str) -> None:
    assert anonymise(text) == anonymise(UNKNOWN)


def test_ranges_survive() -> None:
    assert wider_range(anonymise("192.0.2.1")) == wider_range(anonymise("192.0.2.200"))
    assert wider_range(anonymise("192.0.2.1")) != wider_range(anonymise("192.0.3.1"))
    assert wider_range(anonymise("2001:db8:1:2::1")) == wider_range(anonymise("2001:db8:1:ffff::1"))
