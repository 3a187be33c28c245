"""Authlib's clients, on the tree's one HTTP client: that it would rather have another, which it
says at their import, is nothing for whoever starts a site."""

import warnings

from authlib.deprecate import AuthlibDeprecationWarning

with warnings.catch_warnings():
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.httpx_client import AsyncOAuth1Client, AsyncOAuth2Client

__all__ = ["AsyncOAuth1Client", "AsyncOAuth2Client"]
