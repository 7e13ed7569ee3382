"""What staff pages call metrics, bands and the parts of a trend."""

from feedback_app.scoreboard.queries import Period
from feedback_app.scoring.metrics import Band, Metric

NAMES = {
    "nps": "Net Promoter Score",
    "enps": "Employee Net Promoter Score",
    "ces": "Customer Effort Score",
    "csat": "Customer satisfaction",
    "stars": "Stars",
    "smileys": "Smileys",
    "thumbs": "Thumbs",
    "pmf": "Product-market fit",
}


def metric_name(metric: Metric) -> str:
    """For example Net Promoter Score; a metric that has no name here is called by its key."""
    return NAMES.get(metric.key, metric.key)


def band_name(band: Band) -> str:
    """For example Detractors, Satisfied, Very disappointed."""
    words = band.key.replace("_", " ").capitalize()
    return f"{words}s" if band.key in ("detractor", "passive", "promoter") else words


def score_meaning(metric: Metric) -> str:
    """What the score counts, for example: % promoters minus % detractors."""
    if metric.unit == "points":
        return f"% {band_name(metric.bands[-1])} minus % {band_name(metric.bands[0])}".lower()
    best = metric.bands[-1]
    rated = str(best.low) if best.low == best.high else f"{best.low}–{best.high}"
    return f"of answers rated {rated}, {band_name(best).lower()}"


def days(period: Period) -> str:
    """For example 14–20 Nov, 28 Oct – 3 Nov; a single day is 20 Nov."""
    first, last = period.since, period.last
    if first == last:
        return f"{last:%-d %b}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first:%-d}–{last:%-d %b}"
    return f"{first:%-d %b} – {last:%-d %b}"
