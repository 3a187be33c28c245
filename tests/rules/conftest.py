"""Rules of the whole visit every address, those that lead elsewhere too: nobody is asked there."""

import pytest

from webapp.services.importing.records import s3


@pytest.fixture(autouse=True)
def _amazon_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "host", lambda bucket: f"http://127.0.0.1:9/{bucket}")
    monkeypatch.setattr(s3, "amazon", lambda region: f"http://127.0.0.1:9/{region}")
