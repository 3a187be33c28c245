"""Metrics for Prometheus, where the settings ask for them: each process shows what it has counted on a port of its own.

The job worker's port is `WORKBEE_METRICS_PORT` itself, the first web worker's the next one, and so on; sums are made by
who reads them. What is counted is plain numbers elsewhere; they become metrics here, when somebody asks.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, start_http_server
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from webapp.config import Settings
from webapp.counters import BOUNDS_S, Histogram, Lookups

if TYPE_CHECKING:
    from webapp.http.app_services import AppServices  # the job worker needs nothing of it

JOB_WORKER = 0
"""The place of the job worker's port; web workers follow, from 1."""


class Counted(Protocol):
    """A cache that counts its lookups."""

    lookups: Lookups


class WebMetrics(Collector):
    """What one web worker has counted."""

    def __init__(self, app_services: "AppServices") -> None:
        self._app_services = app_services

    def collect(self) -> Iterator[Metric]:
        counters = self._app_services.counters
        labels = ("method", "route", "status")
        yield _histogram("workbee_request_seconds", "Requests, by how long they took", labels, counters.requests)
        yield CounterMetricFamily("workbee_draws", "Tasks handed out", counters.draws)
        yield CounterMetricFamily("workbee_answers", "Answers taken in", counters.answers)
        yield CounterMetricFamily(
            "workbee_retries", "Units of work run again, as others were in the way", counters.retries
        )
        yield from self._batches()
        yield self._caches()

    def _batches(self) -> Iterator[Metric]:
        batches = self._app_services.database.autocommit.batches
        yield CounterMetricFamily("workbee_batches", "Statements that made several calls together", batches.n_batches)
        calls = CounterMetricFamily("workbee_calls", "Calls of the database that may go together", labels=["made"])
        calls.add_metric(["together"], batches.n_batched)
        calls.add_metric(["alone"], batches.n_single)
        yield calls

    def _caches(self) -> Metric:
        lookups = CounterMetricFamily("workbee_cache", "Lookups in a cache", labels=["cache", "result"])
        app_services = self._app_services
        caches: dict[str, Counted] = {
            "identities": app_services.identities,
            "projects": app_services.projects,
            "pages": app_services.pages,
        }
        for name, cache in caches.items():
            lookups.add_metric([name, "hit"], cache.lookups.hits)
            lookups.add_metric([name, "miss"], cache.lookups.misses)
        return lookups


class JobMetrics(Collector):
    """What one job worker has done, by job and by how it ended."""

    def __init__(self, jobs: Mapping[tuple[str, str], Histogram]) -> None:
        self._jobs = jobs

    def collect(self) -> Iterator[Metric]:
        yield _histogram("workbee_job_seconds", "Jobs, by how long they took", ("job", "result"), self._jobs)


def _histogram(name: str, text: str, labels: Iterable[str], found: Mapping[Any, Histogram]) -> HistogramMetricFamily:
    family = HistogramMetricFamily(name, text, labels=list(labels))
    for key, times in list(found.items()):  # at once: others go on counting
        n, buckets = 0, []
        for bound, count in zip((*map(str, BOUNDS_S), "+Inf"), times.buckets, strict=True):
            n += count
            buckets.append((bound, n))
        family.add_metric([str(value) for value in key], buckets, times.sum_s)
    return family


def show_metrics(settings: Settings, place: int, collector: Collector) -> None:
    """Answer Prometheus from now on, from a thread, if the settings say so. Exits where the port is taken."""
    if settings.metrics_port is None:
        return
    registry = CollectorRegistry()
    registry.register(collector)
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    port = settings.metrics_port + place
    try:
        start_http_server(port, settings.metrics_host, registry=registry)
    except OSError as error:
        sys.exit(f"workbee: WORKBEE_METRICS_PORT: cannot listen on {settings.metrics_host} port {port}: {error}")
