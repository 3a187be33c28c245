"""The commands that run the site; they know its processes only, so that the supervisor stays small."""

import argparse

from webapp.config import Settings
from webapp.runtime.supervisor import Plan, supervise


def up(settings: Settings, options: argparse.Namespace) -> None:
    """Everything in one terminal."""
    supervise(settings, Plan(migrate=True, demo=options.demo, jobs=True, with_parent=options.with_parent))


def serve(settings: Settings, options: argparse.Namespace) -> None:
    """Web workers alone."""
    supervise(settings, Plan(share_services=True))
