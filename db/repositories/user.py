"""Accounts."""

from typing import ClassVar
from unicodedata import normalize

from sqlalchemy import exists, func, or_, select, text

from db.index_order import one_of
from db.models import User
from db.naming import fold, look
from db.repositories.base import Repository
from db.words import contains

MOST_NAMED = 1000


class UserRepository(Repository[User]):
    model: ClassVar[type[User]] = User

    async def get_by_name(self, name: str) -> User:
        """The account of this name. Raises NotFound."""
        return await self.get_where(name=name)

    async def find_by_name(self, name: str) -> User | None:
        return await self.find_where(User.name == name)

    async def find_by_ldap(self, value: str) -> User | None:
        """The account of this person of an LDAP directory."""
        return await self.find_where(User.ldap == value)

    async def find_by_email(self, email_addr: str) -> User | None:
        """The account of this address, whatever the case and width of its letters.

        The database's `lower` takes some letters for others that only look like them (`İ` for `i`): what it finds is
        compared once more.
        """
        sent = normalize("NFKC", email_addr).strip()
        found = await self.find_where(func.lower(User.email_addr) == func.lower(sent))
        return found if found is not None and fold(found.email_addr) == fold(sent) else None

    async def looks_like_another(self, name: str, *, own_id: int | None = None) -> bool:
        """Whether another account has a name that looks like this one."""
        alike = or_(User.name_skeleton == look(name), func.lower(User.name) == func.lower(name))
        found = select(exists().where(alike, User.id != (own_id or 0)))
        return bool((await self.session.scalars(found)).one())

    async def named(self, user_ids: list[int]) -> dict[int, User]:
        """These accounts, by id; those that do not exist are missing."""
        rows = await self.session.scalars(select(User).where(User.id.in_(user_ids)))
        return {user.id: user for user in rows}

    async def any_exists(self) -> bool:
        """Whether there is any account: the first one becomes administrator."""
        return bool((await self.session.scalars(select(exists(select(User.id))))).one())

    async def is_first(self) -> bool:
        """Whether there is no account yet. Where there is none, whoever else asks waits until this transaction ends."""
        if await self.any_exists():
            return False
        await self.session.execute(text("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE"))
        return not await self.any_exists()

    async def admins(self, *, besides: int | None = None) -> list[User]:
        """Administrators by their names, but for the one who asks."""
        found = select(User).where(User.admin, User.id != (besides or 0)).order_by(User.name)
        return list((await self.session.scalars(found)).all())

    async def other_admins_locked(self, user: User) -> bool:
        """Whether there is another administrator, who stays one until this transaction ends."""
        others = select(User.id).where(User.admin, User.id != user.id).order_by(User.id).limit(1).with_for_update()
        return (await self.session.scalars(others)).first() is not None

    async def search(self, words: str, *, besides: int | None = None, limit: int = 50) -> list[User]:
        """Accounts with these words anywhere in name or full name, but for the one who asks; of more than `MOST_NAMED`
        any."""
        if not words.strip():
            return []
        # Found first and sorted then: in the order of all names PostgreSQL might ask each whether it has the words.
        named = contains(func.workbee_names(User.name, User.fullname), words)
        some = select(User.id).where(named, User.id != (besides or 0)).limit(MOST_NAMED)
        found = select(User).where(one_of(User.id, some)).order_by(User.name).limit(limit)
        return list((await self.session.scalars(found)).all())
