"""The second step of signing in: codes of an app, by mail, and of recovery; chosen, asked for, and lost."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import html5lib
import pyotp
import pytest
from quart import Quart
from sqlalchemy import select, text

from db.models import AdminAction, RecoveryCode, SecondStep, User
from db.session import Database
from tests.factories import make_user
from tests.support.client import Answer, Client
from tests.support.mailbox import Mailbox, open_mailbox, text_of
from webapp.app import create_app
from webapp.config import Settings
from webapp.jobs.work import Work
from webapp.jobs.worker import create_jobs
from webapp.services.accounts import second_step
from webapp.services.accounts.passwords import Passwords
from webapp.services.mails.delivery import KINDS
from webapp.services.mails.kinds import MailContext

PASSWORD = "honey and wax"
PLACE = "/account/ann/security"
SIGN_IN = {"email": "ann@example.org", "password": PASSWORD}


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with open_mailbox() as opened:
        yield opened


@pytest.fixture
def mailing(settings: Settings, mailbox: Mailbox) -> Settings:
    changes = {"smtp_url": mailbox.url, "mail_sender": "hive@bees.example", "base_url": "http://bees.example"}
    return settings.model_copy(update=changes)


@pytest.fixture
async def site(mailing: Settings, clean: None) -> AsyncIterator[Quart]:
    created = create_app(mailing)
    async with created.test_app():
        yield created


@pytest.fixture
async def strict(mailing: Settings, clean: None) -> AsyncIterator[Quart]:
    """A site that mails everybody a code."""
    created = create_app(mailing.model_copy(update={"two_factor": True}))
    async with created.test_app():
        yield created


@pytest.fixture
async def ann(database: Database, settings: Settings) -> User:
    async with database.unit() as uow:
        hashed = await Passwords(settings).hash(PASSWORD)
        return await make_user(uow.session, name="ann", email_addr="ann@example.org", passwd_hash=hashed)


@dataclass
class Post:
    """What was mailed."""

    settings: Settings
    mailbox: Mailbox
    n_read: int = field(default=0)

    async def new(self) -> list[str]:
        """The letters since the last time."""
        work = Work.of(self.settings)
        async with create_jobs(work).open_async() as jobs_app:
            await jobs_app.run_worker_async(wait=False)
        await work.close()
        fresh = [text_of(letter).replace("\r\n", "\n") for letter in self.mailbox.letters[self.n_read :]]
        self.n_read = len(self.mailbox.letters)
        return fresh

    async def code(self) -> str:
        """The code of the one new letter."""
        [letter] = await self.new()
        found = re.search(r"^(\d{6})$", letter, re.MULTILINE)
        assert found is not None
        return found[1]


@pytest.fixture
def post(mailing: Settings, mailbox: Mailbox) -> Post:
    return Post(mailing, mailbox)


async def begin(browser: Client, path: str = "/account/signin") -> Answer:
    return await browser.post(path, SIGN_IN, json=True)


async def is_in(browser: Client) -> bool:
    return (await browser.get("/project/new", json=True)).status == 200


async def set_up(browser: Client) -> tuple[str, list[str]]:
    """The secret of an app, and the recovery codes."""
    page = (await browser.get(f"{PLACE}/authenticator", json=True)).json
    sent = {"setup": page["form"]["setup"], "otp": pyotp.TOTP(page["secret"]).now()}
    answer = await browser.post(f"{PLACE}/authenticator", sent, json=True)
    return page["secret"], answer.json["codes"]


def next_code(secret: str) -> str:
    """The one after that which was used to set the app up."""
    return pyotp.TOTP(secret).at(datetime.now(UTC), counter_offset=1)


async def test_codes_by_mail_where_the_site_asks_for_them(strict: Quart, ann: User, post: Post) -> None:
    browser = Client(strict)
    asked = await begin(browser, "/account/signin?next=/about")
    assert re.fullmatch(r"/account/[\w-]{32}/otpvalidation\?next=/about", asked.json["next"])
    assert not await is_in(browser)

    shown = (await browser.get(asked.json["next"], json=True)).json
    assert set(shown) >= {"template", "title", "form", "user", "next", "token"}
    assert (shown["template"], shown["title"]) == ("/account/otpvalidation.html", "Verify OTP")
    assert (shown["user"]["name"], shown["next"], shown["form"]["otp"]) == ("ann", "/about", None)

    right = await browser.post(asked.json["next"], {"otp": await post.code()}, json=True)
    assert right.json == {"next": "/about", "status": "success", "flash": f"Welcome back {ann.fullname}"}
    assert await is_in(browser)
    again = await Client(strict).get(asked.json["next"], json=True)
    assert again.json == {"next": "/account/signin", "status": "error", "flash": "Please sign in."}


async def test_a_wrong_code_has_another_mailed(strict: Quart, ann: User, post: Post) -> None:
    browser = Client(strict)
    place = (await begin(browser)).json["next"]
    first = await post.code()
    wrong = await browser.post(place, {"otp": "nonsense"}, json=True)
    assert (wrong.status, wrong.json["status"], wrong.json["template"]) == (200, "error", "/account/otpvalidation.html")
    second = await post.code()
    assert first != second
    assert (await browser.post(place, {"otp": second}, json=True)).json["status"] == "success"


async def test_after_some_wrong_codes_the_right_one_is_worth_nothing(strict: Quart, ann: User, post: Post) -> None:
    browser = Client(strict)
    place = (await begin(browser)).json["next"]
    answers = [await browser.post(place, {"otp": "0"}, json=True) for _ in range(second_step.MOST_TRIES)]
    assert [one.json["next"] for one in answers] == ["/"] * (second_step.MOST_TRIES - 1) + ["/account/signin"]
    assert (await browser.post(place, {"otp": "0"}, json=True)).json["next"] == "/account/signin"
    assert not await is_in(browser)


async def test_guesses_are_counted_for_the_account_whatever_the_token(site: Quart, ann: User) -> None:
    own = Client(site)
    await begin(own)
    secret, _codes = await set_up(own)
    statuses = []
    for _ in range(3):
        browser = Client(site)
        place = (await begin(browser)).json["next"]
        statuses += [(await browser.post(place, {"otp": "0"}, json=True)).status for _ in range(4)]
    assert statuses == [200] * 10 + [429] * 2
    await own.post("/account/signout", json=True)
    place = (await begin(own)).json["next"]
    known = await own.post(place, {"otp": next_code(secret)}, json=True)
    assert known.json["status"] == "success", "strangers shut nobody out where they have been before"


async def test_a_key_goes_on_working(strict: Quart, ann: User) -> None:
    assert (await Client(strict, key=ann.api_key).api("GET", "/api/user")).status == 200
    assert await is_in(Client(strict, key=ann.api_key))


async def test_an_app_is_set_up_and_asked_for(site: Quart, ann: User, post: Post, database: Database) -> None:
    browser = Client(site)
    await begin(browser)
    secret, codes = await set_up(browser)
    assert len(set(codes)) == second_step.N_RECOVERY_CODES
    [told] = await post.new()
    assert "an authenticator app was set up" in told
    async with database.unit() as uow:
        stored = (await uow.session.scalars(select(SecondStep))).one()
        digests = list(await uow.session.scalars(select(RecoveryCode.digest)))
    assert secret not in str(stored.secret) and not set(digests) & {one.replace("-", "") for one in codes}

    other = Client(site)
    place = (await begin(other)).json["next"]
    assert (await other.get(place, json=True)).json["app"] is True
    assert await post.new() == [], "nothing is mailed"
    used = await other.post(place, {"otp": pyotp.TOTP(secret).now()}, json=True)
    assert (used.json["status"], await is_in(other)) == ("error", False), "the code that set it up is used up"
    right = await other.post(place, {"otp": next_code(secret)}, json=True)
    assert (right.json["status"], await is_in(other)) == ("success", True)

    third = Client(site)
    place = (await begin(third)).json["next"]
    assert (await third.post(place, {"otp": next_code(secret)}, json=True)).json["status"] == "error"
    assert not await is_in(third)


async def test_a_recovery_code_works_once(site: Quart, ann: User, post: Post) -> None:
    browser = Client(site)
    await begin(browser)
    _secret, codes = await set_up(browser)
    await post.new()
    outcomes = []
    for typed in (codes[0].upper(), codes[0], f" {codes[1].replace('-', ' ')} "):
        other = Client(site)
        place = (await begin(other)).json["next"]
        outcomes.append((await other.post(place, {"otp": typed}, json=True)).json["status"])
    assert outcomes == ["success", "error", "success"]
    assert (await browser.get(PLACE, json=True)).json["n_recovery_codes"] == len(codes) - 2
    assert all("a recovery code was used" in letter for letter in await post.new())


async def test_whoever_cannot_make_a_code_is_not_shut_out(site: Quart, ann: User) -> None:
    browser = Client(site)
    await begin(browser)
    page = (await browser.get(f"{PLACE}/authenticator", json=True)).json
    sent = {"setup": page["form"]["setup"], "otp": "000000"}
    wrong = (await browser.post(f"{PLACE}/authenticator", sent, json=True)).json
    assert list(wrong["form"]["errors"]) == ["otp"] and wrong["secret"] == page["secret"]
    made_up = await browser.post(f"{PLACE}/authenticator", {"setup": "x", "otp": "000000"}, json=True)
    assert list(made_up.json["form"]["errors"]) == ["otp"]
    assert (await begin(Client(site))).json["status"] == "success"


async def test_another_s_setup_is_refused(site: Quart, ann: User, database: Database, mailing: Settings) -> None:
    async with database.unit() as uow:
        bea = await make_user(uow.session, name="bea")
    setup = second_step.new_setup(mailing, bea)
    browser = Client(site)
    await begin(browser)
    sent = {"setup": setup.sealed, "otp": pyotp.TOTP(setup.secret).now()}
    answer = await browser.post(f"{PLACE}/authenticator", sent, json=True)
    assert list(answer.json["form"]["errors"]) == ["otp"]


async def test_mail_codes_are_chosen_and_given_up(site: Quart, ann: User, post: Post) -> None:
    browser = Client(site)
    await begin(browser)
    chosen = (await browser.post(f"{PLACE}/mail-codes", {"enabled": True}, json=True)).json
    assert len(chosen["codes"]) == second_step.N_RECOVERY_CODES
    await post.new()

    other = Client(site)
    place = (await begin(other)).json["next"]
    assert (await other.post(place, {"otp": await post.code()}, json=True)).json["status"] == "success"

    await browser.post(f"{PLACE}/mail-codes", {"enabled": False}, json=True)
    assert (await begin(Client(site))).json["next"] == "/"
    assert (await browser.get(PLACE, json=True)).json["n_recovery_codes"] == 0


async def test_nobody_is_asked_for_a_code_that_cannot_be_mailed(
    app: Quart, site: Quart, ann: User, settings: Settings
) -> None:
    browser = Client(site)
    await begin(browser)
    await browser.post(f"{PLACE}/mail-codes", {"enabled": True}, json=True)
    assert (await begin(Client(app))).json["next"] == "/", "the site has lost its mail server"
    here = Client(app)
    await begin(here)
    refused = await here.post(f"{PLACE}/mail-codes", {"enabled": True}, json=True)
    assert (refused.json["status"], refused.json["flash"]) == ("error", "This site sends no mail.")


async def test_the_app_is_removed(site: Quart, ann: User, database: Database) -> None:
    browser = Client(site)
    await begin(browser)
    await set_up(browser)
    removed = await browser.post(f"{PLACE}/authenticator/remove", json=True)
    assert removed.json["next"] == PLACE
    assert (await begin(Client(site))).json["next"] == "/"
    async with database.unit() as uow:
        assert list(await uow.session.scalars(select(RecoveryCode.id))) == []


async def test_new_recovery_codes_take_the_place_of_the_old(site: Quart, ann: User) -> None:
    browser = Client(site)
    await begin(browser)
    nothing = await browser.post(f"{PLACE}/recovery-codes", json=True)
    assert nothing.json["flash"] == "Choose a second step first."
    _secret, old = await set_up(browser)
    new = (await browser.post(f"{PLACE}/recovery-codes", json=True)).json["codes"]
    assert not set(old) & set(new)
    for code, outcome in ((old[0], "error"), (new[0], "success")):
        other = Client(site)
        place = (await begin(other)).json["next"]
        assert (await other.post(place, {"otp": code}, json=True)).json["status"] == outcome


@pytest.mark.parametrize("path", ["authenticator/remove", "mail-codes", "recovery-codes", "authenticator"])
async def test_an_old_sign_in_changes_nothing(site: Quart, ann: User, database: Database, path: str) -> None:
    browser = Client(site)
    await begin(browser)
    await set_up(browser)
    async with database.unit() as uow:
        await uow.session.execute(text("UPDATE account_session SET proven = now() - interval '11 minutes'"))
    answer = await browser.post(f"{PLACE}/{path}", {"enabled": True, "otp": "1", "setup": "x"}, json=True)
    assert answer.json["next"].startswith(f"{PLACE}/confirm?next={PLACE}")
    key = await Client(site, key=ann.api_key).post(f"{PLACE}/{path}", {"enabled": True}, json=True)
    assert key.status == 403


async def test_a_forgotten_password_leads_to_the_second_step(
    site: Quart, ann: User, post: Post, database: Database
) -> None:
    """Whoever reads somebody's mail does not have their phone."""
    browser = Client(site)
    await begin(browser)
    secret, _codes = await set_up(browser)
    await post.new()
    await Client(site).post("/account/forgot-password", {"email_addr": "ann@example.org"}, json=True)
    [letter] = await post.new()
    link = re.search(r"http://bees\.example(\S+)", letter)
    assert link is not None
    thief = Client(site)
    chosen = {"new_password": "mead and bread", "confirm": "mead and bread"}
    answer = await thief.post(link[1], chosen, json=True)
    assert "otpvalidation" in answer.json["next"] and not await is_in(thief)
    assert any("your password was changed" in letter for letter in await post.new())
    right = await thief.post(answer.json["next"], {"otp": next_code(secret)}, json=True)
    assert right.json["status"] == "success"


async def test_a_token_ends_with_the_password(strict: Quart, ann: User, post: Post, database: Database) -> None:
    browser = Client(strict)
    place = (await begin(browser)).json["next"]
    async with database.unit() as uow:
        await uow.session.execute(text("UPDATE users SET session_epoch = session_epoch + 1"))
    answer = await browser.post(place, {"otp": await post.code()}, json=True)
    assert answer.json["next"] == "/account/signin"


async def test_a_letter_that_is_late_is_not_sent(mailing: Settings, ann: User, database: Database) -> None:
    async with database.unit(read_only=True) as uow:
        asked = MailContext(uow.session, mailing, ann, {"nonce": "x", "until": 0})
        assert await KINDS[second_step.MAIL_KIND].find(asked) is None


async def test_an_administrator_lets_somebody_in_again(site: Quart, ann: User, post: Post, database: Database) -> None:
    browser = Client(site)
    await begin(browser)
    await set_up(browser)
    async with database.unit() as uow:
        rita = await make_user(uow.session, name="rita", admin=True)
    place = f"/admin/users/{ann.id}"
    admin = Client(site, key=rita.api_key)
    assert (await admin.get(place, json=True)).json["has_second_step"] is True
    assert (await browser.post(f"{place}/reset-second-step", json=True)).status == 403

    answer = await admin.post(f"{place}/reset-second-step", json=True)

    assert (answer.json["next"], answer.json["status"]) == (place, "success")
    assert (await begin(Client(site))).json["next"] == "/"
    assert any("an administrator has removed" in letter for letter in await post.new())
    async with database.unit() as uow:
        assert list(await uow.session.scalars(select(AdminAction.action))) == ["reset second step"]


async def test_the_pages(site: Quart, ann: User) -> None:
    browser = Client(site)
    await begin(browser)
    page = await browser.get(f"{PLACE}/authenticator")
    assert "<path fill=" in page.text and page.headers["Cache-Control"] == "no-store"
    await set_up(browser)
    other = Client(site)
    place = (await begin(other)).json["next"]
    shown = [await other.get(place), await browser.get(PLACE), page, await browser.get(f"{PLACE}/confirm")]
    codes = await browser.post(f"{PLACE}/recovery-codes")
    assert ["One more step" in shown[0].text, "Authenticator app" in shown[1].text] == [True, True]
    for one in (*shown, codes):
        html5lib.HTMLParser(strict=True).parse(one.text)


async def test_a_site_with_another_key_knows_no_app_any_more(
    site: Quart, ann: User, mailing: Settings, post: Post
) -> None:
    """Nobody is let in by that, and nothing breaks: the terminal's command lets them in again."""
    browser = Client(site)
    await begin(browser)
    secret, codes = await set_up(browser)
    other = create_app(mailing.model_copy(update={"secret_key": "another-Zb3kq9VxT7wLr2NpYd8Hc5Mf1Jg6Ua4Es0"}))
    async with other.test_app():
        stranger = Client(other)
        place = (await begin(stranger)).json["next"]
        for code in (next_code(secret), codes[0]):
            assert (await stranger.post(place, {"otp": code}, json=True)).json["status"] == "error"
