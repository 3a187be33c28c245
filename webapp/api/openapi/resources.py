"""The operations of the resources, from their columns, reserved keys and rules."""

from typing import Any

from webapp.actor import ANONYMOUS
from webapp.api.described import NUMBER, TEXT, TRUTH, Schema, closed, ref
from webapp.api.openapi.columns import MOMENT, needed, of_column, of_filter
from webapp.api.openapi.components import ACCOUNTS, BEARER, EVERYBODY, json_answer, refusals, with_rate
from webapp.api.query import MOST
from webapp.api.resource import Resource
from webapp.policies import RULES, Action, Facts
from webapp.viewmodels.public import project as public_project

OPEN = Facts(
    published=True, admitted=True, anonymous_allowed=True, zip_download=True, content_published=True, feature_open=True
)
"""Facts under which whatever is anybody's may be done by anybody."""
LINK: Schema = {"type": "string", "pattern": r"^<link rel='self' title='\w+' href='[^']+'/>$"}
LINKS: Schema = {
    "type": "array",
    "items": {"type": "string", "pattern": r"^<link rel='\w+' title='\w+' href='[^']+'/>$"},
}
MATCH: Schema = {"headline": {"type": ["string", "null"]}, "rank": {"type": ["number", "null"]}}
NOT_GIVEN = frozenset({"owner_id", "category_id", "user_id", "owners_ids"})
"""What the server puts in where the caller does not."""


def _maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _several(name: str) -> Schema:
    return {"type": "array", "items": ref(name)}


RELATED: dict[str, Schema] = {
    "task": {"task_runs": _several("TaskRun"), "result": _maybe(ref("Result"))},
    "taskrun": {"task": _maybe(ref("Task")), "result": _maybe(ref("Result"))},
    "result": {"task": _maybe(ref("Task")), "task_runs": _several("TaskRun")},
    "project": {"stats": {"anyOf": [ref("ProjectStats"), closed()]}},
}
LAST_ACTIVITY: Schema = {"anyOf": [MOMENT, {"const": "0"}]}


def is_open(action: Action) -> bool:
    """Whether somebody without an account may ever do this."""
    return RULES[action](ANONYMOUS, OPEN)


def security(action: Action, *, bearer: bool = False) -> list[Schema]:
    """The ways to be let in."""
    return (EVERYBODY if is_open(action) else []) + ACCOUNTS + (BEARER if bearer else [])


# -- schemas


def _row(resource: Resource) -> Schema:
    """A row as it is stored, less what is nobody's business."""
    properties = {name: of_column(column) for name, column in resource.columns().items()}
    if resource.name == "projectstats":
        properties["last_activity"] = LAST_ACTIVITY
    return closed(**properties) | {"title": resource.class_name}


def _row_shown(resource: Resource) -> Schema:
    """A row as it is read: with links, and with what was asked for beside it."""
    row = _row(resource)
    own = {"link": LINK} | ({"links": LINKS} if resource.parents else {})
    extra = RELATED.get(resource.name, {}) | MATCH
    return row | {"properties": row["properties"] | own | extra, "required": [*row["required"], *own]}


def _public_projects(shown: Schema) -> Schema:
    """A project as others see it."""
    names = {*public_project.API_PUBLIC, "link", "links", "stats", *MATCH}
    properties = {name: schema for name, schema in shown["properties"].items() if name in names}
    return shown | {"properties": properties, "required": [name for name in shown["required"] if name in properties]}


def _people(row: Schema) -> Schema:
    """Accounts as others see them, and as they and administrators do."""
    of = row["properties"]
    little = closed(name=of["name"], locale=of["locale"])
    open_ones = closed(**{name: of[name] for name in ("name", "locale", "fullname", "created")})
    own = closed(**{name: of[name] for name in ("id", "created", "name", "fullname", "email_addr", "locale", "info")})
    empty = {name: {"type": ["integer", "string", "null"]} for name in ("n_answers", "registered_ago", "rank", "score")}
    own |= {"properties": own["properties"] | empty}
    return {"anyOf": [one | {"properties": one["properties"] | MATCH} for one in (little, open_ones, own)]}


def schemas(resource: Resource) -> Schema:
    """The schemas of a resource: stored, shown, to be made, to be changed."""
    name, columns = resource.class_name, resource.columns()
    shown = _row_shown(resource)
    if resource.name == "project":
        shown = {"anyOf": [_public_projects(shown), shown]}
    elif resource.name == "user":
        shown = _people(_row(resource))
    writable = {key: of_column(column) for key, column in columns.items() if key not in resource.reserved}
    given = {"type": "object", "properties": writable, "additionalProperties": False}
    required = [key for key in needed(columns.values()) if key in writable and key not in NOT_GIVEN]
    return {
        name: _row(resource),
        f"{name}Shown": shown | {"title": f"{name}, as it is read"},
        f"{name}New": given | {"required": required, "title": f"{name}, to be made"},
        f"{name}Change": given | {"title": f"{name}, to be changed: what is not named stays"},
    }


# -- parameters


def _argument(name: str, schema: Schema, text: str) -> Schema:
    return {"name": name, "in": "query", "schema": schema, "description": text}


def _list_arguments(resource: Resource) -> list[Schema]:
    columns = resource.columns()
    found = [
        _argument("limit", NUMBER | {"default": 20}, f"How many, {MOST} at most"),
        _argument("offset", NUMBER | {"default": 0}, "How many to pass over"),
        _argument(
            "last_id",
            NUMBER,
            "The rows behind this one in the list's order (by `id`: upwards)",
        ),
        _argument("orderby", {"enum": list(columns), "default": "id"}, "The column to order by"),
        _argument("desc", TRUTH, "The greatest first"),
        _argument("fulltextsearch", {"enum": ["1"]}, "Read the values of `info=key::words` as words to search for"),
    ]
    if resource.own_first:
        found.append(_argument("all", {"enum": ["1"]}, "Everybody's rows, for callers who would see their own"))
    if resource.name == "task":
        found.append(_argument("participated", TEXT, "Without the tasks that the caller has answered"))
        found.append(_argument("external_uid", TEXT, "Whose answers `participated` looks at"))
    return found + _beside(resource) + [_filter(name, column) for name, column in columns.items()]


def _filter(name: str, column: Any) -> Schema:
    texts = {
        "info": "`key::value`, joined by `|`, or JSON that `info` must contain",
        "project_id": "One id or several, separated by commas",
        "created": "How the time begins: `2026`, `2026-01`",
        "fav_user_ids": "Accepted, and not looked at",
    }
    schema = TEXT if name in texts else of_filter(column)
    return _argument(name, schema, texts.get(name, f"Rows with exactly this {name}"))


def _beside(resource: Resource) -> list[Schema]:
    """What may be asked for beside the row itself."""
    if resource.name == "project":
        return [_argument("stats", TEXT, "With the project's statistics")]
    if resource.name == "projectstats":
        return [_argument("full", TEXT, "With the large series in `info`")]
    if resource.name in RELATED:
        names = " and ".join(RELATED[resource.name])
        return [_argument("related", TEXT, f"With {names}")]
    return []


# -- operations


def _tagged(resource: Resource, verb: str, summary: str, action: Action, **parts: Any) -> Schema:
    bearer = resource.name == "taskrun" and verb == "create"
    return {
        "operationId": f"{resource.name}_{verb}",
        "tags": [resource.name],
        "summary": summary,
        "security": security(action, bearer=bearer),
        "x-action": str(action),
    } | parts


def _body(resource: Resource, kind: str) -> Schema:
    if resource.name == "favorites":
        schema = closed(task_id={"type": "integer"})
        return {"required": True, "content": {"application/json": {"schema": schema}}}
    schema = ref(resource.class_name + kind)
    content: Schema = {"application/json": {"schema": schema}}
    if resource.takes_files:
        file = {"file": {"type": "string", "contentMediaType": "application/octet-stream"}, "info": TEXT}
        fields = {key: TEXT for key in resource.columns() if key not in resource.reserved}
        form = {"type": "object", "required": ["file"], "properties": fields | file, "additionalProperties": False}
        content["multipart/form-data"] = {"schema": form}
    return {"required": True, "content": content}


def _reading_refusals(resource: Resource, *, item: bool) -> set[int]:
    found = {415, 429, 503}
    # A presenter's frame is refused where it has nothing to look for.
    found |= {401, 403}
    return found | ({404} if item else {414})


def collection(resource: Resource) -> Schema:
    """The operations of `/api/<resource>`."""
    name, class_name = resource.name, resource.class_name
    shown = {"type": "array", "items": ref(f"{class_name}Shown")}
    answers = {"200": _validated(json_answer(shown, "The rows that the caller may see"))} | UNCHANGED
    answers |= refusals("Api", _reading_refusals(resource, item=False))
    found = {
        "get": _tagged(
            resource,
            "list",
            f"List rows of {name}",
            resource.read,
            parameters=_list_arguments(resource),
            responses=answers,
        )
    }
    if "POST" in resource.methods:
        action = resource.read if name == "favorites" else resource.create_action
        answers = {"200": json_answer(ref(class_name), "The row that was made")}
        answers |= refusals("Api", {400, 401, 403, 404, 413, 415, 429, 503})
        found["post"] = _tagged(
            resource, "create", f"Make a {name}", action, requestBody=_body(resource, "New"), responses=answers
        )
        if name == "taskrun":
            found["post"]["parameters"] = [_IDEMPOTENCY]
        elif name == "task":
            _take_many(found["post"])
    return found


def _header(name: str, text: str) -> Schema:
    return {"name": name, "in": "header", "schema": {"type": "string"}, "description": text}


IF_NONE_MATCH = _header("If-None-Match", "The ETag of what the caller has: 304 where it is still so")
IF_MATCH = _header("If-Match", "The ETag of the plain read: 412 where somebody has changed the row since")
ETAG: Schema = {"headers": {"ETag": {"description": "Changes with the answer", "schema": {"type": "string"}}}}
UNCHANGED: Schema = {"304": with_rate({"description": "It is as the caller has it"} | ETAG)}


def _validated(answer: Schema) -> Schema:
    """The answer with its tag."""
    return answer | {"headers": answer["headers"] | ETAG["headers"]}


_IDEMPOTENCY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 100},
    "description": "Of the caller's own choice: the same answer sent twice is stored once and answered alike",
}


def _take_many(operation: Schema) -> None:
    """Tasks are made by one, or many at once: all of them or none."""
    new, content = ref("TaskNew"), operation["requestBody"]["content"]
    content["application/json"] = {"schema": {"anyOf": [new, {"type": "array", "items": new}]}}
    content["application/x-ndjson"] = {"schema": {"type": "string", "description": "A task a line"}}
    answers = operation["responses"]
    answers["200"] = json_answer({"anyOf": [ref("Task"), ref("TasksAdded")]}, "The task, or which were added")
    answers["415"] = json_answer({"anyOf": [ref("Error"), ref("RowsRefused")]}, "What cannot be stored, row by row")


def item(resource: Resource) -> Schema:
    """The operations of `/api/<resource>/<id>`."""
    found = {"get": _reading(resource)}
    if "PUT" in resource.methods:
        answers = {"200": _validated(json_answer(ref(resource.class_name), "The row as it is now"))}
        answers |= refusals("Api", {400, 401, 403, 404, 412, 413, 415, 429, 503})
        found["put"] = _tagged(
            resource,
            "update",
            f"Change a {resource.name}",
            resource.update_action,
            parameters=[IF_MATCH],
            requestBody=_body(resource, "Change"),
            responses=answers,
        )
    if "DELETE" in resource.methods:
        found["delete"] = _removal(resource)
    return found


def _reading(resource: Resource) -> Schema:
    answer = json_answer(ref(f"{resource.class_name}Shown"), "The row")
    answer["content"]["application/javascript"] = {"schema": TEXT}
    answers = {"200": _validated(answer)} | UNCHANGED | refusals("Api", _reading_refusals(resource, item=True))
    jsonp = _argument("callback", TEXT, "JSONP: the function that the answer is to be handed to")
    return _tagged(
        resource,
        "read",
        f"Read a {resource.name}",
        resource.read,
        parameters=[*_beside(resource), jsonp, IF_NONE_MATCH],
        responses=answers,
    )


def _removal(resource: Resource) -> Schema:
    if resource.name == "favorites":
        shape = {"anyOf": [ref("Task"), closed(id={"type": "integer"})]}
        done: Schema = {"200": json_answer(shape, "The task, which is no favourite any more")}
        action = resource.read
    else:
        done = {"204": with_rate({"description": "Gone", "content": {"application/json": {}}})}
        action = resource.delete_action
    answers = done | refusals("Api", {401, 403, 404, 412, 415, 429, 503})
    return _tagged(resource, "delete", f"Delete a {resource.name}", action, parameters=[IF_MATCH], responses=answers)
