"""gunicorn for the service on PostgreSQL: `gunicorn --config docs/deployment/gunicorn.conf.py`.

The service's own settings come from JOURNEYS_* variables and the file that JOURNEYS_CONFIG names. Wrong settings are
refused here, before any process starts. The command line can override every option.
"""

import os
import shutil
import tempfile
from pathlib import Path

from service.platform.configuration import Configuration

_configuration = Configuration.of_environment(os.environ)
if _configuration.sqlite_file is not None:
    raise SystemExit("Several processes need PostgreSQL; 'journeys serve' serves an SQLite file.")

# The processes share their counters in this folder; it must be set before any module with counters is imported.
_made = None
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    _made = os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="journeys-metrics-")

wsgi_app = "service.processes:wsgi_application()"
bind = "unix:/run/journeys/journeys.sock"

# Threads wait for the database; processes use the processors. Every process has its own connections, so the
# application is loaded after the fork, and PostgreSQL must allow workers * JOURNEYS_CONNECTIONS of them.
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", os.cpu_count() or 2))
threads = _configuration.threads
preload_app = False

# A stop finishes the current requests; a process without a sign of life for a minute is replaced.
graceful_timeout = 30
timeout = 60
keepalive = 75  # longer than the proxy's, so that the proxy closes the connection
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 a heartbeat must not wait for a disk

# The proxy in front limits these too.
limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 8190

# The service logs its requests itself, by route and without addresses.
accesslog = None
errorlog = "-"


def on_starting(server):
    """Deletes the counters of an earlier start."""
    for old in Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).glob("*.db"):
        old.unlink()


def child_exit(server, worker):
    """Keeps the counters of a process that ended."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server):
    """Deletes the folder of counters that was made at the start."""
    if _made is not None:
        shutil.rmtree(_made, ignore_errors=True)
