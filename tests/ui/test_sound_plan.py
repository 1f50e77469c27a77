"""Which sound belongs to which moment: bursts, their repeats and silences, cues. The clock is moved by hand."""

import itertools
from typing import Any

import pytest

from pencontrol.control.alarms import SILENCE_NS, Alarms
from pencontrol.control.snapshot import AlarmView, SessionView, Snapshot, State
from tests.ui.fake_control import FACE
from ui.touch.sound.plan import Bursts, Cues, OwnSilences, wanted
from ui.touch.sound.tones import BURSTS, length_ms

S = 1_000_000_000
FRAME = 16_000_000


def alarm(priority: str, name: str = "", occurrence: int = 1, **more: Any) -> AlarmView:
    return AlarmView(alarm=name or priority, priority=priority, occurrence=occurrence, words="w", **more)  # type: ignore[arg-type]


def heard(bursts: Bursts, alarms: tuple[AlarmView, ...], from_ns: int, to_ns: int) -> list[tuple[int, str]]:
    found = []
    for now_ns in range(from_ns, to_ns, FRAME):
        word = bursts.due(alarms, now_ns)
        if word is not None:
            found.append((now_ns, word))
    return found


def test_the_most_urgent_alarm_that_nobody_silenced_is_wanted() -> None:
    assert wanted(()) == ""
    assert wanted((alarm("LOW"), alarm("HIGH"), alarm("MEDIUM"))) == "HIGH"
    assert wanted((alarm("HIGH", silenced=True), alarm("LOW"), alarm("MEDIUM"))) == "MEDIUM"
    assert wanted((alarm("LOW", active=False),)) == "LOW"  # the sound latches


@pytest.mark.parametrize("name", BURSTS)
def test_a_burst_begins_at_once_and_comes_again_after_its_interval(name: str) -> None:
    found = heard(Bursts(), (alarm(name),), 0, 100 * S)
    assert found[0] == (0, name)
    assert {word for _, word in found} == {name}
    shape = BURSTS[name]
    period_ns = (length_ms(shape) + shape.interval_ms) * 1e6
    gaps = [after - before for (before, _), (after, _) in itertools.pairwise(found)]
    assert gaps
    assert all(period_ns <= gap <= period_ns + FRAME for gap in gaps)


def test_silence_ends_the_sound_at_once_and_is_said_once() -> None:
    bursts = Bursts()
    bursts.due((alarm("HIGH"),), 0)
    assert heard(bursts, (alarm("HIGH", silenced=True),), S, 3 * S) == [(S, "")]
    assert heard(bursts, (), 3 * S, 4 * S) == []
    assert heard(bursts, (alarm("HIGH"),), 4 * S, 4 * S + FRAME) == [(4 * S, "HIGH")]  # the silence is over


def test_a_more_urgent_alarm_breaks_in_and_a_less_urgent_one_waits_until_it_is_silenced() -> None:
    bursts = Bursts()
    low, medium, high = alarm("LOW"), alarm("MEDIUM"), alarm("HIGH")
    assert bursts.due((low,), 0) == "LOW"
    assert bursts.due((low, medium), FRAME) == "MEDIUM"
    assert bursts.due((low, medium, high), 2 * FRAME) == "HIGH"
    assert bursts.due((low, medium, high), 3 * FRAME) is None
    quiet = high.model_copy(update={"silenced": True})
    assert bursts.due((low, medium, quiet), 4 * FRAME) == "MEDIUM"


def test_a_new_alarm_of_the_same_priority_is_heard_as_soon_as_the_present_burst_has_ended() -> None:
    bursts = Bursts()
    one, two = alarm("LOW", "A"), alarm("LOW", "B")
    bursts.due((one,), 0)
    found = heard(bursts, (one, two), FRAME, 20 * S)
    assert [word for _, word in found] == ["LOW"]
    assert length_ms(BURSTS["LOW"]) <= found[0][0] / 1e6 <= length_ms(BURSTS["LOW"]) + 20
    again = alarm("LOW", "A", occurrence=2)
    assert [word for _, word in heard(bursts, (again, two), 20 * S, 20 * S + FRAME)] == ["LOW"]


def test_the_sound_follows_controls_own_machine() -> None:
    """Latched while nobody acknowledged, silent for 120 s, then again."""
    alarms, bursts = Alarms(), Bursts()
    alarms.raise_alarm("NO_SOUND", "", 0)
    assert bursts.due(alarms.views(0), 0) == "MEDIUM"
    alarms.acknowledge("NO_SOUND", 1, S)
    assert bursts.due(alarms.views(S), S) == ""
    assert bursts.due(alarms.views(SILENCE_NS), SILENCE_NS) is None
    after = S + SILENCE_NS
    assert bursts.due(alarms.views(after), after) == "MEDIUM"
    alarms.acknowledge("NO_SOUND", 1, after)
    assert bursts.due(alarms.views(after + 1), after + 1) == ""
    alarms.end_silences()  # a screen came back
    assert bursts.due(alarms.views(after + 2), after + 2) == "MEDIUM"


def own(name: str = "CONTROL_SILENT") -> AlarmView:
    return alarm("HIGH", name, 0)


def test_the_screens_own_alarm_can_be_silenced_for_120_s_and_a_new_one_ends_it() -> None:
    silences = OwnSilences()
    assert silences.over((own(),), 0) == (own(),)
    silences.acknowledge("CONTROL_SILENT", S)
    (quiet,) = silences.over((own(),), S)
    assert quiet.silenced
    assert not silences.over((own(),), S + SILENCE_NS)[0].silenced
    silences.acknowledge("CONTROL_SILENT", 2 * S)
    assert silences.over((own(), alarm("LOW")), 3 * S)[0].silenced
    assert not silences.over((own(), alarm("LOW"), alarm("HIGH", "STALL")), 4 * S)[0].silenced


def test_an_own_alarm_that_went_and_came_back_sounds_and_controls_alarms_are_not_ours_to_silence() -> None:
    silences = OwnSilences()
    silences.over((own(),), 0)
    silences.acknowledge("CONTROL_SILENT", 0)
    assert silences.over((), 1) == ()
    assert not silences.over((own(),), 2)[0].silenced
    silences.acknowledge("STALL", 3)
    assert not silences.over((alarm("HIGH", "STALL"),), 4)[0].silenced
    stop = alarm("HIGH", "STOP_UNCONFIRMED", 5)  # control's own occurrence
    silences.over((stop,), 5)
    silences.acknowledge("STOP_UNCONFIRMED", 6)
    assert not silences.over((stop,), 7)[0].silenced


def snapshot(zone: str = "F.CHEEK.R", state: State = State.RUNNING, **more: Any) -> Snapshot:
    session = SessionView(id="S-1", client="C-1", operator="P-1", opened_utc="", opened_mono_ns=0)
    limit = next((each.limit_um for each in FACE if each.zone == zone), 0)
    values = {"control": "K", "session": session, "zones": FACE, "zone": zone, "limit_um": limit, "state": state} | more
    return Snapshot.model_validate({"mono_ns": 1} | values)


def passes(count: int) -> dict[str, Any]:
    return {"zones": [each.model_copy(update={"passes": count}) for each in FACE]}


@pytest.mark.parametrize(
    ("to", "tone"), [("F.TEMPLE.R", "LIMIT_DOWN"), ("F.CHIN", "LIMIT_SAME"), ("F.UPLIP", "LIMIT_DOWN"), ("F.CHEEK.R", "")]
)
def test_a_zone_change_sounds_with_the_limit(to: str, tone: str) -> None:
    cues = Cues()
    cues.next(snapshot("F.CHEEK.R"))
    assert cues.next(snapshot(to)) == ([tone] if tone else [])
    back = cues.next(snapshot("F.CHEEK.R"))
    assert back == {"LIMIT_DOWN": ["LIMIT_UP"], "LIMIT_SAME": ["LIMIT_SAME"], "": []}[tone]


def test_a_lower_limit_sounds_when_it_holds_not_when_it_is_chosen() -> None:
    cues = Cues()
    cues.next(snapshot("F.CHEEK.R"))
    assert cues.next(snapshot("F.UPLIP", limit_um=1000)) == []  # the needles are still on their way up
    assert cues.next(snapshot("F.UPLIP")) == ["LIMIT_DOWN"]
    assert cues.next(snapshot("F.UPLIP")) == []


def test_the_first_zone_of_a_session_sounds_too() -> None:
    cues = Cues()
    cues.next(snapshot("", limit_um=0, state=State.CONNECTED))
    assert cues.next(snapshot("F.CHIN", state=State.READY)) == ["LIMIT_SAME"]


def test_start_stop_and_passes_have_their_cues_and_ticks_can_be_turned_off() -> None:
    cues = Cues()
    cues.next(snapshot(state=State.READY, **passes(1)))
    assert cues.next(snapshot(state=State.ARMING, **passes(1))) == []
    assert cues.next(snapshot(**passes(1))) == ["STARTED"]
    assert cues.next(snapshot(**passes(2))) == ["PASS"]
    assert cues.next(snapshot(**passes(1))) == []  # undone
    assert cues.next(snapshot(state=State.STOPPING, **passes(1))) == ["STOPPED"]
    assert cues.next(snapshot(state=State.PAUSED, **passes(1))) == []
    quiet = Cues(ticks=False)
    quiet.next(snapshot(**passes(1)))
    assert quiet.next(snapshot(**passes(2))) == []


def test_another_control_or_session_makes_no_cue() -> None:
    cues = Cues()
    cues.next(snapshot())
    assert cues.next(snapshot("F.UPLIP", control="K-2", state=State.CONNECTED)) == []
    other = SessionView(id="S-2", client="C-1", operator="P-1", opened_utc="", opened_mono_ns=0)
    assert cues.next(snapshot("F.CHIN", control="K-2", session=other)) == []
