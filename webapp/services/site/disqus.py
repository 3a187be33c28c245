"""Single sign-on at Disqus: who is signed in here, signed so that Disqus believes it (docs/contract/api.md 5)."""

from base64 import b64encode
from hmac import new as new_hmac

from db import json
from webapp.actor import Actor


def signed_identity(actor: Actor, secret_key: str, timestamp: int) -> str:
    """`remote_auth_s3` of Disqus: the account as JSON (empty for nobody), its signature, and the time."""
    who = {} if actor.is_anonymous else {"id": actor.user_id, "username": actor.name, "email": actor.email_addr}
    message = b64encode(json.dumps(who)).decode()
    signature = new_hmac(secret_key.encode(), f"{message} {timestamp}".encode(), "sha1").hexdigest()
    return f"{message} {signature} {timestamp}"
