"""The pictures of docs/passes.md: traces and curves as small SVG files, drawn from the simulator and the detector as they are."""

import pathlib
import random
from collections.abc import Sequence

from firmware_protocol.simulator.hand import Strokes
from pencontrol.passes import ContactDetector, Pace, PassCounter, StrokeSeen
from tests.pencontrol.traces import Ranges, Rig
from tests.pencontrol.traces_passes import MARK_SHARE, TIP_WIDTH_UM, Style

WIDTH, ROW, LEFT, RIGHT, TOP, BOTTOM = 860, 120, 66, 14, 26, 34
GRID, INK, TRUE, FOUND, AIR, FORCE = "#d8dde3", "#26323d", "#3a8f5c", "#c2571a", "#2468b2", "#7a4fa3"
STEADY = Ranges(
    force_n=((1.0, 1.0),),
    contact_s=((0.8, 0.8),),
    lift_s=((0.4, 0.4),),
    tremor=((0.12, 0.12),),
    needles=((12.0, 12.0),),
    speed_rpm=((7000.0, 7000.0),),
    drag_ma=((6.0, 6.0),),
)
Points = Sequence[tuple[float, float]]


class Chart:
    """Rows of curves over one x axis."""

    def __init__(self, title: str, x_label: str, x_range: tuple[float, float], rows: int) -> None:
        self._title, self._x_label = title, x_label
        self._low, self._high = x_range
        self._rows = rows
        self._parts: list[str] = []
        self._scales: dict[int, tuple[float, float]] = {}

    def x(self, value: float) -> float:
        """Pixels from the left."""
        return LEFT + (value - self._low) / (self._high - self._low) * (WIDTH - LEFT - RIGHT)

    def y(self, row: int, value: float) -> float:
        """Pixels from the top."""
        low, high = self._scales[row]
        return TOP + row * (ROW + 14) + ROW * (1 - (value - low) / (high - low))

    def row(self, row: int, label: str, low: float, high: float, ticks: Sequence[float]) -> None:
        """A row's frame, scale and name."""
        self._scales[row] = (low, high)
        for tick in ticks:
            at = self.y(row, tick)
            self._parts.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="{GRID}"/>')
            self._text(LEFT - 6, at + 4, f"{tick:g}", INK, "end")
        middle = self.y(row, (low + high) / 2)
        self._parts.append(f'<text transform="translate(16 {middle:.1f}) rotate(-90)" text-anchor="middle">{label}</text>')

    def line(self, row: int, points: Points, colour: str, width: float = 1.2, dashes: str = "") -> None:
        """A curve."""
        path = " ".join(f"{self.x(x):.1f},{self.y(row, y):.1f}" for x, y in points if self._low <= x <= self._high)
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        self._parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"{dashed}/>')

    def bar(self, row: int, share: float, first: float, last: float, colour: str) -> None:
        """A span of x, at a share of the row's height from its top."""
        left, right = self.x(max(first, self._low)), self.x(min(last, self._high))
        at = TOP + row * (ROW + 14) + share * ROW
        self._parts.append(f'<rect x="{left:.1f}" y="{at:.1f}" width="{max(right - left, 1):.1f}" height="9" fill="{colour}"/>')

    def mark(self, row: int, at: float, colour: str, words: str, share: float = 0.1) -> None:
        """An upright line with words beside it."""
        top = TOP + row * (ROW + 14)
        self._parts.append(f'<path d="M{self.x(at):.1f} {top}v{ROW}" stroke="{colour}" stroke-dasharray="4 3"/>')
        self._text(self.x(at) + 4, top + share * ROW, words, colour)

    def note(self, row: int, at: float, share: float, words: str, colour: str) -> None:
        """Words at a place."""
        self._text(self.x(at), TOP + row * (ROW + 14) + share * ROW, words, colour)

    def write(self, path: pathlib.Path, ticks: Sequence[float]) -> pathlib.Path:
        """Finish with the x axis."""
        height = TOP + self._rows * (ROW + 14) + BOTTOM
        foot = TOP + self._rows * (ROW + 14)
        for tick in ticks:
            self._parts.append(f'<path d="M{self.x(tick):.1f} {foot - 10}v5" stroke="{INK}"/>')
            self._text(self.x(tick), foot + 8, f"{tick:g}", INK, "middle")
        self._text((LEFT + WIDTH - RIGHT) / 2, foot + 24, self._x_label, INK, "middle")
        self._text(LEFT, 16, self._title, INK)
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="11">'
        body = [head, f'<rect width="{WIDTH}" height="{height}" fill="white"/>', *self._parts, "</svg>"]
        path.write_text("\n".join(body) + "\n", encoding="utf-8")
        return path

    def _text(self, x: float, y: float, words: str, colour: str, anchor: str = "start") -> None:
        self._parts.append(f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}">{words}</text>')


class Story:
    """One hand on a rig, the detector beside it; everything by seconds."""

    def __init__(self, seed: int) -> None:
        self.rig = Rig(seed, STEADY)
        self.detector = ContactDetector()
        self.found: list[StrokeSeen] = []
        self.flags: list[tuple[float, float]] = []
        self.air_ma: list[tuple[float, float]] = []

    def run(self, seconds: float) -> None:
        """Let time pass."""
        for _ in range(round(seconds * 1000)):
            before = len(self.rig.trace.samples)
            self.rig.step()
            for _, sample, depth_um, current_ma, speed_rpm, asked_rpm in self.rig.trace.samples[before:]:
                stroke = self.detector.feed(sample, depth_um, current_ma, speed_rpm, asked_rpm)
                if stroke is not None:
                    self.found.append(stroke)
                self.flags.append((sample / 1000, float(self.detector.contact)))
                self.air_ma.append((sample / 1000, self.detector._air_ma))

    def stroke(self, force_n: float, contact_s: float, lift_s: float) -> None:
        """One contact and the lift after it."""
        self.rig.hand.stroke(Strokes(1, contact_s, lift_s, force_n, self.rig.tremor))
        self.run(contact_s + lift_s)

    def current_ma(self) -> list[tuple[float, float]]:
        """What the pen told."""
        return [(seen.sample / 1000, min(seen.current_ma, 500)) for seen in self.rig.trace.samples]

    def dip_rpm(self) -> list[tuple[float, float]]:
        """Asked less actual, within what the chart shows."""
        return [(seen.sample / 1000, max(-60.0, min(seen.asked_rpm - seen.speed_rpm, 340.0))) for seen in self.rig.trace.samples]

    def force_n(self) -> list[tuple[float, float]]:
        """What the skin felt; the trace has one for each sample."""
        return [(seen.sample / 1000, force) for seen, force in zip(self.rig.trace.samples, self.rig.trace.force_n, strict=True)]

    def bars(self, chart: Chart, row: int) -> None:
        """Truth and find, one above the other."""
        for true in self.rig.trace.truth:
            chart.bar(row, 0.02, true.first / 1000, true.last / 1000, TRUE)
        for stroke in self.found:
            chart.bar(row, 0.12, stroke.first_index / 1000, stroke.last_index / 1000, FOUND)


def draw_all(folder: pathlib.Path) -> list[pathlib.Path]:
    """Every picture; returns the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        _draw_strokes(folder / "passes_strokes.svg"),
        _draw_edges(folder / "passes_edges.svg"),
        _draw_start(folder / "passes_start.svg"),
        _draw_glide(folder / "passes_glide.svg"),
    ]


def _draw_strokes(path: pathlib.Path) -> pathlib.Path:
    """Light, middle and firm strokes, and a change of speed."""
    story = Story(11)
    story.rig.start(6500, 800)
    story.run(1.2)
    for force_n in (0.3, 0.9, 2.0, 0.3):
        story.stroke(force_n, 0.7, 0.35)
    story.rig.asked_rpm = 7600
    story.run(0.15)
    story.stroke(0.6, 0.8, 0.3)
    story.stroke(1.2, 0.5, 0.4)
    chart = Chart("Strokes at 0.3, 0.9, 2.0, 0.3 N, a change of speed, strokes at 0.6 and 1.2 N", "seconds", (0.5, 7.4), 2)
    chart.row(0, "motor current, mA", 0, 500, (0, 100, 200, 300, 400))
    chart.line(0, story.current_ma(), "#8a97a3", 0.8)
    chart.line(0, story.air_ma, AIR, 1.8)
    chart.row(1, "speed below asked, rpm", -60, 340, (0, 100, 200, 300))
    chart.line(1, story.dip_rpm(), "#8a97a3", 0.8)
    story.bars(chart, 0)
    chart.note(0, 0.55, 0.1, "true", TRUE)
    chart.note(0, 0.55, 0.21, "found", FOUND)
    chart.note(0, 0.55, 0.6, "air, as learned", AIR)
    return chart.write(path, range(1, 8))


def _draw_edges(path: pathlib.Path) -> pathlib.Path:
    """One stroke, close up."""
    story = Story(5)
    story.rig.start(7000, 800)
    story.run(1.2)
    story.stroke(1.0, 0.3, 0.3)
    (true,) = story.rig.trace.truth
    (stroke,) = story.found
    raised = [at for at, flag in story.flags if flag]
    zero = true.first / 1000

    def moved(points: Points) -> list[tuple[float, float]]:
        return [(1000 * (at - zero), value) for at, value in points]

    chart = Chart("One stroke of 0.3 s at 1 N: what the skin feels, what the motor tells", "ms after contact", (-60, 480), 2)
    chart.row(0, "force, N", 0, 1.3, (0, 0.5, 1))
    chart.line(0, moved(story.force_n()), FORCE, 1.6)
    chart.mark(0, 0, TRUE, "needles in skin", 0.3)
    chart.mark(0, true.last - true.first, TRUE, "out of skin", 0.3)
    chart.row(1, "motor current, mA", 100, 320, (150, 200, 250, 300))
    chart.line(1, moved(story.current_ma()), "#8a97a3", 1.0)
    chart.line(1, moved(story.air_ma), AIR, 1.6)
    chart.bar(1, 0.02, 0, true.last - true.first, TRUE)
    chart.bar(1, 0.12, stroke.first_index - true.first, stroke.last_index - true.first, FOUND)
    chart.mark(1, 1000 * (raised[0] - zero), INK, "flag up", 0.55)
    chart.mark(1, 1000 * (raised[-1] - zero), INK, "flag down", 0.55)
    return chart.write(path, range(0, 481, 60))


def _draw_start(path: pathlib.Path) -> pathlib.Path:
    """START with the hand down, and the needles coming out into skin."""
    story = Story(3)
    story.rig.hand.press(1.2)
    story.run(0.1)
    story.rig.start(7000, 800)
    story.run(1.1)
    story.rig.hand.lift()
    story.run(0.4)
    story.stroke(0.8, 0.6, 0.4)
    chart = Chart("START with the hand on the skin: 1.2 N from before the motor turns", "seconds", (0.1, 2.6), 2)
    chart.row(0, "motor current, mA", 0, 500, (0, 100, 200, 300, 400))
    chart.line(0, story.current_ma(), "#8a97a3", 0.8)
    chart.line(0, [point for point in story.air_ma if point[1] > 0], AIR, 1.8)
    chart.row(1, "speed below asked, rpm", -60, 340, (0, 100, 200, 300))
    chart.line(1, story.dip_rpm(), "#8a97a3", 0.8)
    story.bars(chart, 0)
    settled = next(at for at, flag in story.flags if flag)
    chart.mark(1, settled, INK, "settled: the dip tells the hand, air follows from it", 0.3)
    return chart.write(path, (0.5, 1, 1.5, 2, 2.5))


def _draw_glide(path: pathlib.Path) -> pathlib.Path:
    """Right counts over the speed of the hand, by how often a person marks; strokes as the hand means them."""
    speeds = (1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.2, 2.5, 2.8, 3.2, 3.6, 4.0)
    chart = Chart("Zones with the right count, wiping inside three passes of ten", "glide speed, cm/s", (0.9, 4.1), 2)
    chart.row(0, "share, %", 70, 101, (70, 80, 90, 100))
    for style, colour in zip(MARK_SHARE, (TRUE, AIR, FOUND), strict=True):
        points = [(speed, 100 * right_share(speed, style)) for speed in speeds]
        print(style, " ".join(f"{speed:g}: {share:.1f}" for speed, share in points))
        chart.line(0, [(speed, max(share, 70)) for speed, share in points], colour, 2)
        chart.note(0, 1.0, 0.62 + 0.12 * list(MARK_SHARE).index(style), style, colour)
    chart.line(0, [(0.9, 95), (4.1, 95)], INK, 1, "5 4")
    chart.row(1, "the same, none inside, %", 70, 101, (70, 80, 90, 100))
    for style, colour in zip(MARK_SHARE, (TRUE, AIR, FOUND), strict=True):
        points = [(speed, 100 * right_share(speed, style, 0.0)) for speed in speeds]
        print(style, "none inside", " ".join(f"{speed:g}: {share:.1f}" for speed, share in points))
        chart.line(1, [(speed, max(share, 70)) for speed, share in points], colour, 2)
    chart.line(1, [(0.9, 95), (4.1, 95)], INK, 1, "5 4")
    return chart.write(path, (1, 1.5, 2, 2.5, 3, 3.5, 4))


def right_share(glide_cm_per_s: float, style: Style, inside_share: float = 0.3, treatments: int = 150) -> float:
    """Share of zones with the right count in treatments of six zones, 6 to 60 cm2, two passes of one hand +-10 % apart."""
    rng = random.Random(77)
    right = sum(_count_treatment(rng, glide_cm_per_s, style, inside_share) for _ in range(treatments))
    return right / (6 * treatments)


def _count_treatment(rng: random.Random, glide_cm_per_s: float, style: Style, inside_share: float) -> int:
    pace, sample, right = Pace(), 1000, 0
    for _ in range(6):
        area_cm2 = rng.choice((6, 8, 10, 20, 20, 45, 45, 60))
        counter = PassCounter(area_cm2, TIP_WIDTH_UM, pace=pace)
        passes = rng.choice((1, 2, 2, 3, 3, 4))
        for number in range(passes):
            whole_ms = 1000 * area_cm2 / (TIP_WIDTH_UM / 10_000 * glide_cm_per_s) * rng.uniform(0.9, 1.1)
            wipe_at_ms = rng.uniform(0, whole_ms) if rng.random() < inside_share else whole_ms
            done_ms = 0
            while done_ms < whole_ms:
                contact_ms = int(min(rng.uniform(300, 2400), whole_ms - done_ms + 60))
                counter.add(StrokeSeen(sample, sample + contact_ms - 1, contact_ms, 700))
                sample += contact_ms
                done_ms += contact_ms
                if done_ms >= whole_ms:
                    break
                wiping = done_ms > wipe_at_ms
                wipe_at_ms = whole_ms if wiping else wipe_at_ms
                sample = _lift(counter, sample, rng.uniform(2600, 8000) if wiping else rng.uniform(200, 1200))
            if number == passes - 1:
                counter.end_pass("zone_change")
            elif rng.random() < MARK_SHARE[style]:
                counter.end_pass("tap")
                sample += rng.randint(300, 1500)
            else:
                sample = _lift(counter, sample, rng.uniform(2600, 8000))
        right += counter.passes == passes
    return right


def _lift(counter: PassCounter, sample: int, lift_ms: float) -> int:
    sample += round(lift_ms)
    if counter.lifted(sample):
        counter.end_pass("lift")
    return sample
