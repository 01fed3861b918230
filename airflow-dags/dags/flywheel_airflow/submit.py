"""Submits Flywheel's commands with spark-submit, and says what their exit codes mean to Airflow.

Where things lie comes from the environment of the workers and of the DAG processor, read when a DAG
file is read; how Spark is reached comes from an Airflow connection. Nothing is read from Variables.
"""

from __future__ import annotations

import datetime as dt
import os
import pathlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.sdk import Asset, BaseHook
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowNotFoundException,
    AirflowSkipException,
)

# Tables that each stage of the night writes, in the order of the night.
STAGES = {
    "ingest": ("events", "quarantine"),
    "label": (
        "interactions",
        "behavior_signals",
        "vote_patterns",
        "label_models",
        "quality_labels",
        "label_sources",
    ),
    "sample": ("eval_draws", "eval_dataset_records", "eval_dataset_versions"),
    "cluster": (
        "embeddings",
        "failure_clusters",
        "failure_assignments",
        "issue_identities",
        "failure_issues",
        "issue_trends",
    ),
    "report": ("quality_trends", "failure_reports"),
}

# Exit codes that a retry cannot help with, and what they mean.
FINAL = {
    2: "its arguments or its configuration are wrong. The message in the log above says what to mend",
    3: "a gate refused: more lines are bad than ingest.max_bad_share allows, or a part of an export"
    " is missing; nothing of the interval was published. The message in the log above says which files to look at",
    101: "spark-submit found no class dev.flywheel.Flywheel in the jar. Look at FLYWHEEL_JAR",
}
NOTHING_TO_DO = 4

# Everything else is worth a retry.
WORTH_A_RETRY = {
    1: "an unexpected failure",
    75: "a conflict with another run, or an outage of the storage",
    137: "the process was killed, often for want of memory",
    143: "the process was asked to end",
}

_MAIN_CLASS = "dev.flywheel.Flywheel"
# Without it Spark logs every step, and in the failures of tasks what users wrote.
_QUIET = pathlib.Path(__file__).with_name("log4j2.properties")
# On Kubernetes the driver's own code comes second, and is the one that counts.
_EXIT_CODE = re.compile(
    r"Error code is: (?P<code>-?\d+)(?:\. Kubernetes spark exit code is: (?P<driver>\d+))?"
)
_NOT_IN_RUN_ID = re.compile(r"[^A-Za-z0-9._:+-]")
_LONGEST_RUN_ID = 200


def assets(stage: str) -> list[Asset]:
    """One asset a table: ``flywheel_quality_labels``. Consumers name it in their schedule."""
    return [Asset(name=f"flywheel_{table}", group="flywheel") for table in STAGES[stage]]


@dataclass(frozen=True)
class Deployment:
    """Where Flywheel, its configuration and its lake are.

    :param jar: FLYWHEEL_JAR, the jar of Flywheel, at a place that spark-submit can read
    :param jars: FLYWHEEL_JARS, more jars, separated by commas: Delta's, where Spark has none
    :param packages: FLYWHEEL_PACKAGES, the same as Maven coordinates
    :param config: FLYWHEEL_CONFIG, the configuration file
    :param lake: FLYWHEEL_LAKE, wins over the configuration's
    :param source: FLYWHEEL_INPUT, root of the raw logs, wins over the configuration's
    :param conn_id: FLYWHEEL_CONN_ID, connection of type spark
    :param pool: FLYWHEEL_POOL, pool of every Spark task
    :param properties_file: FLYWHEEL_SPARK_PROPERTIES, Spark settings as in spark-defaults.conf
    :param driver_memory: FLYWHEEL_DRIVER_MEMORY
    :param log4j: FLYWHEEL_LOG4J, log4j2 configuration of the driver; a quiet one if not given
    :param owner: FLYWHEEL_OWNER
    :param grace: FLYWHEEL_GRACE_HOURS, hours after midnight UTC until a day's logs have landed
    :param timeout: FLYWHEEL_TIMEOUT_HOURS, hours after which a task is ended, and tried again
    """

    jar: str
    jars: str | None
    packages: str | None
    config: str | None
    lake: str | None
    source: str | None
    conn_id: str
    pool: str
    properties_file: str | None
    driver_memory: str
    log4j: str
    owner: str
    grace: dt.timedelta
    timeout: dt.timedelta

    @classmethod
    def from_environment(cls) -> Deployment:
        def read(name, default=None):
            return os.environ.get(f"FLYWHEEL_{name}") or default

        return cls(
            jar=read("JAR", ""),
            jars=read("JARS"),
            packages=read("PACKAGES"),
            config=read("CONFIG"),
            lake=read("LAKE"),
            source=read("INPUT"),
            conn_id=read("CONN_ID", "spark_default"),
            pool=read("POOL", "flywheel"),
            properties_file=read("SPARK_PROPERTIES"),
            driver_memory=read("DRIVER_MEMORY", "2g"),
            log4j=read("LOG4J", str(_QUIET)),
            owner=read("OWNER", "data-platform"),
            grace=dt.timedelta(hours=float(read("GRACE_HOURS", "2"))),
            timeout=dt.timedelta(hours=float(read("TIMEOUT_HOURS", "4"))),
        )

    def task_defaults(self) -> dict:
        """Defaults of every task that runs Spark."""
        return {
            "owner": self.owner,
            "pool": self.pool,
            "retries": 2,
            "retry_delay": dt.timedelta(minutes=5),
            "retry_exponential_backoff": 2.0,
            "max_retry_delay": dt.timedelta(hours=1),
            "execution_timeout": self.timeout,
        }

    def spark_conf(self) -> dict[str, str]:
        """Spark settings that come before those of the properties file."""
        # Options of Java that extraJavaOptions adds to. Spark cuts them at blanks, but for those in
        # quotes.
        return {"spark.driver.defaultJavaOptions": f'"-Dlog4j2.configurationFile={self.log4j}"'}

    def options(self) -> list[str]:
        """Options that say where things lie."""
        named = {"--config": self.config, "--lake": self.lake, "--input": self.source}
        return [word for name, value in named.items() if value for word in (name, value)]


class FlywheelOperator(SparkSubmitOperator):
    """Runs one command of Flywheel.

    It skips when there is nothing to do, fails at once where a retry cannot help, and leaves the
    rest to the retries of the task. A dry run updates no assets.

    :param command: subcommand, such as ``label``
    :param arguments: its own options; empty ones are left out (templated)
    :param has_run_id: whether the command takes ``--run-id``; the identity is made from that of the
        task instance and its try, so that the row in ``run_manifest`` can be found
    """

    ui_color = "#dbe9f4"

    def __init__(
        self,
        *,
        command: str,
        arguments: Sequence[str] = (),
        has_run_id: bool = True,
        **kwargs,
    ):
        deployment = Deployment.from_environment()
        super().__init__(
            application=deployment.jar,
            java_class=_MAIN_CLASS,
            jars=deployment.jars,
            packages=deployment.packages,
            conn_id=deployment.conn_id,
            properties_file=deployment.properties_file,
            driver_memory=deployment.driver_memory,
            conf=deployment.spark_conf(),
            name=f"flywheel {command}",
            application_args=[command, *deployment.options(), *arguments],
            **kwargs,
        )
        self.command = command
        self.arguments = arguments
        self.has_run_id = has_run_id

    def execute(self, context):
        self._check_connection()
        self._check_jar()
        words = [word for word in self.application_args if word]
        if "--dry-run" in words:
            # A consumer scheduled on an asset must not start: nothing is written.
            self.outlets = []
        if self.has_run_id:
            words += ["--run-id", run_id(context["ti"])]
        self.application_args = words
        try:
            super().execute(context)
        except FileNotFoundError as missing:
            raise AirflowFailException(
                f"There is no {missing.filename or 'spark-submit'} on the PATH of the worker: add"
                " $SPARK_HOME/bin of a Spark 4.1 to it."
            ) from missing
        except UnicodeDecodeError:
            # Of what was printed, which is no reason not to try again.
            raise
        except ValueError as refused:
            # As of YARN in cluster mode, where it asks the resource manager and not the driver.
            raise AirflowFailException(
                f"The Spark provider refuses what connection '{self._conn_id}' says: {refused}"
                " On YARN give it the deploy mode client, in which exit codes pass through."
            ) from refused
        except AirflowException as failure:
            raise self._verdict(failure) from failure

    def _check_connection(self):
        # The provider takes a connection it cannot find for a YARN cluster.
        try:
            BaseHook.get_connection(self._conn_id)
        except AirflowNotFoundException as missing:
            raise AirflowFailException(
                f"The Airflow connection '{self._conn_id}' does not exist, so it is not known where"
                " Spark runs. Make it (airflow connections add"
                f" {self._conn_id} --conn-type spark --conn-host spark://HOST:7077), or name"
                " another one with FLYWHEEL_CONN_ID."
            ) from missing

    def _check_jar(self):
        if not self.application:
            raise AirflowFailException(
                "FLYWHEEL_JAR is not set: it says where the jar of Flywheel is, for the workers and"
                " for the DAG processor."
            )

    def _verdict(self, failure: AirflowException) -> AirflowException:
        """The failure as Airflow is to treat it: skip, fail at once, or retry."""
        found = _EXIT_CODE.search(str(failure))
        if not found:
            return failure
        code = int(found["driver"] or found["code"])
        said = f"flywheel {self.command} ended with exit code {code}"
        if code == NOTHING_TO_DO:
            return AirflowSkipException(f"{said}: there is no input for the interval.")
        if code in FINAL:
            return AirflowFailException(f"{said}: {FINAL[code]}.")
        return AirflowException(f"{said}: {WORTH_A_RETRY.get(code, 'an unexpected failure')}.")


def run_id(ti) -> str:
    """Identity of a try in ``run_manifest``: DAG, run, task, number in the mapping, try."""
    parts = [ti.dag_id, ti.run_id, ti.task_id, ti.try_number]
    if ti.map_index >= 0:
        parts.insert(3, ti.map_index)
    whole = _NOT_IN_RUN_ID.sub("-", ".".join(str(part) for part in parts))
    return whole[-_LONGEST_RUN_ID:].lstrip("._:+-")
