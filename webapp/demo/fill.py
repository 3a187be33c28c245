"""Fills an empty database with the demo: projects, people and a day of their answers.

All of it is one transaction. A start that is cut off leaves an empty database, and the next start fills it; whoever
looks in meanwhile sees nothing or everything. A database that holds anything else is never touched.
"""

import asyncio
import base64
import io
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from db.models import Announcement, Category, File, Project, User
from db.queries.importing import backfill
from db.repositories.category import CategoryRepository
from db.repositories.rows import add_rows
from db.session import AsyncSession, Database
from webapp.config import Settings
from webapp.demo import history
from webapp.demo.content import CATEGORIES, DRAFT, DemoProject, demo_projects
from webapp.demo.people import ADMINISTRATOR, EMAIL_DOMAIN, OWNER, PASSERS_BY, VOLUNTEERS, Steward
from webapp.integrations.pictures import AVIF_TYPE, COVER, Crop, prepare
from webapp.integrations.storage import Storage, StoredFile
from webapp.services.accounts.passwords import Passwords

MARK = "demo"
"""The key in its owner's `info` by which a database is known to hold the demo."""
SEED = 1797
PASSWORD_BYTES = 10


class DemoFailure(Exception):
    """The demo cannot be made; the text says why."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """How to sign in as one of the demo's people; `password` is None if they have changed it since."""

    email_addr: str
    password: str | None

    def __str__(self) -> str:
        return f"{self.email_addr}  {self.password or '(the password was changed)'}"


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What became of the wish for a demo."""

    outcome: Literal["filled", "present", "refused"]
    """`refused`: the database holds something else, and was left as it is."""
    owner: SignIn | None = None
    administrator: SignIn | None = None
    seconds: float = 0.0

    def __str__(self) -> str:
        if self.outcome == "refused":
            return "No demo was made: the database already holds other accounts or projects."
        return f"Demo owner:     {self.owner}\nAdministrator:  {self.administrator}"


async def fill(settings: Settings) -> DemoReport:
    """Make the demo if the database at `database_url`, whose schema is up to date, is empty; tell how to sign in."""
    if settings.database_url is None:
        raise DemoFailure("The demo needs a running database: WORKBEE_DATABASE_URL names none.")
    database = Database(settings.database_url, pool_size=1)
    try:
        return await make_demo(database, settings)
    finally:
        await database.close()


async def make_demo(database: Database, settings: Settings) -> DemoReport:
    """As `fill`, in a database that is open already."""
    started = time.monotonic()
    async with database.unit() as uow:
        await backfill.lock_filling(uow.session)
        stewards = await backfill.marked_accounts(uow.session, MARK)
        outcome: Literal["filled", "present", "refused"] = "present"
        if not stewards:
            if not await backfill.is_empty(uow.session):
                return DemoReport("refused")
            filler = Filler(uow.session, settings)
            stewards = await filler.fill()
            outcome = "filled"
    signs = {steward.name: await _sign_in(steward, settings) for steward in stewards}
    seconds = time.monotonic() - started
    return DemoReport(outcome, signs.get(OWNER.name), signs.get(ADMINISTRATOR.name), seconds)


def steward_password(settings: Settings, name: str) -> str:
    """The password that a steward starts with, from this installation's secret, so that it can be told again."""
    code = base64.b32encode(settings.key(f"demo password of {name}", PASSWORD_BYTES)).decode("ascii").lower()
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


async def _sign_in(steward: User, settings: Settings) -> SignIn:
    password = steward_password(settings, steward.name)
    verdict = await Passwords(settings).verify(steward.passwd_hash, password)
    return SignIn(steward.email_addr, password if verdict.right else None)


class Filler:
    """Makes the demo within one transaction."""

    def __init__(self, session: AsyncSession, settings: Settings, *, with_history: bool = True) -> None:
        self._session = session
        self._settings = settings
        self._with_history = with_history
        self._passwords = Passwords(settings)
        self._storage = Storage.of(settings)
        self._chance = random.Random(SEED)
        self._now = datetime.now(UTC)
        self._begin = self._now - history.DAY - timedelta(hours=2)
        """When the projects were published, a little before the first answer."""

    async def fill(self) -> list[User]:
        """Everything; returns the stewards."""
        categories = await self._categories()
        keeper, owner = await self._stewards()
        hands = await self._volunteers()
        for plan in await asyncio.to_thread(demo_projects):
            project = await self.add_project(plan, owner, categories[plan.category])
            tasks = await self.add_tasks(project, plan)
            if self._with_history:
                await self._answers(project, plan, tasks, hands)
        await self._draft(owner, categories["sensing"])
        await self._welcome(keeper)
        return [keeper, owner]

    async def _categories(self) -> dict[str, Category]:
        known = {category.short_name: category for category in await CategoryRepository(self._session).all()}
        for wanted in CATEGORIES:
            if wanted.short_name not in known:
                known[wanted.short_name] = Category(
                    name=wanted.name, short_name=wanted.short_name, description=wanted.description
                )
        await add_rows(self._session, known.values())
        return known

    async def _stewards(self) -> tuple[User, User]:
        """The administrator and the owner of the projects, who can sign in."""
        keeper, owner = [await self._steward(steward) for steward in (ADMINISTRATOR, OWNER)]
        await add_rows(self._session, [keeper, owner])
        return keeper, owner

    async def _steward(self, steward: Steward) -> User:
        password = steward_password(self._settings, steward.name)
        return User(
            name=steward.name,
            fullname=steward.fullname,
            email_addr=steward.email_addr,
            passwd_hash=await self._passwords.hash(password),
            admin=steward.admin,
            valid_email=True,
            consent=True,
            info={MARK: True},
            created=self._now - timedelta(days=30),
        )

    async def _volunteers(self) -> list[history.Hand]:
        """Everybody who has answered: accounts without a password, which nobody can sign in to, and passers-by."""
        users = [
            User(
                name=volunteer.name,
                fullname=volunteer.fullname,
                email_addr=f"{volunteer.name}@{EMAIL_DOMAIN}",
                valid_email=True,
                privacy_mode=False,
                created=self._now - timedelta(days=self._chance.uniform(1.5, 28)),
            )
            for volunteer in sorted(VOLUNTEERS, key=lambda volunteer: volunteer.name)
        ]
        await add_rows(self._session, users)
        ids = {user.name: user.id for user in users}
        known = [
            history.Hand(f"user:{ids[v.name]}", ids[v.name], None, v.seconds, v.error_rate, v.appetite)
            for v in VOLUNTEERS
        ]
        return known + [self._passer_by() for _ in range(PASSERS_BY)]

    def _passer_by(self) -> history.Hand:
        cookie = self._chance.randbytes(16).hex()
        return history.Hand(
            contributor=f"anon:{cookie}",
            user_id=None,
            # A network set aside for examples: nobody's address, as an anonymised one is.
            user_ip=f"198.51.100.{self._chance.randint(1, 254)}",
            seconds=self._chance.uniform(2, 5),
            error_rate=self._chance.uniform(0.01, 0.06),
            appetite=self._chance.randint(5, 45),
        )

    async def add_project(self, plan: DemoProject, owner: User, category: Category) -> Project:
        """One published project with its presenter, tutorial and picture."""
        picture = await self._picture(plan, owner)
        project = Project(
            name=plan.name,
            short_name=plan.short_name,
            description=plan.description,
            long_description=plan.about,
            published=True,
            featured=plan.featured,
            owner_id=owner.id,
            owners_ids=[owner.id],
            category_id=category.id,
            created=self._begin - timedelta(days=2),
            updated=self._begin,
            info={
                "sched": "default",
                "task_presenter": plan.presenter,
                "tutorial": plan.tutorial,
                "thumbnail": picture.name,
                "container": picture.container,
                "thumbnail_url": picture.url,
            }
            | ({"results": plan.results} if plan.results else {}),
        )
        await add_rows(self._session, [project])
        of_project = {"project_id": project.id, "attached_to": Project.__tablename__, "attached_id": project.id}
        file = File(container=picture.container, name=picture.name, owner_id=owner.id, **of_project)
        await add_rows(self._session, [file])
        return project

    async def _picture(self, plan: DemoProject, owner: User) -> StoredFile:
        drawn = await asyncio.to_thread(plan.picture)
        picture = await prepare(io.BytesIO(drawn), Crop(), COVER)
        target = self._storage.reserve(f"user_{owner.id}", plan.short_name, AVIF_TYPE, width=picture.width)
        await self._storage.write_picture(target, picture)
        return target

    async def add_tasks(self, project: Project, plan: DemoProject) -> list[int]:
        """All tasks of a project, in order; returns their ids."""
        return await backfill.add_tasks(
            self._session,
            project.id,
            [task.info for task in plan.tasks],
            n_answers=plan.n_answers,
            created=self._begin - timedelta(days=1),
        )

    async def _answers(
        self, project: Project, plan: DemoProject, tasks: Sequence[int], hands: Sequence[history.Hand]
    ) -> None:
        custom = history.CUSTOMS[plan.short_name]
        comers = history.hands_for(hands, custom, self._chance)
        given = history.act_out(plan.tasks, plan.n_answers, comers, custom.answer, self._now, self._chance)
        await backfill.store_past_runs(
            self._session,
            project.id,
            [
                backfill.PastRun(
                    task_id=tasks[one.place],
                    contributor=one.hand.contributor,
                    user_id=one.hand.user_id,
                    user_ip=one.hand.user_ip,
                    created=one.drawn_at,
                    finish_time=one.answered_at,
                    info=one.info,
                )
                for one in given
            ],
        )
        conclusions = history.conclusions(given, plan.n_answers, custom)
        await backfill.conclude(self._session, project.id, {tasks[place]: info for place, info in conclusions.items()})

    async def _draft(self, owner: User, category: Category) -> None:
        """A project that its owner has only begun, so that the way to publication can be seen."""
        draft = Project(
            name=DRAFT.name,
            short_name=DRAFT.short_name,
            description=DRAFT.description,
            long_description=DRAFT.about,
            owner_id=owner.id,
            owners_ids=[owner.id],
            category_id=category.id,
        )
        await add_rows(self._session, [draft])

    async def _welcome(self, keeper: User) -> None:
        welcome = Announcement(
            user_id=keeper.id,
            title="Welcome to the hive",
            body="Three projects are open. Pick one, answer for a minute, and watch a cell of the comb fill.",
            published=True,
            created=self._begin,
            updated=self._begin,
        )
        await add_rows(self._session, [welcome])
