"""An Airflow of its own for the tests: home, SQLite database and connections in a folder that goes.

Set before airflow is imported, since it reads its configuration then.
"""

import json
import os
import pathlib
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile

import pytest

HERE = pathlib.Path(__file__).parent
DAGS = HERE.parent / "dags"
HOME = pathlib.Path(tempfile.mkdtemp(prefix="flywheel-airflow-"))
SPARK = {
    "conn_type": "spark",
    "host": "local[2]",
    "extra": {"spark-binary": "spark-submit", "deploy-mode": "client"},
}

os.environ.update(
    AIRFLOW_HOME=str(HOME),
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{HOME}/airflow.db",
    AIRFLOW__CORE__DAGS_FOLDER=str(DAGS),
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__CORE__UNIT_TEST_MODE="False",
    AIRFLOW__LOGGING__LOGGING_LEVEL="INFO",
    AIRFLOW__LOGGING__COLORED_CONSOLE_LOG="False",
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED="False",
    AIRFLOW_CONN_SPARK_DEFAULT=json.dumps(SPARK),
)
for name in [name for name in os.environ if name.startswith("FLYWHEEL_")]:
    if name not in ("FLYWHEEL_JAR", "FLYWHEEL_JARS", "FLYWHEEL_READERS_PYTHON"):
        del os.environ[name]
# As a DAG bundle puts it there.
sys.path.insert(0, str(DAGS))


# A spark-submit for tests of what Airflow does.
FAKE = """#!/bin/bash
# Notes the words that follow the jar, and ends with the code that the test has set for the command.
while [[ $# -gt 0 && "$1" != "$FLYWHEEL_JAR" ]]; do shift; done
shift
printf '%s\\n' "$*" >> "$FAKE_CALLS"
echo "flywheel: said by $1"
code="FAKE_$1"
exit "${!code:-0}"
"""


def pytest_unconfigure():
    shutil.rmtree(HOME, ignore_errors=True)


def airflow(*words, env=None, check=True):
    """Runs an airflow command, and returns what it ended with and printed."""
    program = pathlib.Path(sys.executable).parent / "airflow"
    ended = subprocess.run(
        [program, *words],
        env=os.environ | (env or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if check:
        assert ended.returncode == 0, ended.stdout
    return ended


@pytest.fixture(scope="session")
def database():
    """The metadata database with the DAGs in it; a connection that only reads."""
    airflow("db", "migrate")
    airflow("dags", "reserialize")
    with sqlite3.connect(f"file:{HOME}/airflow.db?mode=ro", uri=True) as connection:
        yield connection


def read_dags():
    """The DAGs as Airflow reads them now; a run may change the objects."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(DAGS, bundle_path=DAGS, bundle_name="dags-folder")
    assert bag.import_errors == {}
    return bag.dags


@pytest.fixture(scope="session")
def dags():
    return read_dags()


def in_process(*words):
    """Runs an airflow command in this process: most of its time is the start of a new one."""
    from airflow.cli.cli_parser import get_parser

    parsed = get_parser().parse_args(words)
    parsed.func(parsed)


@pytest.fixture
def submits(tmp_path, monkeypatch):
    """The command lines submitted so far, without the program's name."""
    program = tmp_path / "bin" / "spark-submit"
    program.parent.mkdir()
    program.write_text(FAKE)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("FAKE_CALLS", str(tmp_path / "calls"))
    (tmp_path / "calls").touch()
    return lambda: [shlex.split(call) for call in (tmp_path / "calls").read_text().splitlines()]
