"""Services by which people sign in here: Google, Facebook, X, GitHub, ORCID and whatever speaks OpenID Connect.

Every address comes from the settings or from a provider that they name, and so may be on a private network. Time and
size of each answer are bounded.
"""

from webapp.integrations.providers.base import Provider, ProviderIdentity, ProviderRefused, ProviderUnavailable
from webapp.integrations.providers.presets import providers_of

__all__ = ["Provider", "ProviderIdentity", "ProviderRefused", "ProviderUnavailable", "providers_of"]
