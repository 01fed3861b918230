"""Which landing days a run takes in. Days are UTC days; an interval ends with the day after it."""

from __future__ import annotations

import datetime as dt

from airflow.sdk.exceptions import AirflowFailException


def landing_day(params, dag_run) -> dt.date:
    """The day a nightly run takes in: ``process_date`` where given, else that of its interval.

    Scheduled runs and those of ``airflow backfill`` carry the interval of their day. A manual run
    carries the last whole day before its logical date, as if the schedule had made it.
    """
    if params.get("process_date"):
        return dt.date.fromisoformat(params["process_date"])
    if dag_run.data_interval_start is None:
        raise AirflowFailException(
            "This run has no data interval, as runs without a logical date and runs triggered by"
            " assets have none. Give it the landing day as process_date."
        )
    return dag_run.data_interval_start.astimezone(dt.UTC).date()


def day_after(day: dt.date) -> dt.date:
    return day + dt.timedelta(days=1)


def landed_by(day: dt.date, grace: dt.timedelta) -> dt.datetime:
    """When the logs of a landing day are complete: ``grace`` after the day has ended."""
    return dt.datetime.combine(day_after(day), dt.time(), tzinfo=dt.UTC) + grace


def backfill_interval(
    from_date: str, to_date: str, max_days: int, today: dt.date
) -> tuple[dt.date, dt.date]:
    """The landing days of a backfill, or a failure that says what to mend."""
    first, end = dt.date.fromisoformat(from_date), dt.date.fromisoformat(to_date)
    if first >= end:
        raise AirflowFailException(
            f"The interval from {first} to {end} is empty: to_date is the first day after it, so"
            f" a single day is from_date {first}, to_date {day_after(first)}."
        )
    if end > today:
        raise AirflowFailException(
            f"to_date is {end}, but the last day that has ended is {today - dt.timedelta(days=1)}:"
            f" give a to_date of {today} or earlier."
        )
    days = (end - first).days
    if days > max_days:
        raise AirflowFailException(
            f"{first} to {end} are {days} days, more than max_days ({max_days}). Give a shorter"
            " interval, or raise max_days if all of them are meant."
        )
    return first, end


def chunks(first: dt.date, end: dt.date, days: int) -> list[tuple[dt.date, dt.date]]:
    """The interval in parts of ``days`` days, in order; the last may be shorter."""
    starts = range(0, (end - first).days, days)
    return [
        (
            first + dt.timedelta(days=start),
            min(first + dt.timedelta(days=start + days), end),
        )
        for start in starts
    ]
