"""A volunteer who answers tasks through the API until none is left."""

from typing import Any

import httpx


def answer_all(url: str, project_id: int, key: str, answer: Any) -> int:
    """Draw and answer; how many there were."""
    with httpx.Client(base_url=url, headers={"Authorization": key}, timeout=30) as http:
        for number in range(1000):
            task = http.get(f"/api/project/{project_id}/newtask").json()
            if not task:
                return number
            run = {"project_id": project_id, "task_id": task["id"], "info": answer}
            assert http.post("/api/taskrun", json=run).status_code == 200
    raise AssertionError("there is no end of tasks")
