"""A web worker on its own."""

import subprocess
import sys
from pathlib import Path

from tests.support.bucket import Bucket
from webapp.config import Settings, environment


def test_a_worker_does_not_start_on_a_bucket_that_there_is_not(bucket: Bucket, tmp_path: Path) -> None:
    settings = bucket.settings(Settings(data_dir=tmp_path), s3_bucket="none-of-ours")
    command = [sys.executable, "-m", "webapp.runtime.serving.web_worker", "--listener", "0", "--ready-pipe", "1"]

    ended = subprocess.run(command, env=environment(settings), capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode == 1
    assert ended.stderr.endswith("WORKBEE_S3_BUCKET: the store has no bucket of this name\n")
    assert "Traceback" not in ended.stderr
