"""The client's last session as a template: offered when it is known, judged by the zone table as it is now."""

from typing import Any

import pytest

from pencontrol.plan import zone_limits
from pencontrol.zones import shipped_zones
from sessions.events import SessionOpened
from tests.ui.conftest import Rig, click
from tests.ui.fake_control import CARTRIDGE, PEN
from tests.ui.test_prepare import hold
from ui.touch import planning
from ui.touch.records.librarian import Answer

PATH = "session:S-1"


def opened(**changes: Any) -> SessionOpened:
    table = shipped_zones()
    plan = planning.list_plans(planning.SHIPPED, table)[0].plan
    assert plan is not None
    limits = [limit.model_copy(update=changes) for limit in zone_limits(plan, table)[:3]]
    return SessionOpened(
        client="C-0001", operator="P-01", role="practitioner", role_ceiling_um=1500, indication="IN01", plan_crc=1, zones=limits,
        pen=PEN, cartridge=CARTRIDGE, gates=[], versions={},
    )  # fmt: skip


class Fetched:
    def __init__(self) -> None:
        self.asked: list[Any] = []

    def ask(self, topic: str, job: Any, done: Any) -> None:
        self.asked.append(done)

    def poll(self) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.fixture
def fetched(rig: Rig) -> Fetched:
    made = Fetched()
    rig.touch.prepare_desk._fetcher = made
    return made


def answer(session: SessionOpened) -> Answer:
    return Answer(("S-1", "2026-10-20T09:00:00.000000Z", session))


def test_the_last_session_is_offered_first_and_opens_with_its_zones(rig: Rig, fetched: Fetched) -> None:
    rig.touch.presenter.draft(client="C-0001", operator="P-01")
    assert len(fetched.asked) == 1
    fetched.asked[0](answer(opened()))
    tiles = rig.touch.prepare.plans.tiles
    assert next(iter(tiles)) == PATH
    click(tiles[PATH])
    rig.frames(2)
    assert rig.touch.prepare.preview.title.text() == "As on 2026-10-20"
    hold(rig, rig.touch.prepare.plate)
    plan = rig.sent("open_session")[0]["plan"]
    assert [(zone["zone"], zone["limit_um"]) for zone in plan["zones"]] == [
        (limit.zone, limit.limit_um) for limit in opened().zones
    ]


def test_another_client_takes_the_template_and_its_choice_away(rig: Rig, fetched: Fetched) -> None:
    rig.touch.presenter.draft(client="C-0001")
    fetched.asked[0](answer(opened()))
    rig.touch.presenter.draft(plan=PATH)
    rig.touch.presenter.draft(client="C-0002")
    assert PATH not in rig.touch.prepare.plans.tiles
    assert rig.state.draft.plan == ""
    fetched.asked[0](answer(opened()))
    assert PATH not in rig.touch.prepare.plans.tiles, "an answer that came late is of the other client"
    fetched.asked[1](Answer(None))
    assert PATH not in rig.touch.prepare.plans.tiles


def test_a_template_that_the_table_no_longer_allows_cannot_be_chosen(rig: Rig, fetched: Fetched) -> None:
    rig.touch.presenter.draft(client="C-0001")
    fetched.asked[0](answer(opened(limit_um=1600)))
    assert not rig.touch.prepare.plans.tiles[PATH].isEnabled()


def test_a_code_is_shown_as_soon_as_it_is_typed(rig: Rig, fetched: Fetched) -> None:
    rig.touch.presenter.draft(client="C-0007")
    assert rig.touch.prepare.fields["client"].text() == "C-0007", "whatever else is missing"
