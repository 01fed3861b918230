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
# # Quality over time, by segment, and how sure we are
#
# `quality_trends` counts labels per day and segment. `good_share` is the share of responses labelled
# good, with its 95 % Wilson interval; `mean_p_good` averages the probabilities and so counts a
# response of which little is known as half. The interval says how much a share wavers from the
# number of responses alone. It does not know whether the labels are right: see
# [what a label is made of](03_what_a_label_is_made_of.py).

# %%
import altair as alt
import flywheel_charts as look
import pandas as pd
from flywheel_lake import MIN_DISTINCT_USERS, table, wilson

quality = table("quality_trends")
quality["event_date"] = pd.to_datetime(quality["event_date"])
quality["status"] = (quality["provisional"] > 0).map({True: "provisional", False: "final"})
overall = quality[quality["dimension"] == "all"]

# %% [markdown]
# ## All responses
#
# A day is provisional until the window in which its users may still act has closed.

# %%
base = alt.Chart(overall).encode(x=look.day_axis())
band = base.mark_rule(strokeWidth=2, color=look.MAIN).encode(
    y=look.share_axis("ci_lower:Q", "share of responses", alt.Y, zero=False), y2="ci_upper:Q"
)
points = base.mark_point(size=90, color=look.MAIN, strokeWidth=2, opacity=1).encode(
    y="good_share:Q",
    fill=alt.Fill(
        "status:N",
        scale=alt.Scale(domain=["final", "provisional"], range=[look.MAIN, "white"]),
        legend=alt.Legend(symbolStrokeColor=look.MAIN),
    ),
)
expected = base.mark_line(strokeDash=[5, 4], color=look.SECOND).encode(y="mean_p_good:Q")
name = (
    base.transform_window(last="row_number()", sort=[alt.SortField("event_date", "descending")])
    .transform_filter("datum.last == 1")
    .mark_text(align="left", dx=10, color=look.SECOND, text="mean of p_good", fontSize=12)
    .encode(y="mean_p_good:Q")
)
(band + points + expected + name).properties(
    width=620,
    title=alt.Title(
        "Share of responses labelled good",
        subtitle="Bars: 95 % Wilson intervals. Dashed: the mean counts uncertain responses too",
    ),
)

# %% [markdown]
# ## By segment, over all days
#
# Segments with few responses or fewer than the least number of users are left out: they say too
# little, and too much about somebody. One in twenty intervals misses its truth by chance, so a single
# segment that sticks out a little is no finding; one that stays out day after day is.

# %%
busy = quality.groupby(["dimension", "segment"], as_index=False).agg(
    responses=("responses", "sum"), good=("good", "sum"), users=("distinct_users", "max")
)
busy = busy[
    (busy["dimension"] != "all") & (busy["responses"] >= 30) & (busy["users"] >= MIN_DISTINCT_USERS)
].copy()
# A dimension with one segment compares nothing.
busy = busy[busy.groupby("dimension")["segment"].transform("size") > 1]
busy["good_share"] = busy["good"] / busy["responses"]
intervals = [wilson(row.good, row.responses) for row in busy.itertuples()]
busy["ci_lower"] = [lower for lower, _ in intervals]
busy["ci_upper"] = [upper for _, upper in intervals]
everyone = overall["good"].sum() / overall["responses"].sum()
busy["differs"] = [
    "above" if row.ci_lower > everyone else "below" if row.ci_upper < everyone else "as all"
    for row in busy.itertuples()
]


def by_segment():
    forest = alt.Chart(busy).encode(
        y=alt.Y("segment:N", title=None, sort=alt.SortField("good_share", "descending")),
        color=alt.Color(
            "differs:N",
            scale=alt.Scale(
                domain=["above", "as all", "below"], range=[look.GOOD, look.UNSURE, look.BAD]
            ),
        ),
    )
    return (
        alt.layer(
            alt.Chart(busy)
            .mark_rule(color=look.GREY, strokeDash=[3, 3])
            .encode(x=alt.datum(everyone)),
            forest.mark_rule(strokeWidth=2).encode(
                x=look.share_axis("ci_lower:Q", "share of responses labelled good", zero=False),
                x2="ci_upper:Q",
            ),
            forest.mark_circle(size=70, opacity=1).encode(x="good_share:Q"),
        )
        .properties(width=460, height=alt.Step(20))
        .facet(
            row=alt.Row(
                "dimension:N",
                header=alt.Header(
                    labelAngle=0, labelAnchor="start", labelOrient="top", labelPadding=4
                ),
            ),
            spacing=14,
            title=alt.Title(
                "Where responses are better or worse than all",
                subtitle=f"95 % Wilson intervals; the dashed line is the share of all, {everyone:.0%}",
            ),
        )
        .resolve_scale(y="independent")
    )


NOTHING = f"No dimension has two segments of 30 responses and {MIN_DISTINCT_USERS} users."
by_segment() if len(busy) else print(NOTHING)

# %% [markdown]
# ## By segment, day by day
#
# The dimension whose segments differ most, by the spread of their shares.

# %%


def day_by_day():
    spread = busy.groupby("dimension")["good_share"].agg(lambda share: share.max() - share.min())
    dimension = spread.idxmax()
    largest = busy[busy["dimension"] == dimension].nlargest(4, "responses")["segment"]
    days = quality[(quality["dimension"] == dimension) & quality["segment"].isin(largest)]
    line = alt.Chart(days).encode(x=look.day_axis())
    return (
        alt.layer(
            line.mark_area(opacity=0.18, color=look.MAIN).encode(
                y=look.share_axis("ci_lower:Q", "share labelled good", alt.Y, zero=False),
                y2="ci_upper:Q",
            ),
            line.mark_line(color=look.MAIN, point=alt.OverlayMarkDef(color=look.MAIN)).encode(
                y="good_share:Q"
            ),
        )
        .properties(width=170, height=150)
        .facet(
            column=alt.Column("segment:N", sort=list(largest)),
            title=alt.Title(
                f"The largest segments of {dimension}, day by day",
                subtitle="Shaded: 95 % Wilson intervals",
            ),
        )
    )


day_by_day() if len(busy) else print(NOTHING)
