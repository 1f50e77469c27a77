"""What a person says of media and passes goes on record as it was said, and only where it can be true."""

import pytest

from pencontrol.control import commands
from tests.pencontrol.bench import Bench


def _bench() -> Bench:
    bench = Bench()
    bench.treat("F.CHEEK.R")
    return bench


def test_a_medium_is_on_record_with_name_amount_and_lot() -> None:
    bench = _bench()
    told = {"medium": "ME01", "name": "Hyaluronic acid", "amount_ul": 1500, "lot": " HA 22/7 "}
    assert bench.say(commands.ApplyMedium.model_validate({"number": 1, **told})) == ""
    assert bench.say(commands.ApplyMedium(number=2, medium="ME06")) == ""
    bench.run(5)
    first, bare = bench.told("media_applied")
    assert first == {**told, "lot": "HA 22/7", "zone": ""}
    assert (bare["amount_ul"], bare["lot"]) == (None, "")


def test_a_pass_is_noted_in_its_own_zone_wherever_the_pen_is() -> None:
    bench = _bench()
    bench.zone("F.TEMPLE.R")
    assert bench.say(commands.NotePass(number=1, zone="F.CHEEK.R", pass_number=2, direction_deg=45)) == ""
    bench.run(5)
    assert bench.told("pass_noted") == [{"zone": "F.CHEEK.R", "number": 2, "direction_deg": 45}]
    assert "'B.NOWHERE' is not in the plan" in bench.say(
        commands.NotePass(number=2, zone="B.NOWHERE", pass_number=1, direction_deg=0)
    )
    bench.run(5)
    assert len(bench.told("pass_noted")) == 1


@pytest.mark.parametrize(
    "command",
    [
        commands.ApplyMedium(number=1, medium="ME01"),
        commands.NotePass(number=1, zone="F.CHEEK.R", pass_number=1, direction_deg=0),
    ],
    ids=["medium", "pass"],
)
def test_without_a_session_there_is_nothing_to_say_it_of(command: commands.Command) -> None:
    assert Bench().say(command) == "no session is open"


def test_the_name_of_what_numbs_is_as_the_clinic_has_it() -> None:
    bench = _bench()
    bench.say(commands.Numbing(number=1, product="ME08", name="Topical anaesthetic", maximum_min=60))
    bench.say(commands.Numbing(number=2, product="ME08", maximum_min=60))
    bench.run(5)
    first, second = bench.told("numbing")
    assert (first["product"], first["name"], "name" in second) == ("ME08", "Topical anaesthetic", False)
