"""
### What it does

Once a week, checks what the runs need (`doctor`), merges small files of the days of the last weeks,
and deletes files that no table has used for longer than `maintain.retention_days` (`maintain`). No
row of any table changes.

Merging is a commit like any other: where a nightly run replaces the same partitions at that moment,
one of the two ends with 75 and is retried. With a pool of one slot they wait for each other.

### When it is not green

| the task | exit code | means | do |
| --- | --- | --- | --- |
| `doctor` failed at once | 2 | something is missing; each line marked `missing` says how to get it | mend it, clear the task |
| `maintain` failed at once | 2 | the retention is shorter than the longest run in `run_manifest` | raise `maintain.retention_days` |
| failed after retries | 1, 75, 137, 143 | as in `flywheel_nightly` | clear the task; nothing is half-done |

It may fail for weeks without harm to the tables: only the number of files grows.
"""

from __future__ import annotations

import datetime as dt

from airflow.sdk import DAG, CronDataIntervalTimetable, Param
from flywheel_airflow.submit import Deployment, FlywheelOperator

deployment = Deployment.from_environment()

with DAG(
    dag_id="flywheel_maintenance",
    description="Checks, merges small files, deletes unused ones",
    doc_md=__doc__,
    # Weeks from Sunday 06:00 to Sunday 06:00, when the night of Saturday has long been through.
    schedule=CronDataIntervalTimetable("0 6 * * 0", timezone="UTC"),
    start_date=dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
    catchup=False,
    max_active_runs=1,
    default_args=deployment.task_defaults(),
    tags=["flywheel", "maintenance"],
    params={
        "days": Param(
            21,
            type="integer",
            minimum=1,
            maximum=1000,
            title="Days",
            description="How many days before today to merge the files of.",
        ),
        "dry_run": Param(
            False,
            type="boolean",
            title="Dry run",
            description="Say how many files would be merged and deleted, and touch none.",
        ),
    },
) as dag:
    doctor = FlywheelOperator(task_id="doctor", command="doctor", has_run_id=False)
    maintain = FlywheelOperator(
        task_id="maintain",
        command="maintain",
        arguments=[
            "--from",
            "{{ macros.ds_add(dag_run.run_after | ds, -params.days) }}",
            "--to",
            "{{ dag_run.run_after | ds }}",
            "{{ '--dry-run' if params.dry_run else '' }}",
        ],
    )
    doctor >> maintain
