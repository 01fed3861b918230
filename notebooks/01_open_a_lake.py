# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Open a lake without Spark
#
# A lake is a folder, or a prefix of an object store, with one Delta table per folder of `tables/`.
# `FLYWHEEL_LAKE` says where it is: `demo/lake` after `make demo`.
#
# The notebooks are Python files: an editor runs them cell by cell, and Jupyter opens them with
# jupytext. What they need is in `notebooks/notebooks.txt`, pinned by hash.

# %%
import pandas as pd
from flywheel_lake import columns, lake, path, sql, table, table_names

print("The lake:", lake().rsplit("/", 1)[-1])

# %% [markdown]
# ## What is in it
#
# [docs/tables.md](../docs/tables.md) says what each table holds. Its size here:

# %%
import pyarrow as pa
from deltalake import DeltaTable


def facts(name):
    opened = DeltaTable(path(name))
    actions = pa.table(opened.get_add_actions(flatten=True)).to_pandas()
    return {
        "table": name,
        "rows": int(actions["num_records"].sum()),
        "files": len(actions),
        "KiB": round(actions["size_bytes"].sum() / 1024),
        "partitioned by": ", ".join(opened.metadata().partition_columns) or "–",
        "version": opened.version(),
    }


pd.DataFrame([facts(name) for name in table_names()]).style.hide(axis="index").format(
    {"rows": "{:,}", "KiB": "{:,}"}
)

# %% [markdown]
# A table carries the meaning of its columns with it:

# %%
columns("quality_labels").style.hide(axis="index").set_properties(**{"text-align": "left"})

# %% [markdown]
# ## Four readers, the same rows
#
# `table` opens a table with delta-rs (as pandas), Polars, DuckDB or Spark. `dates` opens only the
# files of some days: half-open, as everywhere in Flywheel.

# %%
first = table("quality_trends")["event_date"].min()
one_day = (first, first + pd.Timedelta(days=1))

by_pandas = table("quality_labels", dates=one_day)
by_polars = table("quality_labels", using="polars", dates=one_day).collect()
by_duckdb = table("quality_labels", using="duckdb", dates=one_day).pl()
assert len(by_pandas) == len(by_polars) == len(by_duckdb)
by_pandas.groupby("label").agg(
    responses=("p_good", "size"), mean_p_good=("p_good", "mean")
).style.format({"mean_p_good": "{:.2f}"})

# %% [markdown]
# The same question in Polars and in SQL. [views.sql](views.sql) has a view for every table, and some
# for questions that people ask.

# %%
import polars as pl

by_polars.group_by("label").agg(
    pl.len().alias("responses"), pl.col("p_good").mean().round(2).alias("mean_p_good")
).sort("label")

# %%
sql(
    """SELECT event_date, responses, round(good_share, 3) AS good_share,
           round(mean_p_good, 3) AS mean_p_good, is_provisional
    FROM quality_by_day"""
)

# %% [markdown]
# ## What the runs did
#
# `run_manifest` has a row per run, good or bad: when, how long, which versions of the tables it read
# and wrote. Look here first when two days look different. The chart has what made the tables as they
# are: of each interval and stage of the night, the last run that went well.

# %%
import altair as alt
import flywheel_charts as look

order = list(look.STAGES)
stages = sql(
    """SELECT strftime(interval_from, '%-d %b') || CASE WHEN interval_to > interval_from + 1
           THEN strftime(interval_to - INTERVAL 1 DAY, ' – %-d %b') ELSE '' END AS night,
           interval_from, interval_to, stage, seconds
    FROM stage_runs WHERE status = 'ok' ORDER BY started_at"""
)
stages = stages[stages["stage"].isin(order)].drop_duplicates(
    ["interval_from", "interval_to", "stage"], keep="last"
)
stages["position"] = stages["stage"].map({stage: n for n, stage in enumerate(order)})

alt.Chart(
    stages,
    title=alt.Title("Where the time of a night goes", subtitle="Seconds by stage, by landing days"),
).mark_bar().encode(
    y=alt.Y("night:N", title=None, sort=alt.SortField("interval_from")),
    x=alt.X("sum(seconds):Q", title="seconds"),
    color=alt.Color(
        "stage:N",
        sort=order,
        scale=alt.Scale(domain=order, range=list(look.STAGES.values())),
    ),
    order="position:Q",
).properties(height=alt.Step(34))
