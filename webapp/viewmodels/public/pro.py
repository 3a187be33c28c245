"""PRO: which optional features the viewer has (docs/contract/pages.md 1.6)."""

from webapp.actor import Actor
from webapp.config import Settings
from webapp.policies import Action, about_feature, can

SHOWN = {"auditlog_enabled": "auditlog", "autoimporter_enabled": "autoimporter", "webhooks_enabled": "webhooks"}


def has_feature(actor: Actor, settings: Settings, feature: str) -> bool:
    """Whether the feature is open to this caller: kept for pro users, or for everybody."""
    return can(actor, Action.PRO_FEATURE, about_feature(feature, settings.pro_features))


def pro_features(actor: Actor, settings: Settings, *, better_stats: bool = False) -> dict[str, bool]:
    """The flags of a project's pages; `better_stats` only on the page of statistics."""
    flags = {name: has_feature(actor, settings, feature) for name, feature in SHOWN.items()}
    if better_stats:
        flags["better_stats_enabled"] = has_feature(actor, settings, "better_stats")
    return flags
