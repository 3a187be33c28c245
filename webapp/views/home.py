"""The home page."""

from quart import Blueprint

from webapp.http.page import Call, page
from webapp.policies import Action
from webapp.viewmodels.home import HomePage

blueprint = Blueprint("home", __name__)


@page(blueprint, "/", action=Action.SITE_VIEW)
async def home(call: Call) -> HomePage:
    """Purpose, projects, numbers and people of this site."""
    return HomePage()
