"""Whether the process lives, whether what it depends on answers, and figures for Prometheus.

The figures come from the database, so that they are right with any number of processes.
"""

from flask import Flask, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bot.services import Services
from monitor.errors import StorageError
from monitor.store.operations.figures import load_figures
from web.auth import public


class _Figures(Collector):
    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> list[GaugeMetricFamily]:
        with self._services.database.reading() as connection:
            figures = load_figures(connection, self._services.clock())
        families = [GaugeMetricFamily(f"qingxun_{f.name}", f.help, value=f.value) for f in figures]
        waiting = self._services.database.queue_depth
        families.append(GaugeMetricFamily("qingxun_writer_queue", "callers waiting to commit", value=waiting))
        return families


def add_health(app: Flask, services: Services) -> None:
    """Serve /healthz, /readyz and /metrics."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(services))

    @app.get("/healthz")
    @public
    def healthz() -> Response:
        return jsonify(status="ok")

    @app.get("/readyz")
    @public
    def readyz() -> tuple[Response, int]:
        try:
            with services.database.reading() as connection:
                load_figures(connection, services.clock())
        except StorageError:
            return jsonify(status="unavailable", database="unavailable"), 503
        return jsonify(status="ok", database="ok"), 200

    @app.get("/metrics")
    @public
    def metrics() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
