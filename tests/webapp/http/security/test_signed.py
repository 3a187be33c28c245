"""Signed cookies are read once, and never longer believed than a signature is good for."""

from datetime import UTC, datetime, timedelta, tzinfo
from secrets import token_urlsafe
from typing import Any, Self

import pytest
from itsdangerous import BadSignature, URLSafeTimedSerializer

from webapp.http.security import signed
from webapp.http.security.signed import SignedCookies

MAX_AGE = 100


class Counting(URLSafeTimedSerializer):
    """Counts how often a signature is checked."""

    checks = 0

    def loads(self, *args: Any, **options: Any) -> Any:
        self.checks += 1
        return super().loads(*args, **options)


class Clock(datetime):
    """A clock that can be put forward."""

    ahead = timedelta(0)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return super().now(tz) + cls.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> type[Clock]:
    monkeypatch.setattr(signed, "datetime", Clock)
    monkeypatch.setattr(Clock, "ahead", timedelta(0))
    return Clock


def test_a_cookie_is_checked_once() -> None:
    serializer = Counting("secret")
    cookies = SignedCookies(serializer, MAX_AGE)
    cookie = serializer.dumps({"a": 1})
    assert [cookies.read(cookie) for _ in range(3)] == [{"a": 1}] * 3
    assert serializer.checks == 1


def test_what_is_not_ours_is_refused_each_time() -> None:
    cookies = SignedCookies(URLSafeTimedSerializer("secret"), MAX_AGE)
    good = URLSafeTimedSerializer("secret").dumps("me")
    cookies.read(good)
    value, moment, signature = good.split(".")
    changed = f"{value}.{moment}.{signature.swapcase()}"
    for bad in (URLSafeTimedSerializer("other").dumps("me"), changed, good[1:], "", "a.b.c"):
        for _ in range(2):
            with pytest.raises(BadSignature):
                cookies.read(bad)


def test_a_cookie_that_is_known_grows_old_all_the_same(clock: type[Clock], monkeypatch: pytest.MonkeyPatch) -> None:
    serializer = URLSafeTimedSerializer("secret")
    cookies = SignedCookies(serializer, MAX_AGE)
    cookie = serializer.dumps("me")
    assert cookies.read(cookie) == "me"
    clock.ahead = timedelta(seconds=MAX_AGE + 2)
    signer = type(serializer.make_signer(b""))
    later = int((datetime.now(UTC) + clock.ahead).timestamp())
    monkeypatch.setattr(signer, "get_timestamp", lambda self: later)
    for _ in range(2):
        with pytest.raises(BadSignature, match="age"):
            cookies.read(cookie)


def test_what_may_not_be_shared_is_read_each_time() -> None:
    serializer = Counting("secret")
    cookies = SignedCookies(serializer, MAX_AGE, kept=lambda value: not isinstance(value, list))
    cookie = serializer.dumps(["mine"])
    cookies.read(cookie).append("changed")
    assert cookies.read(cookie) == ["mine"]
    assert serializer.checks == 2


def test_what_is_remembered_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signed, "CAPACITY", 3)
    serializer = Counting("secret")
    cookies = SignedCookies(serializer, MAX_AGE)
    sent = [serializer.dumps(number) for number in range(6)]
    for cookie in (*sent, sent[-1], sent[0]):
        cookies.read(cookie)
    assert serializer.checks == 7  # the latest was known, the first was not any more
    long = serializer.dumps(token_urlsafe(signed.LONGEST_REMEMBERED))
    seen = serializer.checks
    for _ in range(2):
        cookies.read(long)
    assert serializer.checks == seen + 2
