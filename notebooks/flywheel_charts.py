"""How the charts of the notebooks look: one style, colours that colour-blind readers tell apart."""

import altair as alt

GOOD, BAD, UNSURE, MAIN, SECOND = "#1b7f6b", "#c8502f", "#8d939c", "#2b5c8a", "#d99a2b"
GREY = "#c4c8ce"

# Of the nightly run, in order.
STAGES = {
    "ingest": "#b9cbdd",
    "label": MAIN,
    "sample": SECOND,
    "cluster": GOOD,
    "report": UNSURE,
}


@alt.theme.register("flywheel", enable=True)
def _style():
    text = {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"}
    return alt.theme.ThemeConfig(
        config={
            "font": "Helvetica, Arial, sans-serif",
            "view": {"stroke": None, "continuousWidth": 560, "continuousHeight": 260},
            "axis": {"grid": False, "domainColor": GREY, "tickColor": GREY, **text},
            "axisX": {"labelAngle": 0},
            "legend": {"labelFontSize": 12, "titleFontSize": 12, "orient": "top", "title": None},
            "header": {"labelFontSize": 12, "labelFontWeight": "bold", "title": None},
            "title": {
                "anchor": "start",
                "fontSize": 15,
                "subtitleFontSize": 12,
                "subtitleColor": "#555b63",
                "offset": 12,
            },
        }
    )


# Pictures, so that a page with them opens without a network.
alt.renderers.enable("svg")


def day_axis():
    """Days as days: without hours between them."""
    return alt.X("yearmonthdate(event_date):O", title=None, axis=alt.Axis(format="%-d %b"))


def share_axis(field, title, channel=alt.X, **scale):
    return channel(
        field, title=title, axis=alt.Axis(format="%", tickCount=6), scale=alt.Scale(**scale)
    )
