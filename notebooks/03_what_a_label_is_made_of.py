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
# # What a label is made of
#
# A label begins with what users did (`behavior_signals`). Sources turn it into votes
# (`quality_labels.votes`), and a label model weighs the votes (`label_models`, `label_sources`).
# [docs/methods.md](../docs/methods.md) has the method.

# %%
import math

import altair as alt
import flywheel_charts as look
import pandas as pd
from flywheel_lake import sql, table

signals = table("behavior_signals")
labels = table("quality_labels")
sources = table("label_sources")
models = table("label_models")

# %% [markdown]
# ## Signals: what could be seen
#
# *Not observed* means that the surface offers it and the user did not do it, which says something.
# *Not applicable* means that the surface does not offer it, which says nothing. They are never mixed.

# %%
outcomes = (
    signals[[name for name in signals if name.endswith("_outcome")]]
    .rename(columns=lambda name: name.removesuffix("_outcome"))
    .melt(var_name="signal", value_name="outcome")
    .value_counts(normalize=False)
    .rename("responses")
    .reset_index()
)
outcomes["outcome"] = outcomes["outcome"].str.replace("_", " ")
shades = {"observed": look.MAIN, "not observed": "#a9c1d6", "not applicable": "#e6e8eb"}
outcomes["position"] = outcomes["outcome"].map({name: n for n, name in enumerate(shades)})
seen = outcomes[outcomes["outcome"] == "observed"].sort_values("responses", ascending=False)

alt.Chart(
    outcomes,
    title=alt.Title(
        "What could be seen of each response", subtitle="Share of all responses, by signal"
    ),
).mark_bar().encode(
    y=alt.Y("signal:N", title=None, sort=list(seen["signal"])),
    x=look.share_axis("sum(responses):Q", None).stack("normalize"),
    color=alt.Color(
        "outcome:N",
        sort=list(shades),
        scale=alt.Scale(domain=list(shades), range=list(shades.values())),
    ),
    order="position:Q",
).properties(height=alt.Step(24))

# %% [markdown]
# ## Sources: who votes, who disagrees, who is believed
#
# `learned_accuracy` is what the label model believes of a source's votes on the newest day. No human
# verdict is needed for it; where there are some, `empirical_accuracy` is the check.

# %%
newest = sources[sources["event_date"] == sources["event_date"].max()].set_index("source")
newest[["coverage", "overlaps", "conflicts", "learned_accuracy", "empirical_accuracy"]].sort_values(
    "coverage", ascending=False
).style.format("{:.0%}", na_rep="–")

# %%
agreement = sql("SELECT * FROM source_agreement WHERE both_voted >= 10")
agreement["shown"] = [f"{row.agreement:.0%}" for row in agreement.itertuples()]
agreement["count"] = [f"of {row.both_voted}" for row in agreement.itertuples()]
cells = alt.Chart(agreement).encode(
    x=alt.X("other:N", title=None, axis=alt.Axis(orient="top", domain=False, ticks=False)),
    y=alt.Y("source:N", title=None, axis=alt.Axis(domain=False, ticks=False)),
)
light = alt.condition("datum.agreement > 0.72", alt.value("white"), alt.value("#20242a"))
alt.layer(
    cells.mark_rect(stroke="white", strokeWidth=2).encode(
        color=alt.Color(
            "agreement:Q",
            scale=alt.Scale(domain=[0.4, 1], range=["#eef3f8", look.MAIN], clamp=True),
            legend=None,
        )
    ),
    cells.mark_text(dy=-6, fontSize=13).encode(text="shown:N", color=light),
    cells.mark_text(dy=9, fontSize=10).encode(text="count:N", color=light),
).properties(
    width=420,
    height=300,
    title=alt.Title(
        "How often two sources agree where both voted",
        subtitle="Pairs that voted together ten times or more",
    ),
)

# %% [markdown]
# ## Votes: from a pattern to a probability
#
# Responses with the same votes on the same day have the same `p_good`, unless a person judged them.
# The patterns of the newest day that occur most: one letter per source, `g` good, `b` bad, `-`
# abstained, `.` not applicable.

# %%
day = labels["event_date"].max()
judged = labels["votes"].map(lambda votes: "human" in dict(votes))
today = labels[(labels["event_date"] == day) & ~judged]
named = table("vote_patterns").query("event_date == @day")["sources"].iloc[0]
order = named.split("#")[0].split(",")
patterns = (
    today.groupby("vote_pattern")
    .agg(responses=("p_good", "size"), p_good=("p_good", "first"), label=("label", "first"))
    .reset_index()
    .nlargest(14, "responses")
)

alt.Chart(
    patterns,
    title=alt.Title(
        "What the most frequent vote patterns come to",
        subtitle=f"Votes in the order {', '.join(order)}; area is the number of responses",
    ),
).mark_circle(opacity=0.9).encode(
    x=alt.X("p_good:Q", title="p_good", scale=alt.Scale(domain=[0, 1])),
    y=alt.Y(
        "vote_pattern:N",
        title=None,
        sort=alt.SortField("p_good", "descending"),
        axis=alt.Axis(labelFont="monospace", labelFontSize=13, grid=True, gridColor="#eef0f2"),
    ),
    size=alt.Size("responses:Q", scale=alt.Scale(range=[30, 700]), legend=None),
    color=alt.Color(
        "label:N",
        scale=alt.Scale(
            domain=["good", "uncertain", "bad"], range=[look.GOOD, look.UNSURE, look.BAD]
        ),
    ),
).properties(height=alt.Step(24))

# %% [markdown]
# ## One label taken apart
#
# Under the model of Dawid and Skene the log odds of *good* are a sum, and `evidence` has its parts:
# the prior, what each source brings, and the calibration where people judged enough responses. A
# human verdict decides alone, and a share of votes has no such parts. Of the newest day with a fitted
# model, the response with the most votes that contradict each other:


# %%
def adds_up(evidence):
    return evidence is not None and all(pd.notna(part["log_odds"]) for part in evidence)


fitted = models[models["method"] == "dawid_skene"]["event_date"].max()
weighed = labels[(labels["event_date"] == fitted) & ~judged]
weighed = weighed[weighed["evidence"].map(adds_up).astype(bool)]


def waterfall(response):
    """What each part of the evidence adds, one below the other."""
    steps = pd.DataFrame(list(response["evidence"]))
    steps["to"] = steps["log_odds"].cumsum()
    # The sum is the label, not a story about it.
    assert math.isclose(1 / (1 + math.exp(-steps["to"].iloc[-1])), response["p_good"], abs_tol=1e-4)
    steps["from"] = steps["to"] - steps["log_odds"]
    steps["what"] = [
        f"{part['source']}: {part['vote']}" if part["vote"] else part["source"]
        for part in response["evidence"]
    ]
    steps["way"] = steps["log_odds"].map(lambda adds: "for good" if adds > 0 else "for bad")
    bars = alt.Chart(steps).encode(y=alt.Y("what:N", title=None, sort=None))
    return alt.layer(
        alt.Chart(steps).mark_rule(color=look.GREY).encode(x=alt.datum(0)),
        bars.mark_bar(height=16).encode(
            x=alt.X("from:Q", title="log odds of good: 0 is even, 2 is seven to one"),
            x2="to:Q",
            color=alt.Color(
                "way:N",
                scale=alt.Scale(domain=["for good", "for bad"], range=[look.GOOD, look.BAD]),
            ),
        ),
        bars.mark_tick(color="#20242a", thickness=2, height=16).encode(x="to:Q"),
    ).properties(
        height=alt.Step(30),
        title=alt.Title(
            f"Why p_good is {response['p_good']:.3f}: {response['label']}",
            subtitle=f"{response['n_sources']} sources voted, on {response['event_date']}",
        ),
    )


mixed = weighed[
    weighed["vote_pattern"].str.contains("g") & weighed["vote_pattern"].str.contains("b")
]
chosen = (mixed if len(mixed) else weighed).sort_values(
    ["n_sources", "interaction_id"], ascending=[False, True]
)
waterfall(chosen.iloc[0]) if len(chosen) else print("No label of this lake is a sum of evidence.")
