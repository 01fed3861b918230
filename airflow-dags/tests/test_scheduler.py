"""Two landing days by ``airflow backfill`` through a real scheduler, API server, DAG processor."""

import contextlib
import datetime as dt
import itertools
import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request

import nights
import pytest
from conftest import HOME, airflow
from flywheel_airflow.submit import STAGES

pytestmark = pytest.mark.scheduler

DAYS = ("2026-01-05", "2026-01-06")
END = "2026-01-07"
LONGEST = dt.timedelta(minutes=12)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("scheduler")


@pytest.fixture(scope="module")
def environment(folder):
    raw = nights.generate(folder / "raw", DAYS[0], END, interactions_per_day=60)
    port = free_port()
    return os.environ | {
        "PATH": f"{os.environ['SPARK_HOME']}/bin:{os.environ['PATH']}",
        "FLYWHEEL_INPUT": str(raw),
        "FLYWHEEL_LAKE": str(folder / "lake"),
        "FLYWHEEL_SPARK_PROPERTIES": str(nights.small_spark(folder)),
        "FLYWHEEL_DRIVER_MEMORY": "1g",
        # The scheduled run of yesterday waits, for the whole test.
        "FLYWHEEL_GRACE_HOURS": "48",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "2",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API_AUTH__JWT_SECRET": "x" * 64,
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
        "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "2",
    }


@pytest.fixture(scope="module")
def services(database, environment, folder):
    """The three processes of an Airflow, up and talking to each other."""
    program = f"{os.path.dirname(sys.executable)}/airflow"
    with contextlib.ExitStack() as stack:
        for name in ("api-server", "dag-processor", "scheduler"):
            log = stack.enter_context((folder / f"{name}.log").open("w"))
            process = subprocess.Popen(
                [program, name], env=environment, stdout=log, stderr=subprocess.STDOUT
            )
            stack.callback(stop, process)
        wait_for(lambda: answers(environment["AIRFLOW__API__BASE_URL"]), dt.timedelta(minutes=2))
        yield


def stop(process):
    process.terminate()
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def answers(url):
    try:
        with urllib.request.urlopen(f"{url}/api/v2/version", timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def wait_for(done, longest):
    end = time.monotonic() + longest.total_seconds()
    while not done():
        assert time.monotonic() < end, f"not done after {longest}"
        time.sleep(2)


def query(sql, *values):
    with contextlib.closing(
        sqlite3.connect(f"file:{HOME}/airflow.db?mode=ro", uri=True, timeout=30)
    ) as connection:
        return connection.execute(sql, values).fetchall()


def test_a_backfill_of_two_days_equals_two_nights_by_hand(services, environment, folder):
    airflow("pools", "set", "flywheel", "1", "Spark applications of Flywheel", env=environment)
    airflow("dags", "unpause", "flywheel_nightly", "--yes", env=environment)
    create = [
        *("backfill", "create", "--dag-id", "flywheel_nightly"),
        *("--from-date", DAYS[0], "--to-date", DAYS[1]),
        *("--reprocess-behavior", "failed", "--max-active-runs", "1"),
    ]
    planned = airflow(*create, "--dry-run", env=environment).stdout
    assert all(f"{day} 00:00:00" in planned or f"{day}T00:00:00" in planned for day in DAYS)
    assert f"{END} 00:00:00" not in planned

    airflow(*create, env=environment)

    def runs():
        return query(
            "SELECT substr(logical_date, 1, 10), state FROM dag_run"
            " WHERE run_type = 'backfill' ORDER BY logical_date"
        )

    wait_for(lambda: [state for _, state in runs()] in finished(2), LONGEST)
    assert runs() == [(day, "success") for day in DAYS]
    tries = query(
        "SELECT DISTINCT task_id, state, try_number FROM task_instance"
        " WHERE run_id LIKE 'backfill%' AND task_id != 'wait_for_logs'"
    )
    assert sorted(tries) == sorted((stage, "success", 1) for stage in STAGES)

    # The run of yesterday, which the schedule made, waits for its logs and holds nothing up.
    [(state,)] = query(
        "SELECT state FROM task_instance WHERE task_id = ? AND run_id LIKE 'scheduled%'",
        "wait_for_logs",
    )
    assert state in ("up_for_reschedule", "scheduled", "queued", "running")

    nights.flywheel(
        *("nightly", "--input", folder / "raw", "--lake", folder / "by-hand"),
        *("--from", DAYS[0], "--to", END),
        env={"FLYWHEEL_SUBMIT_OPTS": f"--properties-file {nights.small_spark(folder)}"},
    )
    found = nights.lawful_rows(folder / "lake")
    expected = nights.lawful_rows(folder / "by-hand")
    assert found.keys() == expected.keys()
    for table, rows in expected.items():
        assert found[table] == rows, table


def finished(runs):
    return [list(states) for states in itertools.product(["success", "failed"], repeat=runs)]
