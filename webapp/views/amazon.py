"""What a public bucket at Amazon S3 has (docs/contract/pages.md 2): what front ends choose an import's files from."""

from contextlib import aclosing

from quart import Blueprint

from webapp.errors import WorkbeeError
from webapp.http.page import RequestContext, page
from webapp.policies import Action
from webapp.services.importing.records import s3
from webapp.services.importing.records.documents import NoPermission
from webapp.services.importing.records.listing import keys_of_bucket
from webapp.viewmodels.page import Json

blueprint = Blueprint("amazon", __name__)
MOST_KEYS = 10_000
"""Of one answer: whoever wants more imports by a prefix."""


@page(blueprint, "/amazon/bucket/<bucket>", action=Action.SITE_VIEW)
async def bucket(ctx: RequestContext, bucket: str) -> Json:
    """The names of its files, the first 10,000; 404 or 403 with the reason where it shows none."""
    await ctx.release_database()
    names: list[str] = []
    try:
        found = s3.Bucket.of({"bucket": bucket})
        async with aclosing(keys_of_bucket(ctx.app_services.outbound, found.url, "")) as listed:
            async for name in listed:
                names.append(name)
                if len(names) == MOST_KEYS:
                    break
    except WorkbeeError as error:
        status = 403 if isinstance(error, NoPermission) else 404
        told: dict[str, object] = {
            "action": "GET",
            "status": "failed",
            "status_code": status,
            "exception_msg": error.message,
        }
        # And as every other page tells it.
        told |= {"code": status, "description": error.message, "template": f"{status}.html"}
        return Json(told, code=status)
    return Json(names)
