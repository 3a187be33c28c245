"""Passwords: Argon2id, and the hashes that come from PYBOSSA."""

import hashlib
import hmac

import pytest
from werkzeug.security import generate_password_hash

from webapp.config import Settings
from webapp.services.accounts.passwords import Passwords


def argon2(time_cost: int) -> Passwords:
    return Passwords(Settings(argon2_time_cost=time_cost, argon2_memory_kib=8192, argon2_parallelism=1))


async def test_a_password_is_verified_by_its_hash_alone() -> None:
    passwords = argon2(1)
    stored = await passwords.hash("honey")

    assert stored.startswith("$argon2id$")
    assert (await passwords.verify(stored, "honey")).right
    assert not (await passwords.verify(stored, "wax")).right
    assert await passwords.hash("honey") != stored


async def test_a_hash_of_other_parameters_is_replaced() -> None:
    weak, strong = argon2(1), argon2(2)
    stored = await weak.hash("honey")

    assert (await weak.verify(stored, "honey")).new_hash is None
    verdict = await strong.verify(stored, "honey")
    assert verdict.right
    assert ",t=2,p=1$" in str(verdict.new_hash)
    assert (await strong.verify(stored, "wax")).new_hash is None


@pytest.mark.parametrize(
    "stored",
    [
        generate_password_hash("honey", method="pbkdf2:sha256:1000", salt_length=8),
        generate_password_hash("honey", method="pbkdf2:sha1:1000", salt_length=8),
        f"pbkdf2:sha1$salt${hashlib.pbkdf2_hmac('sha1', b'honey', b'salt', 1000).hex()}",
        f"sha1$salt${hmac.new(b'salt', b'honey', 'sha1').hexdigest()}",
    ],
    ids=["pbkdf2:sha256", "pbkdf2:sha1", "pbkdf2:sha1 without a count", "sha1"],
)
async def test_the_original_s_hashes_are_accepted_and_replaced(stored: str) -> None:
    right, wrong = await argon2(1).verify(stored, "honey"), await argon2(1).verify(stored, "wax")

    assert right.right
    assert str(right.new_hash).startswith("$argon2id$")
    assert (wrong.right, wrong.new_hash) == (False, None)


@pytest.mark.parametrize("stored", [None, "", "rubbish", "$argon2id$rubbish", "plain$$honey", "md5$a$b"])
async def test_what_is_no_hash_lets_nobody_in(stored: str | None) -> None:
    assert not (await argon2(1).verify(stored, "honey")).right
