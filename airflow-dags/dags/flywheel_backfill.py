"""
### What it does

Runs stages of the nightly run over many landing days, a few days in one Spark application:
cheaper than a run of `flywheel_nightly` per day, with the same rows in the end. Use it for a first
month of old logs, after a change of settings, or after an outage of the collector.

It is a **dry run** unless `dry_run` is switched off: then it says what would be read and replaced.
Intervals are half-open: `to_date` is the first day after them. Parts run one after the other. The
nightly run may go on meanwhile; where both want the same partitions, one ends with 75 and is
retried. Asset consumers are not triggered.

### When it is not green

`validate` fails at once and says which parameter to mend. A `submit` that is skipped had no logs in
its days; the exit codes of the others mean what they mean in `flywheel_nightly`. `summary` lists the
parts that did not succeed: clear them with `summary`, which fails as long as one of them has. Doing
days again is harmless, in any order.

| exit code | means | do |
| --- | --- | --- |
| 2 | arguments or configuration are wrong | mend them, clear the part with `summary` |
| 3 | too many bad lines on a day of the part; nothing of the part was published | look at the files that the message names; have them delivered again, clear the part with `summary` |
| 4 | no logs in these days | nothing, or have them delivered |
| 1, 75, 137, 143 | retried before it failed | as in `flywheel_nightly` |
"""

from __future__ import annotations

import datetime as dt

from airflow.sdk import DAG, Param, TriggerRule, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException
from flywheel_airflow.days import backfill_interval, chunks
from flywheel_airflow.submit import STAGES, Deployment, FlywheelOperator

deployment = Deployment.from_environment()

with DAG(
    dag_id="flywheel_backfill",
    description="Stages of the nightly run over many landing days",
    doc_md=__doc__,
    schedule=None,
    start_date=dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
    max_active_runs=1,
    default_args=deployment.task_defaults(),
    tags=["flywheel", "backfill"],
    params={
        "from_date": Param(
            type="string",
            format="date",
            title="First landing day",
            description="As 2026-01-05, UTC.",
        ),
        "to_date": Param(
            type="string",
            format="date",
            title="First day after",
            description="A single day is from_date 2026-01-05, to_date 2026-01-06.",
        ),
        "stages": Param(
            list(STAGES),
            type="array",
            items={"type": "string", "enum": list(STAGES)},
            minItems=1,
            uniqueItems=True,
            title="Stages",
            description="Run in the order of the night. Leave none out between two that you name.",
        ),
        "days_per_run": Param(
            7,
            type="integer",
            minimum=1,
            maximum=31,
            title="Days in one Spark application",
        ),
        "max_days": Param(
            31,
            type="integer",
            minimum=1,
            maximum=1000,
            title="Most days",
            description="A longer interval is refused: a typing error in a year is easily made.",
        ),
        "dry_run": Param(
            True,
            type="boolean",
            title="Dry run",
            description="Say what would be read and replaced, and write nothing.",
        ),
        "reason": Param(
            type="string",
            minLength=3,
            maxLength=500,
            title="Reason",
            description="Why, for those who find the run later.",
        ),
    },
) as dag:
    # What runs no Spark takes no slot from what does.
    @task(retries=0, pool="default_pool")
    def validate() -> list[str]:
        """The landing days, checked."""
        params = get_current_context()["params"]
        first, end = backfill_interval(
            params["from_date"],
            params["to_date"],
            params["max_days"],
            dt.datetime.now(dt.UTC).date(),
        )
        print(
            f"{'Dry run' if params['dry_run'] else 'Backfill'} of {first} to {end}, stages"
            f" {', '.join(params['stages'])}. Reason: {params['reason']}"
        )
        return [first.isoformat(), end.isoformat()]

    @task(retries=0, pool="default_pool")
    def plan(interval: list[str]) -> list[list[str]]:
        """The options of each part."""
        params = get_current_context()["params"]
        first, end = (dt.date.fromisoformat(day) for day in interval)
        stages = [stage for stage in STAGES if stage in params["stages"]]
        dry = ["--dry-run"] if params["dry_run"] else []
        return [
            ["--from", f"{start}", "--to", f"{after}", "--stages", ",".join(stages), *dry]
            for start, after in chunks(first, end, params["days_per_run"])
        ]

    @task(trigger_rule=TriggerRule.ALL_DONE, retries=0, pool="default_pool")
    def summary(parts: list[list[str]] | None) -> None:
        """What became of each part; fails where one did not succeed."""
        if parts is None:
            raise AirflowFailException(
                "There is no plan, and nothing was submitted: the log of validate or plan says why."
                " Clear validate with what follows it, or trigger a new run with other parameters."
            )
        ti = get_current_context()["ti"]
        states = ti.get_task_states(dag_id=ti.dag_id, task_ids=["submit"], run_ids=[ti.run_id]).get(
            ti.run_id, {}
        )
        failed = []
        for index, part in enumerate(parts):
            state = states.get(f"submit_{index}", "not run")
            print(f"{part[1]} to {part[3]}: {state}")
            if state not in ("success", "skipped"):
                failed.append(f"{part[1]} to {part[3]}")
        if failed:
            raise AirflowFailException(
                f"{len(failed)} of {len(parts)} parts did not succeed: {'; '.join(failed)}. Their"
                " logs say why; clear them and summary to run them again."
            )

    parts = plan(validate())
    submit = FlywheelOperator.partial(
        task_id="submit",
        command="nightly",
        # Neighbouring parts replace the same event dates.
        max_active_tis_per_dagrun=1,
        map_index_template="{{ task.arguments[1] }} to {{ task.arguments[3] }}",
    ).expand(arguments=parts)
    submit >> summary(parts)
