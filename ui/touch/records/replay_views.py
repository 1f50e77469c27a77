"""What the replay draws, computed from record and track: limits, zones, marks, the slider's line. Pure."""

from ui.touch.records.record import Mark, Record
from ui.touch.records.replay import Cut, bounds_of
from ui.touch.records.track import Track
from ui.touch.views import mm
from ui.touch.widgets.slider import SliderMark, SliderStretch
from ui.touch.widgets.span_plot import PlotView
from ui.touch.words import Words


def place_of(mark: Mark, track: Track) -> int:
    """Where a mark stands: at its sample where it names one, else at its time."""
    found = track.ruler.place_of_index(mark.index) if mark.index is not None else None
    return found if found is not None else track.ruler.place(mark.at_s)


def stops_of(record: Record, track: Track) -> tuple[list[int], list[int]]:
    """Rising places of alarms and trips, and of zones."""
    alarms = sorted({place_of(mark, track) for mark in record.marks if mark.kind != "zone"})
    zones = sorted({place_of(mark, track) for mark in record.marks if mark.kind == "zone"})
    return alarms, zones


def plot_views(record: Record, track: Track, cut: Cut, place: int, words: Words) -> tuple[PlotView, PlotView]:
    """Speed with the zones' names, depth with the limit of each moment."""
    first, end = cut.first, cut.first + cut.bins * cut.per_bin
    names = []
    for begin, stop, number in track.zone.within(first, end):
        if number:
            names.append((cut.column(begin), cut.column(stop), record.name(record.zone_numbered(number))))
    limits = []
    for begin, stop, limit_um in track.limit.within(first, end):
        if limit_um:
            text = words("trace.limit", limit=mm(limit_um))
            limits.append((cut.column(begin), cut.column(min(stop, track.end)), limit_um / 1000, text))
    alarms = [place_of(mark, track) for mark in record.marks if mark.kind != "zone"]
    ghosts = [cut.column(each) for each in alarms if first <= each < end]
    speed = PlotView(*bounds_of(track.speed, cut, 1.0), cut.width, (), names, cut.column(place), ghosts)
    depth = PlotView(*bounds_of(track.depth, cut, 0.001), cut.width, limits, (), cut.column(place), ghosts)
    return speed, depth


def slider_line(record: Record, track: Track) -> tuple[list[SliderStretch], list[SliderMark]]:
    """Zones as stretches, alarms as marks, both as shares of the whole."""
    whole = max(1, track.end - 1 - track.begin)
    stretches = [
        SliderStretch((begin - track.begin) / whole, min(1.0, (stop - track.begin) / whole), record.zone_numbered(number))
        for begin, stop, number in track.zone.within(track.begin, track.end)
        if number
    ]
    marks = [SliderMark((place_of(mark, track) - track.begin) / whole, mark.priority) for mark in record.marks if mark.priority]
    return stretches, marks
