"""`workbee user …`: accounts made at the terminal, such as a first administrator's."""

import argparse
import getpass
import re
import sys

from argon2 import PasswordHasher
from email_validator import EmailNotValidError, validate_email

from db.errors import Duplicate
from db.models import User
from db.session import Database
from webapp.config import Settings
from webapp.runtime.child import RuntimeFailure
from webapp.runtime.database_work import on_database

NAME = re.compile(r"[^$#&\\/|\s]{3,35}")
PASSWORD_MIN_LENGTH = 8


def create(settings: Settings, options: argparse.Namespace) -> None:
    """Make an account, its e-mail address taken as confirmed."""
    if not NAME.fullmatch(options.name):
        raise RuntimeFailure(f"{options.name!r} is no user name: 3 to 35 characters without spaces and $ # & \\ / |.")
    try:
        email = validate_email(options.email, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise RuntimeFailure(f"{options.email!r} is no e-mail address: {error}") from None
    password = _password(from_stdin=options.password_stdin)
    hasher = PasswordHasher(settings.argon2_time_cost, settings.argon2_memory_kib, settings.argon2_parallelism)
    user = User(
        name=options.name,
        fullname=options.fullname or options.name,
        email_addr=email,
        passwd_hash=hasher.hash(password),
        admin=options.admin,
        valid_email=True,
    )
    user_id = on_database(settings, lambda _, url: _store(url, user))
    print(f"Created {'administrator' if options.admin else 'user'} {options.name}, number {user_id}.")


def _password(*, from_stdin: bool) -> str:
    password = sys.stdin.readline().rstrip("\n") if from_stdin else getpass.getpass("Password: ")
    if len(password) < PASSWORD_MIN_LENGTH:
        raise RuntimeFailure(f"The password is too short: at least {PASSWORD_MIN_LENGTH} characters.")
    if not from_stdin and getpass.getpass("Once more: ") != password:
        raise RuntimeFailure("The two passwords are not the same.")
    return password


async def _store(url: str, user: User) -> int:
    database = Database(url, pool_size=1)
    try:
        async with database.unit() as uow:
            uow.session.add(user)
            await uow.session.flush()
            return user.id
    except Duplicate:
        raise RuntimeFailure("There is an account with this name or e-mail address already.") from None
    finally:
        await database.close()
