"""The airflow commands of docs/operations.md run as they stand there."""

import datetime as dt
import pathlib
import re
import shlex
import shutil

import pytest
from conftest import DAGS, airflow, in_process

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "operations.md"


def commands():
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("airflow ")]


@pytest.fixture
def without_connection(monkeypatch):
    """The page makes it; other tests have it from the environment, or do without."""
    monkeypatch.delenv("AIRFLOW_CONN_SPARK_DEFAULT")
    yield
    in_process("connections", "delete", "spark_default")


def test_every_command_runs(database, submits, without_connection, capfd):
    assert len(commands()) >= 8
    for command in commands():
        in_process(*shlex.split(command)[1:])
    [(slots,)] = database.execute("SELECT slots FROM slot_pool WHERE pool = 'flywheel'").fetchall()
    assert slots == 1
    paused = database.execute("SELECT dag_id FROM dag WHERE is_paused").fetchall()
    assert paused == []
    # The test run took in the day before its logical date, by the connection just made.
    assert submits()[0][:5] == ["ingest", "--from", "2026-01-05", "--to", "2026-01-06"]
    planned = "".join(capfd.readouterr())
    for day in ("2026-01-05", "2026-01-06", "2026-01-07"):
        assert day in planned
    triggered = database.execute(
        "SELECT dag_id, conf FROM dag_run WHERE triggered_by = 'CLI' ORDER BY id"
    ).fetchall()
    assert {dag for dag, _ in triggered} == {"flywheel_nightly", "flywheel_backfill"}


def loaded(bundle, dag_folder):
    """The DAGs that Airflow finds in one of the page's bundles, in a process that knows no path."""
    page = re.search(r"DAG_BUNDLE_CONFIG_LIST='(.*?)'$", PAGE.read_text(), re.M | re.S)[1]
    env = {
        "AIRFLOW__CORE__DAGS_FOLDER": str(dag_folder),
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": page.replace(
            "/opt/flywheel/airflow-dags/dags", str(DAGS)
        ),
    }
    said = airflow(
        "dags", "list", "--local", "--bundle-name", bundle, "-o", "plain", env=env
    ).stdout
    assert "Failed to load" not in said, said
    return re.findall(r"^(flywheel_\w+) ", said, re.M)


def test_the_folder_is_a_bundle_and_what_it_holds_may_lie_at_the_top_of_another(database, tmp_path):
    expected = ["flywheel_backfill", "flywheel_maintenance", "flywheel_nightly"]
    (tmp_path / "empty").mkdir()
    assert loaded("flywheel", tmp_path / "empty") == expected
    shutil.copytree(DAGS, tmp_path / "top")
    assert loaded("dags-folder", tmp_path / "top") == expected


def test_the_variables_of_the_page_are_those_that_are_read():
    source = (PAGE.parents[1] / "airflow-dags/dags/flywheel_airflow/submit.py").read_text()
    read = {f"FLYWHEEL_{name}" for name in re.findall(r'read\("(\w+)"', source)}
    named = set(re.findall(r"`(FLYWHEEL_\w+)`", PAGE.read_text().split("## From Airflow")[1]))
    assert read <= named


def test_the_page_and_the_dags_agree_on_the_grace(dags):
    from flywheel_airflow.submit import Deployment

    assert "| `FLYWHEEL_GRACE_HOURS` | 2 |" in PAGE.read_text()
    assert Deployment.from_environment().grace == dt.timedelta(hours=2)
