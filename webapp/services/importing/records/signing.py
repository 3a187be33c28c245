"""Requests to S3-compatible stores with an owner's key: Signature Version 4 in the query of a GET."""

import hmac
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote, urlsplit

SERVICE = "s3"
ALGORITHM = "AWS4-HMAC-SHA256"
VALID_S = 300


def signed(url: str, query: dict[str, str], key_id: str, secret: str, region: str, now: datetime | None = None) -> str:
    """The address with this query, which whoever has it may GET for five minutes."""
    parts = urlsplit(url)
    moment = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{moment[:8]}/{region}/{SERVICE}/aws4_request"
    whole = query | {
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{key_id}/{scope}",
        "X-Amz-Date": moment,
        "X-Amz-Expires": str(VALID_S),
        "X-Amz-SignedHeaders": "host",
    }
    canonical = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in sorted(whole.items()))
    path = parts.path or "/"
    request = "\n".join(["GET", path, canonical, f"host:{parts.netloc}", "", "host", "UNSIGNED-PAYLOAD"])
    text = "\n".join([ALGORITHM, moment, scope, sha256(request.encode()).hexdigest()])
    key = f"AWS4{secret}".encode()
    for part in (moment[:8], region, SERVICE, "aws4_request"):
        key = hmac.digest(key, part.encode(), sha256)
    signature = hmac.digest(key, text.encode(), sha256).hex()
    return f"{parts.scheme}://{parts.netloc}{path}?{canonical}&X-Amz-Signature={signature}"
