"""What the operations of the document have in common: errors, the headers of the rate limit, ways to sign in."""

from webapp.api.described import Schema, closed, ref

RATE_HEADERS = {
    "X-RateLimit-Limit": "How many requests the window allows",
    "X-RateLimit-Remaining": "How many of them are left",
    "X-RateLimit-Reset": "When the window ends, in seconds since 1970",
}
REASONS = {
    400: "The body cannot be understood, or holds a key that is not the caller's to set",
    401: "Nobody is signed in, and this needs somebody",
    403: "The caller may not do this",
    404: "There is no such thing",
    405: "Not in this way, or not on this site",
    412: "It has been changed since it was read",
    413: "Too large",
    414: "The address is too long",
    415: "An argument, the body or a value in it is of the wrong kind",
    429: "Too many requests",
    503: "Not available for the moment",
}
SCHEMES: Schema = {
    "key": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "The API key of an account, as it is: no word before it. Found on the profile.",
    },
    "keyArgument": {
        "type": "apiKey",
        "in": "query",
        "name": "api_key",
        "description": "The same as an argument. Addresses end up in logs: prefer the header.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "remember_token",
        "description": "Somebody signed in by a browser. Writes must not come from another site.",
    },
    "project": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A token signed with the project's secret (HS256), by which its own app vouches for its users.",
    },
}
EVERYBODY: list[Schema] = [{}]
ACCOUNTS: list[Schema] = [{"key": []}, {"keyArgument": []}, {"session": []}]
BEARER: list[Schema] = [{"project": []}]

ERROR: Schema = {
    "type": "object",
    "description": "The envelope of every failure",
    "required": ["action", "status", "status_code", "target", "exception_cls", "exception_msg"],
    "additionalProperties": False,
    "properties": {
        "action": {"type": "string"},
        "status": {"const": "failed"},
        "status_code": {"type": "integer"},
        "target": {"type": "string"},
        "exception_cls": {"type": "string"},
        "exception_msg": {"type": "string"},
        "code": {"type": "integer"},
        "description": {"type": "string"},
        "template": {"type": "string"},
    },
}
PAGE_ERROR = closed(code={"type": "integer"}, description={"type": "string"}, template={"type": "string"})
TOKEN_REFUSED = closed(code={"type": "string"}, description={"type": "string"})
NEXT: Schema = {
    "type": "object",
    "description": "Where to go on, and what is to be said",
    "required": ["next"],
    "properties": {"next": {"type": "string"}, "status": {"type": "string"}, "flash": {"type": "string"}},
}
SCHEMAS: Schema = {"Error": ERROR, "PageError": PAGE_ERROR | {"additionalProperties": True}, "Next": NEXT}
SCHEMAS["TokenRefused"] = TOKEN_REFUSED
REFUSED_ROWS: Schema = {
    "type": "array",
    "items": closed(index={"type": "integer"}, exception_cls={"type": "string"}, reason={"type": "string"}),
}
REPORT: Schema = {
    "added": {"type": "integer"},
    "ids": {"type": "array", "items": {"type": "integer"}},
    "n_refused": {"type": "integer"},
    "refused": REFUSED_ROWS,
}
SCHEMAS["TasksAdded"] = closed(**REPORT)
SCHEMAS["RowsRefused"] = ERROR | {"description": "Nothing was added", "properties": ERROR["properties"] | REPORT}


def headers() -> Schema:
    """The components of the rate limit's headers: none is there while nothing can be counted."""
    return {name: {"description": text, "schema": {"type": "integer"}} for name, text in RATE_HEADERS.items()}


def with_rate(answer: Schema) -> Schema:
    """The answer with the headers of the rate limit."""
    rate = {name: {"$ref": f"#/components/headers/{name}"} for name in RATE_HEADERS}
    return answer | {"headers": rate | answer.get("headers", {})}


def json_answer(schema: Schema, text: str) -> Schema:
    return with_rate({"description": text, "content": {"application/json": {"schema": schema}}})


def responses() -> Schema:
    """Every refusal, as the API and as pages tell it."""
    found: Schema = {}
    for status, text in REASONS.items():
        found[f"Api{status}"] = json_answer(ref("Error"), text)
        found[f"Page{status}"] = _page_refusal(text)
    found["Api401"] = json_answer({"anyOf": [ref("Error"), ref("TokenRefused")]}, REASONS[401])
    return found


def _page_refusal(text: str) -> Schema:
    shapes = {"application/json": {"schema": ref("PageError")}, "text/html": {"schema": {"type": "string"}}}
    return with_rate({"description": text, "content": shapes})


def refusals(kind: str, statuses: set[int]) -> Schema:
    """The refusals of an operation, `kind` being `Api` or `Page`."""
    return {str(status): {"$ref": f"#/components/responses/{kind}{status}"} for status in sorted(statuses)}
