"""What is mailed: by the jobs that wait, to a mail server; or taken from the service that words it."""

from dataclasses import dataclass

from webapp.config import Settings
from webapp.integrations.mail import Letter
from webapp.jobs.work import Work
from webapp.jobs.worker import create_jobs


@dataclass
class Outbox:
    """Takes letters in place of a mail server."""

    letters: list[Letter]

    async def take(self, letter: Letter) -> None:
        self.letters.append(letter)


async def do_jobs(settings: Settings) -> None:
    """Do what waits, and what that starts; not what the clock has begun, which is in other queues."""
    work = Work.of(settings)
    async with create_jobs(work).open_async() as app:
        await app.run_worker_async(queues=["high", "medium"], wait=False, install_signal_handlers=False)
    await work.close()
