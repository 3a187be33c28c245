"""Why jobs failed."""

from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, LongText, Moment


class JobFailure(Base):
    """The traceback of a job's last failure. The job is a row of procrastinate's, and goes by itself."""

    __tablename__ = "job_failure"

    job_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[Moment]
    trace: Mapped[LongText]
