"""DAG runs by the real Airflow with a spark-submit that only notes what it is asked."""

import datetime as dt
import json

import pytest
from conftest import DAGS, read_dags

LOGICAL_DATE = dt.datetime(2026, 1, 6, tzinfo=dt.UTC)


@pytest.fixture
def run(database):
    """Runs a DAG to its end; returns the state of the run and of each task, with its tries."""

    def run(dag_id, conf=None, at=LOGICAL_DATE):
        dag = read_dags()[dag_id]
        for task in dag.tasks:
            task.retry_delay = dt.timedelta(0)
            task.retry_exponential_backoff = 0
        ended = dag.test(logical_date=at, run_conf=conf)
        found = database.execute(
            "SELECT task_id, map_index, state, try_number FROM task_instance"
            " WHERE dag_id = ? AND run_id = ?",
            (dag_id, ended.run_id),
        ).fetchall()
        tasks = {
            task_id if index < 0 else f"{task_id}[{index}]": (state, tries)
            for task_id, index, state, tries in found
        }
        return str(ended.state), tasks

    return run


def states(tasks):
    return {task: state for task, (state, _) in tasks.items()}


def test_a_night_submits_each_stage_for_its_day(run, submits):
    state, tasks = run("flywheel_nightly")
    assert state == "success"
    assert set(states(tasks).values()) == {"success"}
    assert sorted(call[0] for call in submits()) == sorted(
        ["ingest", "label", "sample", "cluster", "report"]
    )
    assert [call[0] for call in submits()][:2] == ["ingest", "label"]
    for call in submits():
        assert call[1:5] == ["--from", "2026-01-05", "--to", "2026-01-06"]
        assert call[5] == "--run-id"
        assert call[6].startswith("flywheel_nightly.manual__20")
        assert call[6].endswith(f"+00:00.{call[0]}.1")
        assert len(call) == 7


def test_process_date_and_dry_run_reach_the_command(run, submits, database):
    before = database.execute("SELECT count(*) FROM asset_event").fetchone()
    state, _ = run("flywheel_nightly", {"process_date": "2025-12-24", "dry_run": True})
    assert state == "success"
    for call in submits():
        assert call[1:6] == ["--from", "2025-12-24", "--to", "2025-12-25", "--dry-run"]
    # Nothing was written: no consumer may start.
    assert database.execute("SELECT count(*) FROM asset_event").fetchone() == before


def test_every_stage_tells_the_consumers_of_its_tables(run, submits, database):
    database_now = "SELECT coalesce(max(id), 0) FROM asset_event"
    before = database.execute(database_now).fetchone()[0]
    run("flywheel_nightly")
    told = database.execute(
        "SELECT source_task_id, asset.name FROM asset_event"
        " JOIN asset ON asset.id = asset_event.asset_id WHERE asset_event.id > ?",
        (before,),
    ).fetchall()
    assert ("label", "flywheel_quality_labels") in told
    assert ("report", "flywheel_failure_reports") in told
    assert len(told) == len(set(told)) == 19


def test_a_day_without_logs_is_skipped_and_the_run_is_well(run, submits, monkeypatch):
    monkeypatch.setenv("FAKE_ingest", "4")
    state, tasks = run("flywheel_nightly")
    assert state == "success"
    assert states(tasks) == {
        "wait_for_logs": "success",
        "ingest": "skipped",
        "label": "skipped",
        "sample": "skipped",
        "cluster": "skipped",
        "report": "skipped",
    }
    assert len(submits()) == 1


@pytest.mark.parametrize("code", [2, 3])
def test_what_a_retry_cannot_help_fails_at_once(run, submits, monkeypatch, code):
    monkeypatch.setenv("FAKE_label", str(code))
    state, tasks = run("flywheel_nightly")
    assert state == "failed"
    assert tasks["label"] == ("failed", 1)
    assert {states(tasks)[task] for task in ("sample", "cluster", "report")} == {"upstream_failed"}
    assert [call[0] for call in submits()] == ["ingest", "label"]


@pytest.mark.parametrize("code", [1, 75, 137])
def test_everything_else_is_tried_three_times(run, submits, monkeypatch, code):
    monkeypatch.setenv("FAKE_ingest", str(code))
    state, tasks = run("flywheel_nightly")
    assert state == "failed"
    assert tasks["ingest"] == ("failed", 3)
    assert [call[-1].rsplit(".", 2)[1:] for call in submits()] == [
        ["ingest", "1"],
        ["ingest", "2"],
        ["ingest", "3"],
    ]


def test_a_report_is_made_where_only_one_of_its_sources_had_nothing_to_do(
    run, submits, monkeypatch
):
    monkeypatch.setenv("FAKE_sample", "4")
    state, tasks = run("flywheel_nightly")
    assert state == "success"
    assert states(tasks)["sample"] == "skipped"
    assert states(tasks)["report"] == "success"


def test_a_connection_that_does_not_exist_fails_at_once_and_says_what_to_do(
    run, submits, monkeypatch, capfd
):
    monkeypatch.delenv("AIRFLOW_CONN_SPARK_DEFAULT")
    state, tasks = run("flywheel_nightly")
    assert state == "failed"
    assert tasks["ingest"] == ("failed", 1)
    assert submits() == []
    said = "".join(capfd.readouterr())
    assert "The Airflow connection 'spark_default' does not exist" in said
    assert "airflow connections add spark_default" in said


def test_a_deploy_mode_that_hides_exit_codes_fails_at_once(run, submits, monkeypatch, capfd):
    connection = {"conn_type": "spark", "host": "yarn", "extra": {"deploy-mode": "cluster"}}
    monkeypatch.setenv("AIRFLOW_CONN_SPARK_DEFAULT", json.dumps(connection))
    state, tasks = run("flywheel_nightly")
    assert state == "failed"
    assert tasks["ingest"] == ("failed", 1)
    assert submits() == []
    assert "the deploy mode client" in "".join(capfd.readouterr())


def test_a_worker_without_spark_submit_is_told_so(run, submits, monkeypatch, capfd):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    state, tasks = run("flywheel_nightly")
    assert state == "failed"
    assert tasks["ingest"] == ("failed", 1)
    assert "SPARK_HOME/bin" in "".join(capfd.readouterr())


def test_a_manual_run_of_a_day_that_has_not_begun_fails_at_once(run, submits, capfd):
    state, tasks = run("flywheel_nightly", {"process_date": "2999-01-01"})
    assert state == "failed"
    assert tasks["wait_for_logs"] == ("failed", 1)
    assert submits() == []


BACKFILL = {"from_date": "2026-01-05", "to_date": "2026-01-20", "reason": "new thresholds"}


def test_a_backfill_is_a_dry_run_unless_told_otherwise(run, submits):
    state, tasks = run("flywheel_backfill", BACKFILL)
    assert state == "success"
    assert states(tasks)["submit[2]"] == "success"
    # `dag.test` takes mapped tasks in any order; the scheduler takes them by their index.
    assert sorted(call[1:7] for call in submits()) == [
        ["--from", first, "--to", end, "--stages", "ingest,label,sample,cluster,report"]
        for first, end in [
            ("2026-01-05", "2026-01-12"),
            ("2026-01-12", "2026-01-19"),
            ("2026-01-19", "2026-01-20"),
        ]
    ]
    assert all(call[0] == "nightly" and call[7] == "--dry-run" for call in submits())


def test_a_backfill_runs_the_stages_it_names_in_the_order_of_the_night(run, submits):
    given = BACKFILL | {"stages": ["sample", "label"], "days_per_run": 31, "dry_run": False}
    state, _ = run("flywheel_backfill", given)
    assert state == "success"
    [call] = submits()
    assert call[:7] == [
        *("nightly", "--from", "2026-01-05", "--to", "2026-01-20"),
        *("--stages", "label,sample"),
    ]
    assert "--dry-run" not in call


def test_a_backfill_that_is_too_long_submits_nothing(run, submits, capfd):
    state, tasks = run("flywheel_backfill", BACKFILL | {"max_days": 14})
    assert state == "failed"
    assert tasks["validate"] == ("failed", 1)
    assert submits() == []
    said = "".join(capfd.readouterr())
    assert "more than max_days (14)" in said
    assert states(tasks)["summary"] == "failed"
    assert "There is no plan, and nothing was submitted" in said


def test_a_backfill_says_which_parts_did_not_succeed(run, submits, monkeypatch, capfd):
    monkeypatch.setenv("FAKE_nightly", "3")
    state, tasks = run("flywheel_backfill", BACKFILL | {"to_date": "2026-01-13"})
    assert state == "failed"
    assert tasks["submit[0]"] == tasks["submit[1]"] == ("failed", 1)
    assert states(tasks)["summary"] == "failed"
    said = "".join(capfd.readouterr())
    assert "2 of 2 parts did not succeed" in said
    assert "2026-01-12 to 2026-01-13" in said


def test_a_backfill_of_days_without_logs_is_well(run, submits, monkeypatch):
    monkeypatch.setenv("FAKE_nightly", "4")
    state, tasks = run("flywheel_backfill", BACKFILL)
    assert states(tasks)["submit[0]"] == "skipped"
    assert states(tasks)["summary"] == "success"
    assert state == "success"


def test_maintenance_checks_first_and_leaves_today_alone(run, submits):
    today = dt.datetime.now(dt.UTC).date()
    state, _ = run("flywheel_maintenance", {"days": 7})
    assert state == "success"
    doctor, maintain = submits()
    assert doctor == ["doctor"]
    assert maintain[:5] == [
        *("maintain", "--from", str(today - dt.timedelta(days=7)), "--to", str(today))
    ]


def test_maintenance_stops_where_something_is_missing(run, submits, monkeypatch):
    monkeypatch.setenv("FAKE_doctor", "2")
    state, tasks = run("flywheel_maintenance")
    assert state == "failed"
    assert tasks["doctor"] == ("failed", 1)
    assert states(tasks)["maintain"] == "upstream_failed"


def test_the_connection_decides_where_spark_runs(run, submits, monkeypatch, capfd):
    monkeypatch.setenv(
        "AIRFLOW_CONN_SPARK_DEFAULT",
        json.dumps({"conn_type": "spark", "host": "spark://master", "port": 7077}),
    )
    run("flywheel_nightly", {"dry_run": True})
    assert "--master spark://master:7077" in "".join(capfd.readouterr())


@pytest.mark.parametrize("given", [None, "/etc/with blank/log4j2.properties"])
def test_the_driver_logs_as_it_is_told_and_is_quiet_if_not(run, submits, monkeypatch, capfd, given):
    file = given or DAGS / "flywheel_airflow" / "log4j2.properties"
    if given:
        monkeypatch.setenv("FLYWHEEL_LOG4J", given)
    run("flywheel_nightly", {"dry_run": True})
    options = f'spark.driver.defaultJavaOptions="-Dlog4j2.configurationFile={file}"'
    assert f"--conf {options} " in "".join(capfd.readouterr())


def test_the_quiet_configuration_is_that_of_the_command_line():
    own = DAGS / "flywheel_airflow" / "log4j2.properties"
    assert own.read_text() == (DAGS.parents[1] / "bin/log4j2.properties").read_text()
