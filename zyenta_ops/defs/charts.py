"""Figures as pandas frames and pictures. Imported only by the asset that draws."""

import base64
from collections.abc import Sequence
from datetime import date
from io import BytesIO

import pandas as pd

from zyenta_ops.ports.reporting import DailyFigure

# Every byte lies in Dagster's event log.
_WIDTH_INCHES, _HEIGHT_INCHES, _DPI = 7.0, 3.2, 80


def daily_frame(figures: Sequence[DailyFigure], today: date, days: int) -> pd.DataFrame:
    """One row per day up to today and one int64 column per measure; days without work are zero."""
    index = pd.date_range(end=pd.Timestamp(today), periods=days, freq="D").date
    measures = ("syncs", "changed", "failed_syncs", "price_changes", "alerts", "messages_sent")
    frame = pd.DataFrame(0, index=index, columns=list(measures), dtype="int64")
    for figure in figures:
        if figure.day in frame.index and figure.measure in frame.columns:
            frame.loc[figure.day, figure.measure] = figure.count
    return frame


def daily_chart(frame: pd.DataFrame) -> str:
    """The frame as a PNG line chart, base64 text."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH_INCHES, _HEIGHT_INCHES), dpi=_DPI, layout="tight")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    days = [day.strftime("%d %b") for day in frame.index]
    for measure in ("changed", "price_changes", "alerts", "failed_syncs"):
        axes.plot(days, frame[measure].to_list(), marker=".", label=measure.replace("_", " "))
    axes.set_ylim(bottom=0)
    axes.tick_params(axis="x", rotation=45, labelsize=7)
    axes.tick_params(axis="y", labelsize=7)
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize=7, frameon=False)
    picture = BytesIO()
    figure.savefig(picture, format="png")
    return base64.b64encode(picture.getvalue()).decode()
