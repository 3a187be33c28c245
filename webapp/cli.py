"""The `workbee` command: reads the command line and the settings, and hands over to `webapp.runtime`."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from webapp.config import Settings, SettingsError, load_settings
from webapp.runtime.child import RuntimeFailure

Handler = Callable[[Settings, argparse.Namespace], int | None]
"""Does one command; returns its exit status, None for 0. Raises RuntimeFailure."""
HANDLERS = {
    "up": "webapp.runtime.serving.supervisor:up",
    "serve": "webapp.runtime.serving.supervisor:serve",
    "worker": "webapp.runtime.serving.job_worker:work",
    "demo": "webapp.runtime.commands.demonstration:fill_demo",
    "db upgrade": "webapp.runtime.commands.schema:upgrade",
    "db revision": "webapp.runtime.commands.schema:revision",
    "db check": "webapp.runtime.commands.schema:check",
    "db pooler": "webapp.runtime.commands.pooling:show",
    "figures check": "webapp.runtime.commands.figures:check",
    "figures rebuild": "webapp.runtime.commands.figures:rebuild",
    "user create": "webapp.runtime.commands.accounts:create",
    "user reset-second-step": "webapp.runtime.commands.accounts:reset_second_step",
}
"""Who does what, imported when asked for: all together take 1.6 s and 76 MB more, of which `--help` and the supervisor
need nothing."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status."""
    options = _parser().parse_args(arguments)
    # What is made from here on (uploads, logs, keys) is for nobody else's eyes.
    os.umask(0o077)
    try:
        settings = load_settings(
            **{name: getattr(options, name, None) for name in ("data_dir", "host", "port", "workers")}
        )
        return _handler(options.command)(settings, options) or 0
    except (SettingsError, RuntimeFailure) as failure:
        print(f"workbee: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _handler(name: str) -> Handler:
    module, _, function = HANDLERS[name].partition(":")
    handler: Handler = getattr(import_module(module), function)
    return handler


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="workbee",
        description="A crowdsourcing server. Settings are WORKBEE_* variables: see webapp/config.py.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {version('workbee')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    up = _command(commands, "up", "run everything here: database, Redis, migrations, web and job workers")
    _add_listening(up)
    up.add_argument("--demo", action="store_true", help="fill an empty database with a project worth showing")
    up.add_argument("--with-parent", action="store_true", help="stop when the process that started this one ends")
    _add_listening(_command(commands, "serve", "run the web workers alone"))
    _command(commands, "worker", "run the job worker alone")
    _command(commands, "demo", "fill an empty database with the demo")
    _add_database(commands)
    _add_figures(commands)
    _add_user(commands)
    return parser


def _command(group: Any, name: str, text: str, command: str | None = None) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = group.add_parser(name, help=text, description=text[:1].upper() + text[1:] + ".")
    parser.set_defaults(command=command or name)
    parser.add_argument("--data", dest="data_dir", type=Path, metavar="DIR", help="the data folder (WORKBEE_DATA_DIR)")
    return parser


def _add_listening(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", metavar="H", help="the address to listen on (WORKBEE_HOST)")
    parser.add_argument("--port", metavar="N", help="the port to listen on, 0 for any free one (WORKBEE_PORT)")
    parser.add_argument("--workers", metavar="N", help="how many processes answer requests (WORKBEE_WORKERS)")


def _add_database(commands: Any) -> None:
    text = "look after the database's schema"
    group = commands.add_parser("db", help=text, description=text).add_subparsers(required=True, metavar="command")
    _command(group, "upgrade", "bring the schema up to date", "db upgrade")
    revision = _command(group, "revision", "draft a migration from what models and functions say", "db revision")
    revision.add_argument("message", help="what the migration does: verb and noun")
    _command(group, "check", "report where the schema differs from the models", "db check")
    _command(group, "pooler", "print what PgBouncer has to be told (WORKBEE_POOLER_URL)", "db pooler")


def _add_figures(commands: Any) -> None:
    text = "look after the figures that pages show of many answers"
    group = commands.add_parser("figures", help=text, description=text).add_subparsers(required=True, metavar="command")
    _command(group, "check", "report where figures differ from a recount of all answers", "figures check")
    _command(group, "rebuild", "make all figures anew from the answers", "figures rebuild")


def _add_user(commands: Any) -> None:
    text = "look after accounts"
    group = commands.add_parser("user", help=text, description=text).add_subparsers(required=True, metavar="command")
    create = _command(group, "create", "create an account; its password is asked for", "user create")
    create.add_argument("name", help="the user name, as in addresses")
    create.add_argument("email")
    create.add_argument("--fullname", help="the name shown to people; by default the user name")
    create.add_argument("--admin", action="store_true", help="make it an administrator")
    create.add_argument("--password-stdin", action="store_true", help="read the password from the standard input")
    text = "let somebody in by password alone who has lost their second step"
    reset = _command(group, "reset-second-step", text, "user reset-second-step")
    reset.add_argument("name", help="the user name, as in addresses")


if __name__ == "__main__":
    sys.exit(main())
