"""Three landing days through ``airflow dags test`` and spark-submit: a good day, one with too many
bad lines, and one without logs. And the good one by hand.
"""

import json
import os
import pathlib
import re
import shutil

import nights
import pytest
from conftest import airflow
from flywheel_airflow.submit import STAGES

pytestmark = pytest.mark.spark

GOOD, BAD, EMPTY = "2026-01-05", "2026-01-06", "2026-01-07"
# A manual run takes in the day before its logical date.
LOGICAL_DATE = {GOOD: "2026-01-06", BAD: "2026-01-07", EMPTY: "2026-01-08"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("nights")


@pytest.fixture(scope="module")
def raw(folder):
    raw = nights.generate(folder / "raw", GOOD, LOGICAL_DATE[EMPTY], interactions_per_day=60)
    (raw / f"dt={BAD}" / "broken.jsonl").write_text("no JSON at all\n" * 40)
    shutil.rmtree(raw / f"dt={EMPTY}")
    return raw


@pytest.fixture(scope="module")
def deployment(raw, folder):
    return {
        "PATH": f"{os.environ['SPARK_HOME']}/bin:{os.environ['PATH']}",
        "FLYWHEEL_INPUT": str(raw),
        "FLYWHEEL_LAKE": str(folder / "lake"),
        "FLYWHEEL_SPARK_PROPERTIES": str(nights.small_spark(folder)),
        "FLYWHEEL_DRIVER_MEMORY": "1g",
    }


@pytest.fixture(scope="module")
def night(database, deployment):
    """Runs a night in Airflow; returns what the command ended with, and each task's state."""
    ended = {}

    def night(day):
        if day not in ended:
            at = LOGICAL_DATE[day]
            command = airflow("dags", "test", "flywheel_nightly", at, env=deployment, check=False)
            found = database.execute(
                "SELECT task_id, t.state, try_number FROM task_instance t"
                " JOIN dag_run r ON r.dag_id = t.dag_id AND r.run_id = t.run_id"
                " WHERE r.dag_id = 'flywheel_nightly' AND r.logical_date LIKE ?",
                (f"{at} %",),
            ).fetchall()
            ended[day] = command, {task: (state, tries) for task, state, tries in found}
        return ended[day]

    return night


@pytest.fixture(scope="module")
def by_hand(raw, folder):
    nights.flywheel(
        *("nightly", "--input", raw, "--lake", folder / "by-hand"),
        *("--from", GOOD, "--to", BAD),
        env={"FLYWHEEL_SUBMIT_OPTS": f"--properties-file {nights.small_spark(folder)}"},
    )
    return nights.lawful_rows(folder / "by-hand")


def test_a_night_from_airflow_equals_a_night_by_hand(night, by_hand, folder):
    command, tasks = night(GOOD)
    assert command.returncode == 0, command.stdout
    assert {state for state, _ in tasks.values()} == {"success"}
    found = nights.lawful_rows(folder / "lake")
    assert found.keys() == by_hand.keys()
    for table, rows in by_hand.items():
        assert rows, f"{table} is worth comparing only with rows"
        assert found[table] == rows, table


def test_each_stage_wrote_the_tables_that_its_assets_name(night, folder):
    night(GOOD)
    runs = [run for run in nights.manifest(folder / "lake") if run["exit_code"] == 0]
    assert [run["command"] for run in runs if run["command"] in ("ingest", "label")] == [
        "ingest",
        "label",
    ]
    for run in runs:
        [stage] = run["stages"]
        assert set(stage["output_versions"]) == set(STAGES[run["command"]])


def test_a_day_with_too_many_bad_lines_fails_at_once_and_publishes_nothing(night, folder):
    night(GOOD)
    before = nights.lawful_rows(folder / "lake")
    command, tasks = night(BAD)
    assert command.returncode == 1
    assert tasks["ingest"] == ("failed", 1)
    assert tasks["report"][0] == "upstream_failed"
    assert "ingest.max_bad_share" in command.stdout
    assert "no JSON at all" not in command.stdout
    assert nights.lawful_rows(folder / "lake") == before


def test_a_day_without_logs_is_skipped_and_changes_nothing(night, folder):
    night(GOOD)
    before = nights.lawful_rows(folder / "lake")
    command, tasks = night(EMPTY)
    assert command.returncode == 0, command.stdout
    assert {tasks[stage][0] for stage in STAGES} == {"skipped"}
    assert nights.lawful_rows(folder / "lake") == before


def test_the_manifest_has_every_try_under_the_name_that_airflow_gave_it(night, folder):
    for day in (GOOD, BAD, EMPTY):
        night(day)
    runs = nights.manifest(folder / "lake")
    assert [run["exit_code"] for run in runs] == [0, 0, 0, 0, 0, 3, 4]
    assert runs[0]["run_id"].startswith("flywheel_nightly.manual__20")
    assert runs[0]["run_id"].endswith(".ingest.1")
    assert "max_bad_share" in runs[5]["error"]
    assert runs[6]["status"] == "nothing_to_do"
    assert pathlib.Path(folder / "lake/reports/2026-01-05.html").exists()


def test_the_log_of_a_task_is_what_flywheel_says(night):
    command, _ = night(EMPTY)
    assert "flywheel: " in command.stdout
    # At the level of its default Spark says, as "26/01/05 02:00:00 INFO SparkContext: ...", a lot.
    assert re.findall(r"\d\d/\d\d/\d\d \d\d:\d\d:\d\d \w+ .*", command.stdout) == []


def test_the_upkeep_sees_the_lake_of_the_nights(night, deployment):
    night(GOOD)
    at = "2026-01-11T06:00:00+00:00"
    dry = json.dumps({"dry_run": True})
    command = airflow(
        "dags", "test", "flywheel_maintenance", at, "--conf", dry, env=deployment, check=False
    )
    assert command.returncode == 0, command.stdout
    assert re.search(r"ok +lake ", command.stdout)
    assert re.search(r"quality_labels +merges \d+ files, deletes 0", command.stdout)


def test_a_backfill_over_the_nights_changes_no_row(night, by_hand, deployment, folder):
    night(GOOD)
    params = {
        "from_date": GOOD,
        "to_date": BAD,
        "stages": ["ingest", "label"],
        "dry_run": False,
        "reason": "once more",
    }
    at = "2026-01-12T00:00:00+00:00"
    command = airflow(
        *("dags", "test", "flywheel_backfill", at, "--conf", json.dumps(params)),
        env=deployment,
        check=False,
    )
    assert command.returncode == 0, command.stdout
    last = nights.manifest(folder / "lake")[-1]
    assert (last["command"], last["exit_code"]) == ("nightly", 0)
    assert [stage["stage"] for stage in last["stages"]] == ["ingest", "label"]
    assert nights.lawful_rows(folder / "lake") == by_hand
