"""`workbee user …`: accounts made at the terminal, such as a first administrator's."""

import argparse
import getpass
import re
import sys

from email_validator import EmailNotValidError, validate_email

from db.errors import Duplicate, NotFound
from db.models import User
from db.repositories.user import UserRepository
from db.session import Database
from webapp.actor import SYSTEM
from webapp.config import Settings
from webapp.errors import Invalid
from webapp.runtime.child import RuntimeFailure
from webapp.runtime.commands.database_work import on_database
from webapp.services.accounts import second_step
from webapp.services.accounts.accounts import NewAccount, register
from webapp.services.accounts.passwords import Passwords

NAME = re.compile(r"[^$#&\\/|\s]{3,35}")
PASSWORD_MIN_LENGTH = 8


def create(settings: Settings, options: argparse.Namespace) -> None:
    """Make an account, its e-mail address taken as confirmed. The first one is an administrator's in any case."""
    if not NAME.fullmatch(options.name):
        raise RuntimeFailure(f"{options.name!r} is no user name: 3 to 35 characters without spaces and $ # & \\ / |.")
    try:
        email = validate_email(options.email, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise RuntimeFailure(f"{options.email!r} is no e-mail address: {error}") from None
    account = NewAccount(
        fullname=options.fullname or options.name,
        name=options.name,
        email_addr=email,
        password=_password(from_stdin=options.password_stdin),
    )
    user = on_database(settings, lambda served, url: _register(served, url, account, admin=options.admin))
    print(f"Created {'administrator' if user.admin else 'user'} {user.name}, number {user.id}.")


def reset_second_step(settings: Settings, options: argparse.Namespace) -> None:
    """Let somebody in by password alone who has lost their second step: also the only administrator."""
    on_database(settings, lambda served, url: _reset_second_step(url, options.name))
    print(f"{options.name} signs in by password alone.")


async def _reset_second_step(url: str, name: str) -> None:
    database = Database(url, pool_size=1)
    try:
        async with database.unit() as uow:
            user = await UserRepository(uow.session).get_by_name(name)
            await second_step.reset(uow.session, SYSTEM, user)
    except NotFound:
        raise RuntimeFailure(f"There is no account {name!r}.") from None
    finally:
        await database.close()


def _password(*, from_stdin: bool) -> str:
    password = sys.stdin.readline().rstrip("\n") if from_stdin else getpass.getpass("Password: ")
    if len(password) < PASSWORD_MIN_LENGTH:
        raise RuntimeFailure(f"The password is too short: at least {PASSWORD_MIN_LENGTH} characters.")
    if not from_stdin and getpass.getpass("Once more: ") != password:
        raise RuntimeFailure("The two passwords are not the same.")
    return password


async def _register(settings: Settings, url: str, account: NewAccount, *, admin: bool) -> User:
    database = Database(url, pool_size=1)
    try:
        async with database.unit() as uow:
            user = await register(uow.session, Passwords(settings), account, None, official=True)
            user.admin = user.admin or admin
            return user
    except Invalid as refusal:
        raise RuntimeFailure(refusal.message) from None
    except Duplicate:
        raise RuntimeFailure("There is an account with this name or e-mail address already.") from None
    finally:
        await database.close()
