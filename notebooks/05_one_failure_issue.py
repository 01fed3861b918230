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
# # One failure issue in depth
#
# The failure report ranks issues; this notebook follows one: since when, where, by which signals, and
# what it looks like. Set `ISSUE` to an `issue_id` of the report; without one it takes the highest
# ranked issue of the newest day that enough users have.
#
# Texts appear as on the report page: redacted, cut, and only of issues that at least
# `FLYWHEEL_MIN_DISTINCT_USERS` different users have (5 if not set, as `report.min_distinct_users`).

# %%
import os

import altair as alt
import flywheel_charts as look
import pandas as pd
from flywheel_lake import MIN_DISTINCT_USERS, examples, table, wilson

ISSUE = os.environ.get("FLYWHEEL_ISSUE")

reports = table("failure_reports")
issues = table("failure_issues")
# A day without open issues has no row among them.
newest = table("quality_trends")["event_date"].max()
ranked = reports[reports["event_date"] == newest].sort_values("rank")
ranked[["rank", "issue_id", "title", "status", "failures", "distinct_users", "failure_rate"]].head(
    8
).style.hide(axis="index").format({"failure_rate": "{:.1%}"})

# %%
enough = ranked[ranked["distinct_users"] >= MIN_DISTINCT_USERS]
issue_id = ISSUE or next(iter([*enough["issue_id"], *ranked["issue_id"]]), None)
history = issues[issues["issue_id"] == issue_id].sort_values("event_date")
if history.empty:
    issue = {"distinct_users": 0, "exemplar_keys": []}
    print(
        f"There is no issue {ISSUE}." if ISSUE else f"No issue is open on {newest}.",
        "What follows has nothing to show.",
    )
else:
    issue = history.iloc[-1]
    print(f"{issue['issue_id']}: {issue['title']}")
    print(
        f"{issue['status']}, first seen {issue['first_seen']}, last seen {issue['last_seen']};"
        f" {issue['failures']} failures of {issue['distinct_users']} users in the window"
    )

# %% [markdown]
# ## Since when
#
# The share of all responses of a day that failed in this way, on the days of which a cluster is this
# issue. On other days it is not known how often it happened: they have no mark.

# %%
trends = table("issue_trends")
daily = trends.query("issue_id == @issue_id and dimension == 'all'")
days = daily[["event_date", "failures", "interactions"]].sort_values("event_date")
days["rate"] = days["failures"] / days["interactions"]
bounds = [wilson(row.failures, row.interactions) for row in days.itertuples()]
days["lower"], days["upper"] = [low for low, _ in bounds], [high for _, high in bounds]
known = set(days["event_date"])
days["event_date"] = pd.to_datetime(days["event_date"])

base = alt.Chart(days).encode(x=look.day_axis())
alt.layer(
    base.mark_rule(strokeWidth=2, color=look.BAD).encode(
        y=look.share_axis("lower:Q", "share of responses", alt.Y), y2="upper:Q"
    ),
    base.mark_circle(size=90, color=look.BAD, opacity=1).encode(y="rate:Q"),
    base.mark_text(dx=9, align="left", fontSize=12, color="#555b63").encode(
        y="rate:Q", text="failures:Q"
    ),
).properties(
    width=560,
    title=alt.Title(
        "How often it happens", subtitle="95 % Wilson intervals; numbers are failures of the day"
    ),
)

# %% [markdown]
# ## Where
#
# The rate in each segment against that of all. Many segments are compared at once: the report's
# `top_segment` names one only after a test that accounts for that.

# %%
where = (
    trends[(trends["issue_id"] == issue_id) & (trends["dimension"] != "all")]
    .groupby(["dimension", "segment"], as_index=False)
    .agg(failures=("failures", "sum"), users=("distinct_users", "max"))
)
# Of the days of which a cluster is the issue, those without a failure in the segment included.
quality = table("quality_trends")
quality = quality[quality["event_date"].isin(known)]
sizes = quality.groupby(["dimension", "segment"], as_index=False)["responses"].sum()
where = where.merge(sizes, on=["dimension", "segment"])
where = where[(where["responses"] >= 20) & (where["users"] >= MIN_DISTINCT_USERS)].copy()
where["rate"] = where["failures"] / where["responses"]
bounds = [wilson(row.failures, row.responses) for row in where.itertuples()]
where["lower"], where["upper"] = [low for low, _ in bounds], [high for _, high in bounds]
rate = days["failures"].sum() / max(1, days["interactions"].sum())
where["name"] = where["dimension"] + " = " + where["segment"]
where["counts"] = [f"{row.failures} of {row.responses:,}" for row in where.itertuples()]
where["differs"] = [
    "more" if row.lower > rate else "fewer" if row.upper < rate else "as all"
    for row in where.itertuples()
]
top = where.nlargest(12, "rate")

bars = alt.Chart(top).encode(
    y=alt.Y(
        "name:N",
        title=None,
        sort=alt.SortField("rate", "descending"),
        axis=alt.Axis(labelLimit=260),
    ),
    color=alt.Color(
        "differs:N",
        scale=alt.Scale(
            domain=["more", "as all", "fewer"], range=[look.BAD, look.UNSURE, look.GOOD]
        ),
    ),
)
alt.layer(
    alt.Chart(top).mark_rule(color=look.GREY, strokeDash=[3, 3]).encode(x=alt.datum(rate)),
    bars.mark_rule(strokeWidth=2).encode(
        x=look.share_axis("lower:Q", "share of the segment's responses"), x2="upper:Q"
    ),
    bars.mark_circle(size=80, opacity=1).encode(x="rate:Q"),
    bars.mark_text(align="left", dx=8, fontSize=11, color="#555b63").encode(
        x="upper:Q", text="counts:N"
    ),
).properties(
    width=460,
    height=alt.Step(24),
    title=alt.Title(
        "Where it happens most",
        subtitle=f"95 % Wilson intervals; the dashed line is the rate among all, {rate:.1%}",
    ),
)

# %% [markdown]
# ## How users showed it
#
# Votes of the sources on the issue's failures, against those on all other failures. An issue that one
# source alone knows of rests on that source's judgement.

# %%
assignments = table("failure_assignments").merge(
    history[["event_date", "cluster_id"]], on=["event_date", "cluster_id"]
)
key = ["event_date", "tenant_id", "interaction_id", "shown_at"]
failures = table("quality_labels").query("label == 'bad'").copy()
members = set(assignments[key].itertuples(index=False, name=None))
failures["group"] = [
    "this issue" if row in members else "other failures"
    for row in failures[key].itertuples(index=False, name=None)
]
votes = pd.DataFrame(
    [
        (row.group, source, vote.replace("_", " "))
        for row in failures.itertuples()
        for source, vote in dict(row.votes).items()
        # People's verdicts stand only where there are any.
        if source != "human"
    ],
    columns=["group", "source", "vote"],
)
counts = votes.value_counts().rename("responses").reset_index()
shades = {
    "bad": look.BAD,
    "good": look.GOOD,
    "abstain": "#c4c8ce",
    "not applicable": "#eceef0",
}
counts["position"] = counts["vote"].map({name: n for n, name in enumerate(shades)})

alt.Chart(
    counts,
    title=alt.Title("What the sources said", subtitle="Share of failures, by source"),
).mark_bar().encode(
    x=look.share_axis("sum(responses):Q", None).stack("normalize"),
    y=alt.Y("group:N", title=None, sort=["this issue", "other failures"]),
    row=alt.Row(
        "source:N",
        spacing=6,
        header=alt.Header(labelAngle=0, labelAlign="left", labelOrient="left"),
    ),
    color=alt.Color(
        "vote:N",
        sort=list(shades),
        scale=alt.Scale(domain=list(shades), range=list(shades.values())),
    ),
    order="position:Q",
).properties(height=alt.Step(17), width=420)

# %% [markdown]
# ## Its identity
#
# Each night decides which cluster of the day continues which issue. `overlap` and `cosine` are what
# the decision rests on.

# %%
identities = table("issue_identities").query("issue_id == @issue_id").sort_values("event_date")
identities[["event_date", "decision", "overlap", "cosine"]].style.hide(axis="index").format(
    {"overlap": "{:.2f}", "cosine": "{:.2f}"}, na_rep="–"
)

# %% [markdown]
# ## What it looks like
#
# Typical failures, of different users, redacted and cut. Empty where too few users have the issue.

# %%
interactions = table(
    "interactions", dates=(newest - pd.Timedelta(days=7), newest + pd.Timedelta(days=1))
)
shown = examples(issue, interactions)
if shown.empty:
    print(
        f"{issue['distinct_users']} users: no examples below {MIN_DISTINCT_USERS} different users."
    )
shown.style.hide(axis="index").set_properties(
    **{"text-align": "left", "white-space": "pre-wrap", "vertical-align": "top"}
)
