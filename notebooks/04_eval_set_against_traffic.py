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
# # An eval set against its traffic
#
# The eval set is a stratified sample of each day. Small strata are drawn more densely than large ones
# on purpose, so the set does not look like traffic until each record counts for the responses it
# stands for: `sampling_weight`. This notebook checks that on the lake at hand, where the truth about
# traffic is known.

# %%
import altair as alt
import flywheel_charts as look
import pandas as pd
from flywheel_lake import sql, table

key = ["event_date", "tenant_id", "interaction_id", "shown_at"]
segments = ["user_type", "query_category", "surface", "language"]
responses = table("interactions", using="polars").select([*key, *segments])
labels = table("quality_labels", using="polars").select([*key, "p_good", "label"])
drawn = table("eval_draws", using="polars")

labelled = responses.join(labels, on=key)
traffic = labelled.collect().to_pandas()
draws = drawn.join(labelled, on=key).collect().to_pandas()
print(f"{len(traffic):,} responses, {len(draws):,} drawn, of {draws['stratum'].nunique()} strata")

# %% [markdown]
# ## Who is in it
#
# Shares of segments in traffic, in the sample as it is, and in the sample with weights, each of the
# responses whose segment is known. For the columns that make the strata the weighted share is exact;
# for the others it is an estimate.

# %%
rows = []
for column in segments:
    in_traffic = traffic[column].value_counts(normalize=True)
    plain = draws[column].value_counts(normalize=True)
    weighted = draws.groupby(column)["sampling_weight"].sum()
    weighted = weighted / weighted.sum()
    for segment, share in in_traffic.items():
        rows.append((column, segment, "traffic", share))
        rows.append((column, segment, "sample, weighted", weighted.get(segment, 0.0)))
        rows.append((column, segment, "sample, unweighted", plain.get(segment, 0.0)))
shares = pd.DataFrame(rows, columns=["column", "segment", "in", "share"])
shares["traffic"] = shares.groupby(["column", "segment"])["share"].transform("first")

kinds = {"sample, weighted": look.GOOD, "sample, unweighted": look.SECOND}
kind = alt.Color("in:N", scale=alt.Scale(domain=list(kinds), range=list(kinds.values()))).legend(
    symbolType="circle"
)
dots = alt.Chart(shares).encode(
    y=alt.Y("segment:N", title=None, sort=alt.SortField("traffic", "descending")),
)
alt.layer(
    dots.mark_rule(color="#e1e4e8", strokeWidth=2).encode(
        x=look.share_axis("min(share):Q", "share", domainMin=0), x2="max(share):Q"
    ),
    dots.mark_circle(size=80, opacity=1)
    .encode(x="share:Q", color=kind)
    .transform_filter("datum.in != 'traffic'"),
    dots.mark_tick(color="#20242a", thickness=2.5, height=16, opacity=1).encode(x="traffic:Q"),
).properties(width=460, height=alt.Step(20)).facet(
    row=alt.Row(
        "column:N",
        sort=segments,
        header=alt.Header(labelAngle=0, labelAnchor="start", labelOrient="top", labelPadding=4),
    ),
    spacing=12,
    title=alt.Title(
        "Weights turn the sample back into traffic",
        subtitle="Black: the share in traffic, on which the weighted share should lie",
    ),
).resolve_scale(y="independent")

# %% [markdown]
# ## What it says about quality
#
# The mean of `p_good` of each day: the truth about traffic, and the estimate from the weighted sample
# with its 95 % interval. The variance is that of a stratified sample, with the finite population
# correction; strata of which one response was drawn have no variance of their own and take that of
# the day, which errs on the wide side.


# %%
def estimate(day):
    """Mean of p_good over traffic from the sample, its standard error, and the unweighted mean."""
    population = day["sampling_weight"].sum()
    mean = (day["sampling_weight"] * day["p_good"]).sum() / population
    variance = 0.0
    for _, stratum in day.groupby("stratum"):
        drawn, size = len(stratum), stratum["stratum_population"].iloc[0]
        spread = stratum["p_good"].var() if drawn > 1 else day["p_good"].var()
        variance += size**2 * (1 - drawn / size) * spread / drawn
    error = variance**0.5 / population
    return pd.Series(
        {
            "estimate": mean,
            "lower": mean - 1.96 * error,
            "upper": mean + 1.96 * error,
            "unweighted": day["p_good"].mean(),
        }
    )


days = pd.concat(
    [
        traffic.groupby("event_date")["p_good"].mean().rename("traffic"),
        draws.groupby("event_date").apply(estimate, include_groups=False),
    ],
    axis=1,
).reset_index()
days["event_date"] = pd.to_datetime(days["event_date"])
days["held"] = days["traffic"].between(days["lower"], days["upper"])

base = alt.Chart(days).encode(x=look.day_axis())
measures = days.melt("event_date", ["estimate", "unweighted"], var_name="in", value_name="mean")
measures["in"] = measures["in"].map(dict(zip(["estimate", "unweighted"], kinds, strict=True)))
alt.layer(
    base.mark_rule(color=look.GOOD, strokeWidth=2).encode(
        y=alt.Y("lower:Q", title="mean of p_good", scale=alt.Scale(zero=False)), y2="upper:Q"
    ),
    alt.Chart(measures)
    .mark_circle(size=110, opacity=1)
    .encode(x=look.day_axis(), y="mean:Q", color=kind),
    base.mark_tick(color="#20242a", thickness=2.5, width=34, opacity=1).encode(y="traffic:Q"),
).properties(
    width=560,
    title=alt.Title(
        "The sample's estimate and the truth",
        subtitle=f"Black: traffic, within the interval on {days['held'].sum()} of {len(days)} days"
        " (95 of 100 are to be expected)",
    ),
)

# %% [markdown]
# ## How it grows
#
# Every night that changes the content publishes a new version; old versions stay as they were.
# No record of `eval` quotes a request of the holdout, and no duplicate group is parted.

# %%
versions = table("eval_dataset_versions").sort_values("version")
versions[
    ["dataset_name", "version", "n_records", "n_added", "n_retired", "published_at"]
].style.hide(axis="index").format({"published_at": lambda moment: f"{moment:%Y-%m-%d %H:%M} UTC"})

# %%
current = sql(
    """SELECT dataset_name, split, count(*) AS records, count(DISTINCT dedup_group_id) AS prompts,
           round(sum(sampling_weight)) AS stands_for
    FROM current_eval_set GROUP BY ALL ORDER BY ALL"""
)
shared = sql(
    """SELECT dataset_name, dedup_group_id FROM current_eval_set
    GROUP BY ALL HAVING count(DISTINCT split) > 1"""
)
assert shared.empty
current
