"""One table of colour tokens (day and dim), and the stylesheet made from it once at start. State is shown by dynamic properties.

Red, yellow and cyan belong to STOP and the alarms alone. `TEXT_PAIRS` and `GRAPHIC_PAIRS` name what must stay legible;
a test computes their contrast.
"""

from dataclasses import dataclass

from ui.touch.metrics import Metrics

FAMILY = "Inter"
PASS_RAMP = ("#2B3136", "#16425B", "#2F6F95", "#5DA3C6", "#9CD2E8", "#E8F8FF")


@dataclass(frozen=True)
class Theme:
    """Colours by role, as #RRGGBB."""

    ground: str
    bar: str
    card: str
    raised: str
    pressed: str
    line: str
    edge: str  # outline of things that can be touched
    text: str
    muted: str
    faint: str  # glyphs of what cannot be used now
    accent: str
    accent_ground: str
    on_accent: str
    speed_trace: str
    depth_trace: str
    band: str
    limit: str
    skin: str  # the figure behind the zones
    hair: str
    figure_line: str
    outside: str  # zones that are not in the plan
    stop: str
    stop_pressed: str
    on_stop: str
    high: str
    on_high: str
    medium: str
    on_medium: str
    low: str
    on_low: str
    ramp: tuple[str, ...] = PASS_RAMP

    def figure_colours(self) -> dict[str, str]:
        """Roles of the zone art that follow the theme; shade, light and eyes are the artist's."""
        return {"skin": self.skin, "hair": self.hair, "gap": self.bar, "line": self.figure_line, "fine": self.edge}


DAY = Theme(
    ground="#11171C",
    bar="#171E24",
    card="#1A2229",
    raised="#25303A",
    pressed="#33424F",
    line="#2A353F",
    edge="#5D7080",
    text="#F1F5F8",
    muted="#B7C5D0",
    faint="#71838F",
    accent="#9CC6EA",
    accent_ground="#1E3446",
    on_accent="#0E1A24",
    speed_trace="#9CC6EA",
    depth_trace="#C4B5F2",
    band="#203039",
    limit="#FFFFFF",
    skin="#2A343D",
    hair="#1B232A",
    figure_line="#6D7F8D",
    outside="#262F37",
    stop="#B10A22",
    stop_pressed="#7D0617",
    on_stop="#FFFFFF",
    high="#B10A22",
    on_high="#FFFFFF",
    medium="#F4CF3A",
    on_medium="#14100A",
    low="#5FD4E6",
    on_low="#08171A",
)
DIM = Theme(
    ground="#080B0E",
    bar="#0C1013",
    card="#0E1317",
    raised="#171E24",
    pressed="#222C35",
    line="#1A2229",
    edge="#55656F",
    text="#C9D1D7",
    muted="#A3B0BA",
    faint="#5D6B76",
    accent="#86ADCF",
    accent_ground="#10202D",
    on_accent="#060B10",
    speed_trace="#86ADCF",
    depth_trace="#A99BD6",
    band="#121D24",
    limit="#D5DBE0",
    skin="#1B242B",
    hair="#0D1216",
    figure_line="#566572",
    outside="#171E23",
    stop="#9A081D",
    stop_pressed="#6C0514",
    on_stop="#FFFFFF",
    high="#9A081D",
    on_high="#FFFFFF",
    medium="#C9A92C",
    on_medium="#0E0B06",
    low="#4FB3C3",
    on_low="#061113",
)
THEMES = {"day": DAY, "dim": DIM}

TEXT_PAIRS = (
    *(
        (ink, paper)
        for ink in ("text", "muted")
        for paper in ("ground", "bar", "card", "raised", "accent_ground", "skin", "outside")
    ),
    ("text", "pressed"),
    ("accent", "card"),
    ("accent", "bar"),
    ("accent", "accent_ground"),
    ("on_accent", "accent"),
    ("on_stop", "stop"),
    ("on_stop", "stop_pressed"),
    ("on_high", "high"),
    ("on_medium", "medium"),
    ("on_low", "low"),
    ("limit", "card"),
)
GRAPHIC_PAIRS = (
    ("speed_trace", "card"),
    ("speed_trace", "band"),
    ("depth_trace", "card"),
    ("limit", "card"),
    ("edge", "card"),
    ("edge", "ground"),
    ("figure_line", "card"),
    ("accent", "raised"),
    ("faint", "card"),
)


def luminance(colour: str) -> float:
    """Relative luminance of #RRGGBB (WCAG 2.2)."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def stylesheet(theme: Theme, metrics: Metrics) -> str:
    """The one stylesheet of the application."""
    t, px = theme, metrics.px
    return f"""
* {{ font-family: "{FAMILY}"; color: {t.text}; font-size: {px(3.0)}px; outline: none; }}
#shell, #page, #panelGround {{ background: {t.ground}; }}
#topBar {{ background: {t.bar}; border-bottom: 1px solid {t.line}; }}
#column {{ background: {t.bar}; border-left: 1px solid {t.line}; }}
#card {{ background: {t.card}; border-radius: {px(1.6)}px; }}
#card[over="true"] {{ border: {px(0.6)}px solid {t.limit}; }}
#card[chosen="true"] {{ border: {px(0.4)}px solid {t.accent}; }}
QLabel {{ background: transparent; }}
QLabel[role="title"] {{ font-size: {px(4.4)}px; font-weight: 600; }}
QLabel[role="label"] {{ font-size: {px(5.3)}px; font-weight: 600; color: {t.text}; }}
QLabel[role="unit"] {{ font-size: {px(5.3)}px; color: {t.muted}; }}
QLabel[role="unitOver"] {{ color: {t.limit}; }}
QLabel[role="strong"] {{ font-size: {px(3.8)}px; font-weight: 600; }}
QLabel[role="muted"] {{ color: {t.muted}; }}
QLabel[role="small"] {{ color: {t.muted}; font-size: {px(2.7)}px; }}
QLabel[role="tile"] {{ font-size: {px(3.4)}px; font-weight: 600; }}
QLabel[role="accent"] {{ color: {t.accent}; font-weight: 600; }}
QLabel[role="title"]:disabled, QLabel[role="tile"]:disabled {{ color: {t.faint}; }}
QLabel[role="word"] {{ font-size: {px(6.4)}px; font-weight: 700; }}
QLabel[role="stopMessage"] {{ color: {t.muted}; font-size: {px(3.0)}px; font-weight: 600; }}
QLabel[role="stopMessage"][loud="true"] {{ color: {t.on_high}; background: {t.high}; border-radius: {px(1.2)}px;
  font-size: {px(3.3)}px; }}
QLabel[role="pill"] {{ color: {t.text}; border: {px(0.3)}px solid {t.muted}; border-radius: {px(1.0)}px; padding: 0 {px(1.4)}px;
  font-size: {px(2.6)}px; font-weight: 700; }}
QPushButton {{ background: {t.raised}; border: 1px solid {t.line}; border-radius: {px(1.6)}px; color: {t.text};
  font-size: {px(3.4)}px; font-weight: 600; padding: 0 {px(1.6)}px; }}
QPushButton:pressed {{ background: {t.pressed}; }}
QPushButton:checked {{ background: {t.accent_ground}; border: {px(0.4)}px solid {t.accent}; }}
QPushButton:disabled {{ background: {t.card}; color: {t.faint}; border-color: {t.line}; }}
QPushButton[role="primary"]:enabled {{ background: {t.accent_ground}; border: 1px solid {t.accent}; font-size: {px(4.0)}px; }}
QPushButton[role="small"] {{ font-size: {px(3.2)}px; padding: 0 {px(0.6)}px; }}
QPushButton[role="strong"] {{ border: {px(0.4)}px solid {t.limit}; font-size: {px(3.4)}px; padding: 0 {px(0.6)}px; }}
QPushButton[mark="asked"] {{ border: {px(0.4)}px solid {t.muted}; }}
QPushButton[mark="pending"] {{ background: {t.accent_ground}; border: {px(0.4)}px solid {t.accent}; color: {t.accent}; }}
QPushButton[due="true"]:enabled {{ background: {t.accent_ground}; border: {px(0.4)}px solid {t.accent}; }}
QPushButton:focus {{ border: {px(0.5)}px dotted {t.text}; }}
QPushButton[role="tile"] {{ font-size: {px(4.2)}px; }}
QPushButton[role="key"] {{ font-size: {px(5.0)}px; }}
QPushButton[role="field"] {{ text-align: left; background: {t.ground}; border: 1px solid {t.edge}; font-size: {px(4.4)}px;
  padding-left: {px(2.4)}px; }}
QPushButton[role="field"][chosen="true"] {{ border: {px(0.5)}px solid {t.accent}; }}
QPushButton[tight="1"] {{ font-size: {px(3.0)}px; }}
QPushButton[tight="2"] {{ font-size: {px(2.7)}px; }}
QPushButton[tight="3"] {{ font-size: {px(2.4)}px; padding: 0 {px(0.4)}px; }}
QPushButton[tight="4"] {{ font-size: {px(2.1)}px; padding: 0 {px(0.4)}px; }}
QLabel[role="word"][tight="1"] {{ font-size: {px(5.4)}px; }}
QLabel[role="word"][tight="2"] {{ font-size: {px(4.4)}px; }}
QLabel[role="stopMessage"][tight="1"] {{ font-size: {px(2.7)}px; }}
QLabel[role="stopMessage"][tight="2"] {{ font-size: {px(2.3)}px; }}
QPushButton[role="plan"] {{ text-align: left; padding-left: {px(3)}px; }}
QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
QScrollBar:vertical {{ background: transparent; width: {px(1.6)}px; margin: 0; }}
QScrollBar::handle:vertical {{ background: {t.edge}; border-radius: {px(0.7)}px; min-height: {px(8)}px; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{ background: none; height: 0; }}
QProgressBar {{ background: {t.ground}; border: 1px solid {t.line}; border-radius: {px(1.0)}px; max-height: {px(2)}px; }}
QProgressBar::chunk {{ background: {t.accent}; border-radius: {px(0.9)}px; }}
"""
