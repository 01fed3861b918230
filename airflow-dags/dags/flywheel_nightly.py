"""
### What it does

Takes in one landing day (UTC) and recomputes what depends on it: labels, the eval set, issues and
the failure report. One task a stage; each is one Spark application.

A scheduled run takes in the day of its data interval, which runs from midnight to midnight. It
starts when the day has ended and waits until its logs have landed. A manual run takes in the last
whole day before its logical date, or `process_date`. Running a day again is harmless.

### When a task is not green

The last lines of its log say what happened. `run_manifest` has a row per try: its `run_id` is
DAG, run, task and try, as in the command line at the start of the log.

| the task | exit code | means | do |
| --- | --- | --- | --- |
| skipped | 4 | no logs landed on that day | quiet day: nothing. Outage of the collector: run the day again when the logs are there |
| failed at once | 2 | arguments, configuration, connection or jar are wrong | mend what the message names, clear the task |
| failed at once | 3 | too many bad lines; nothing of the day was published | look at the files that the message names; have them delivered again, clear `ingest` |
| failed after retries | 1 | unexpected | run the command with `--stacktrace`; look for memory and disk |
| failed after retries | 75 | another run changed the same partitions, or the storage was away | clear the task when the other run has ended |
| failed after retries | 137, 143 | the process was killed | give the driver or the executors more memory (FLYWHEEL_DRIVER_MEMORY) |

A failed stage leaves every table as it was or as it should be, never in between. Clearing a failed
task with those after it is always right. Tables of stages that did not run are those of yesterday.

### Is a landing day missing?

Days that passed while the DAG was paused or the scheduler was down are not made up for: when it goes
on, only the last of them runs. docs/operations.md finds days without an ingest in `run_manifest`;
`airflow backfill create` or `flywheel_backfill` takes them in. A day that was skipped counts as a
success: `--reprocess-behavior failed` leaves it as it is, `completed` runs it again.

### Trying it out

With `dry_run`, every task says what it would read and replace, and writes nothing.
"""

from __future__ import annotations

import datetime as dt

from airflow.sdk import (
    DAG,
    CronDataIntervalTimetable,
    Param,
    TriggerRule,
    get_current_context,
    task,
)
from airflow.sdk.exceptions import AirflowFailException
from flywheel_airflow.days import day_after, landed_by, landing_day
from flywheel_airflow.submit import Deployment, FlywheelOperator, assets

deployment = Deployment.from_environment()

with DAG(
    dag_id="flywheel_nightly",
    description="One landing day of logs to labels, eval set, issues and report",
    doc_md=__doc__,
    # A whole UTC day. A bare cron string would give an interval without length.
    schedule=CronDataIntervalTimetable("0 0 * * *", timezone="UTC"),
    start_date=dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
    catchup=False,
    max_active_runs=1,
    default_args=deployment.task_defaults() | {"priority_weight": 10},
    tags=["flywheel", "nightly"],
    params={
        "process_date": Param(
            None,
            type=["null", "string"],
            format="date",
            title="Landing day",
            description="Day to take in, as 2026-01-05; that of the data interval if not given.",
        ),
        "dry_run": Param(
            False,
            type="boolean",
            title="Dry run",
            description="Say what would be read and replaced, and write nothing.",
        ),
    },
    user_defined_macros={"landing_day": landing_day, "day_after": day_after},
) as dag:

    @task.sensor(
        poke_interval=300,
        # A run for today, made just after midnight, waits a day and the grace; the rest is to spare.
        timeout=(dt.timedelta(days=2) + deployment.grace).total_seconds(),
        mode="reschedule",
        pool="default_pool",
    )
    def wait_for_logs() -> bool:
        """Waits until the landing day has ended and its logs have had time to land."""
        context = get_current_context()
        day = landing_day(context["params"], context["dag_run"])
        now = dt.datetime.now(dt.UTC)
        if day > now.date():
            raise AirflowFailException(f"The landing day {day} has not begun: give an earlier one.")
        return now >= landed_by(day, deployment.grace)

    def stage(name: str, **kwargs) -> FlywheelOperator:
        return FlywheelOperator(
            task_id=name,
            command=name,
            arguments=[
                "--from",
                "{{ landing_day(params, dag_run) }}",
                "--to",
                "{{ day_after(landing_day(params, dag_run)) }}",
                "{{ '--dry-run' if params.dry_run else '' }}",
            ],
            outlets=assets(name),
            **kwargs,
        )

    # Skips cascade: where sample or cluster had nothing to do, the other is still worth a report.
    report = stage("report", trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)
    (
        wait_for_logs()
        >> stage("ingest")
        >> stage("label")
        >> [stage("sample"), stage("cluster")]
        >> report
    )
