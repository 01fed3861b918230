"""The DAGs as they are read: nothing runs, no database."""

import copy
import datetime as dt
import itertools
import os
import pathlib
import re
import subprocess
import types

import pendulum
import pytest
from airflow.sdk import TriggerRule
from airflow.sdk.exceptions import AirflowException, AirflowFailException, ParamValidationError
from airflow.serialization.encoders import coerce_to_core_timetable
from airflow.timetables.base import DataInterval, TimeRestriction
from conftest import read_dags
from flywheel_airflow.days import backfill_interval, chunks, day_after, landed_by, landing_day
from flywheel_airflow.submit import (
    FINAL,
    NOTHING_TO_DO,
    STAGES,
    WORTH_A_RETRY,
    Deployment,
    FlywheelOperator,
)

ROOT = pathlib.Path(__file__).parents[2]
DAY = dt.date(2026, 1, 5)


def midnight(day):
    return pendulum.datetime(day.year, day.month, day.day)


def run_of(interval):
    start = interval.start if interval else None
    return types.SimpleNamespace(data_interval_start=start)


def test_these_dags_are_there_and_nothing_else(dags):
    assert sorted(dags) == ["flywheel_backfill", "flywheel_maintenance", "flywheel_nightly"]


def test_every_dag_has_owner_tags_pool_and_notes(dags):
    for dag in dags.values():
        assert "flywheel" in dag.tags
        assert dag.max_active_runs == 1
        assert not dag.catchup
        assert dag.start_date == dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
        for heading in ("### What it does", "### When"):
            assert heading in dag.doc_md
        for task in dag.tasks:
            assert task.owner == "data-platform"
            assert task.execution_timeout == dt.timedelta(hours=4)


def test_how_long_a_task_may_take_is_a_setting(monkeypatch):
    monkeypatch.setenv("FLYWHEEL_TIMEOUT_HOURS", "12")
    for dag in read_dags().values():
        for task in dag.tasks:
            assert task.execution_timeout == dt.timedelta(hours=12)


def test_every_spark_task_waits_in_the_pool_and_is_retried_with_backoff(dags):
    for dag in dags.values():
        for task in dag.tasks:
            if "FlywheelOperator" in task.task_type:
                assert task.pool == "flywheel"
                assert task.retries == 2
                assert task.retry_exponential_backoff == 2.0
                assert task.max_retry_delay == dt.timedelta(hours=1)


def test_what_runs_no_spark_takes_no_slot_of_the_pool(dags):
    others = [
        task
        for dag in dags.values()
        for task in dag.tasks
        if "FlywheelOperator" not in task.task_type
    ]
    assert {task.task_id for task in others} == {"wait_for_logs", "validate", "plan", "summary"}
    assert {task.pool for task in others} == {"default_pool"}


def test_the_wait_for_logs_outlasts_the_day_and_the_grace(dags):
    longest = landed_by(DAY, Deployment.from_environment().grace) - midnight(DAY)
    timeout = dags["flywheel_nightly"].get_task("wait_for_logs").timeout
    assert timeout >= (longest + dt.timedelta(days=1)).total_seconds()


def test_notes_on_triage_name_every_exit_code(dags):
    named = exit_codes(ROOT / "README.md")
    assert named == {0, 1, 2, 3, 4, 75}
    notes = {int(code) for code in re.findall(r"\b\d+\b", dags["flywheel_nightly"].doc_md)}
    assert notes >= named - {0}
    assert {NOTHING_TO_DO, *FINAL, *WORTH_A_RETRY} >= named - {0}


def exit_codes(page):
    """Numbers in the first column of the page's tables."""
    return {int(code) for code in re.findall(r"^\| (\d+) \|", page.read_text(), re.M)}


def test_one_task_a_stage_in_the_order_of_the_night(dags):
    dag = dags["flywheel_nightly"]
    assert {task.task_id for task in dag.tasks} == {"wait_for_logs", *STAGES}
    before = {task.task_id: task.upstream_task_ids for task in dag.tasks}
    assert before["ingest"] == {"wait_for_logs"}
    assert before["label"] == {"ingest"}
    assert before["sample"] == before["cluster"] == {"label"}
    assert before["report"] == {"sample", "cluster"}
    assert dag.get_task("report").trigger_rule == TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS


def test_the_tables_of_a_stage_are_its_assets_and_each_has_one_stage(dags):
    dag = dags["flywheel_nightly"]
    names = [asset.name for stage in STAGES for asset in dag.get_task(stage).outlets]
    assert len(names) == len(set(names))
    listed = re.findall(r"^\| \[`(\w+)`\]\(docs/tables.md", (ROOT / "README.md").read_text(), re.M)
    assert set(names) == {f"flywheel_{table}" for table in listed} - {"flywheel_run_manifest"}


# Which landing day each kind of run takes in.


def test_a_scheduled_run_takes_in_the_day_that_has_just_ended(dags):
    timetable = coerce_to_core_timetable(dags["flywheel_nightly"].timetable)
    previous = DataInterval(midnight(DAY - dt.timedelta(days=1)), midnight(DAY))
    run = timetable.next_dagrun_info(
        last_automated_data_interval=previous,
        restriction=TimeRestriction(midnight(dt.date(2020, 1, 1)), None, catchup=True),
    )
    assert run.data_interval == DataInterval(midnight(DAY), midnight(day_after(DAY)))
    assert run.run_after == midnight(day_after(DAY))
    assert landing_day({"process_date": None}, run_of(run.data_interval)) == DAY


def test_of_the_days_that_a_paused_dag_has_passed_over_only_the_last_one_runs(dags):
    dag = dags["flywheel_nightly"]
    run = coerce_to_core_timetable(dag.timetable).next_dagrun_info(
        last_automated_data_interval=DataInterval(midnight(DAY), midnight(day_after(DAY))),
        restriction=TimeRestriction(midnight(DAY), None, catchup=dag.catchup),
    )
    now = pendulum.now("UTC")
    assert run.data_interval.end <= now < run.data_interval.end.add(days=1, minutes=1)
    assert "only the last of them runs" in " ".join(dag.doc_md.split())


def test_a_backfill_takes_in_both_dates_it_names_and_those_between(dags):
    timetable = coerce_to_core_timetable(dags["flywheel_nightly"].timetable)
    days = []
    interval = None
    while True:
        info = timetable.next_dagrun_info(
            last_automated_data_interval=interval,
            restriction=TimeRestriction(
                midnight(DAY), midnight(DAY + dt.timedelta(days=2)), catchup=True
            ),
        )
        if info is None:
            break
        interval = info.data_interval
        days.append(landing_day({}, run_of(interval)))
    assert days == [DAY, DAY + dt.timedelta(days=1), DAY + dt.timedelta(days=2)]


@pytest.mark.parametrize("hour", [0, 2, 13, 23])
def test_a_manual_run_takes_in_the_last_whole_day_before_its_logical_date(dags, hour):
    timetable = coerce_to_core_timetable(dags["flywheel_nightly"].timetable)
    at = midnight(day_after(DAY)).add(hours=hour)
    interval = timetable.infer_manual_data_interval(run_after=at)
    assert landing_day({"process_date": None}, run_of(interval)) == DAY


def test_process_date_wins(dags):
    interval = DataInterval(midnight(DAY), midnight(day_after(DAY)))
    assert landing_day({"process_date": "2025-12-31"}, run_of(interval)) == dt.date(2025, 12, 31)


def test_a_run_without_an_interval_asks_for_process_date():
    with pytest.raises(AirflowFailException, match="process_date"):
        landing_day({"process_date": None}, run_of(None))
    assert landing_day({"process_date": "2026-01-05"}, run_of(None)) == DAY


def test_logs_have_landed_some_hours_after_the_day_has_ended():
    assert landed_by(DAY, dt.timedelta(hours=2)) == dt.datetime(2026, 1, 6, 2, tzinfo=dt.UTC)


# Parameters.


def validated(dag, given):
    params = copy.deepcopy(dag.params)
    params.update(given)
    return params.validate()


@pytest.mark.parametrize(
    ("dag", "given"),
    [
        ("flywheel_nightly", {"process_date": "05/01/2026"}),
        ("flywheel_nightly", {"process_date": 20260105}),
        ("flywheel_nightly", {"dry_run": "yes"}),
        ("flywheel_backfill", {}),
        ("flywheel_backfill", {"from_date": "2026-01-05", "to_date": "2026-01-06"}),
        ("flywheel_backfill", {"stages": ["labels"]}),
        ("flywheel_backfill", {"stages": []}),
        ("flywheel_backfill", {"stages": ["label", "label"]}),
        ("flywheel_backfill", {"max_days": 0}),
        ("flywheel_backfill", {"reason": ""}),
        ("flywheel_maintenance", {"days": 0}),
    ],
)
def test_a_parameter_that_makes_no_sense_is_refused(dags, dag, given):
    complete = {"from_date": "2026-01-05", "to_date": "2026-01-06", "reason": "a test"}
    if dag == "flywheel_backfill" and "from_date" not in given and given:
        given = complete | given
    with pytest.raises(ParamValidationError):
        validated(dags[dag], given)


def test_parameters_that_make_sense_pass(dags):
    assert validated(dags["flywheel_nightly"], {})["dry_run"] is False
    assert validated(dags["flywheel_nightly"], {"process_date": "2026-01-05"})
    given = {"from_date": "2026-01-05", "to_date": "2026-01-06", "reason": "a test"}
    backfill = validated(dags["flywheel_backfill"], given)
    assert backfill["dry_run"] is True
    assert backfill["stages"] == list(STAGES)


@pytest.mark.parametrize(
    ("first", "end", "said"),
    [
        ("2026-01-05", "2026-01-05", "to_date 2026-01-06"),
        ("2026-01-06", "2026-01-05", "is empty"),
        ("2026-01-05", "2026-02-06", "32 days, more than max_days"),
        ("2026-02-25", "2026-03-02", "last day that has ended is 2026-02-28"),
    ],
)
def test_a_backfill_of_days_that_make_no_sense_is_refused(first, end, said):
    with pytest.raises(AirflowFailException, match=said):
        backfill_interval(first, end, max_days=31, today=dt.date(2026, 3, 1))


def test_a_backfill_is_cut_into_parts_without_gap_or_overlap():
    first, end = dt.date(2026, 1, 30), dt.date(2026, 2, 10)
    parts = chunks(first, end, 4)
    assert parts[0][0] == first
    assert parts[-1] == (dt.date(2026, 2, 7), end)
    assert all(a[1] == b[0] for a, b in itertools.pairwise(parts))


# What is submitted.


def test_the_commands_and_options_that_the_dags_use_exist(dags):
    for dag in dags.values():
        for task in dag.tasks:
            if "FlywheelOperator" in task.task_type:
                given = task.partial_kwargs if task.is_mapped else vars(task)
                shown = subprocess.run(
                    [ROOT / "bin/flywheel", given["command"], "--help"],
                    env={"PATH": "/usr/bin:/bin"} | java_home(),
                    capture_output=True,
                    text=True,
                    check=True,
                ).stdout
                used = {"--config", "--lake", "--input"}
                used |= {word for word in given.get("arguments", ()) if word.startswith("--")}
                used |= {"--stages", "--dry-run"} if task.is_mapped else set()
                used |= {"--run-id"} if given.get("has_run_id", True) else set()
                assert all(option in shown for option in used), (given["command"], used)


def java_home():
    return {"JAVA_HOME": os.environ["JAVA_HOME"]} if "JAVA_HOME" in os.environ else {}


@pytest.mark.parametrize(
    ("message", "raised", "said"),
    [
        ("Error code is: 2.", "AirflowFailException", "arguments or its configuration"),
        ("Error code is: 3.", "AirflowFailException", "ingest.max_bad_share"),
        ("Error code is: 4.", "AirflowSkipException", "no input"),
        ("Error code is: 101.", "AirflowFailException", "FLYWHEEL_JAR"),
        ("Error code is: 1.", "AirflowException", "unexpected"),
        ("Error code is: 75.", "AirflowException", "conflict"),
        ("Error code is: 137.", "AirflowException", "killed"),
        ("Error code is: -9.", "AirflowException", "unexpected"),
        ("Error code is: 1. Kubernetes spark exit code is: 4", "AirflowSkipException", "no input"),
        ("Error code is: 1.\nThe log: Error code is: 3", "AirflowException", "unexpected"),
        ("The connection to the API server broke", "AirflowException", "broke"),
    ],
)
def test_exit_codes_become_skip_fail_or_retry(message, raised, said):
    operator = FlywheelOperator(task_id="t", command="ingest")
    verdict = operator._verdict(AirflowException(f"Cannot execute: spark-submit x. {message}"))
    assert type(verdict).__name__ == raised
    assert said in str(verdict)
