"""Plans: what is good, and one plain sentence for each thing that is not."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pencontrol.plan import Plan, PlanError, check_plan, load_plan, read_plan, zone_limits
from pencontrol.zones import ZoneTableError, read_zones, shipped_zones

TABLE = shipped_zones()
PLANS = Path(__file__).parents[2] / "pencontrol" / "data" / "plans"


def test_the_shipped_plans_are_good() -> None:
    for path in sorted(PLANS.glob("*.toml")):
        assert load_plan(path, TABLE).zones


def test_what_a_row_leaves_out_comes_from_the_zone_table() -> None:
    plan = read_plan({"name": "x", "zone": [{"id": "F.CHIN"}]}, TABLE, "p")
    (zone,) = plan.zones
    assert (zone.depth_um, zone.limit_um, zone.speed_rpm, zone.passes) == (750, 1000, 7000, 3)
    assert zone_limits(plan, TABLE)[0].number == TABLE["F.CHIN"].number


BAD = [
    ({"id": "F.CHIN", "limit_mm": 1.6}, "zone[0].limit_mm is 1.6, allowed is 0.5 to 1.5 mm"),
    ({"id": "F.CHIN", "depth_mm": 0.4}, "zone[0].depth_mm is 0.4, allowed is 0.5 to 1.5 mm"),
    ({"id": "F.CHIN", "depth_mm": float("nan")}, "zone[0].depth_mm is nan"),
    ({"id": "F.CHIN", "depth_mm": 0.7511}, "steps of 0.01 mm"),
    ({"id": "F.CHIN", "speed_rpm": 8500}, "zone[0].speed_rpm is 8500, allowed is 6000 to 8000 rpm"),
    ({"id": "F.CHIN", "passes": 0}, "zone[0].passes is 0, allowed is 1 to 8"),
    ({"id": "F.CHIN", "directions_deg": [30]}, "directions_deg"),
    ({"id": "F.CHIN", "dept_mm": 0.5}, "zone[0].dept_mm is an unknown key"),
    ({"id": "F.CHIM"}, "'F.CHIM', which is no zone of the table; close to it: F.CHIN"),
    ({"id": "F.LIPS"}, "a blocked zone is never treated"),
    ({"id": "F.UPLIP"}, "needs acknowledged = true"),
    ({"id": "F.UPLIP", "acknowledged": True, "limit_mm": 1.0, "reason": "x"}, "hard cap"),
    ({"id": "F.TEMPLE.L", "limit_mm": 1.0}, "soft cap of 0.75 mm and needs a reason"),
    ({"id": "F.CHIN", "depth_mm": 1.2, "limit_mm": 1.0}, "depth is 1.20 mm, allowed is 0.50 to its limit 1.00 mm"),
    ({"depth_mm": 1.0}, "zone[0].id is missing"),
]


@pytest.mark.parametrize(("row", "sentence"), BAD)
def test_a_bad_row_is_refused_in_one_sentence(row: dict[str, object], sentence: str) -> None:
    with pytest.raises(PlanError) as refused:
        read_plan({"name": "x", "zone": [row]}, TABLE, "p.toml")
    assert sentence in str(refused.value)
    assert str(refused.value).startswith("p.toml: ")
    assert "\n" not in str(refused.value)


def test_a_zone_twice_is_refused() -> None:
    with pytest.raises(PlanError, match="twice"):
        read_plan({"name": "x", "zone": [{"id": "F.CHIN"}, {"id": "F.CHIN"}]}, TABLE, "p")


def test_what_is_no_file_no_text_or_no_toml_is_said(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="cannot be read"):
        load_plan(tmp_path / "none.toml", TABLE)
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PlanError, match="not UTF-8"):
        load_plan(tmp_path / "bytes.toml", TABLE)
    (tmp_path / "prose.toml").write_text("dear colleague")
    with pytest.raises(PlanError, match="is not TOML"):
        load_plan(tmp_path / "prose.toml", TABLE)


def test_control_checks_again_what_a_screen_sends() -> None:
    values = load_plan(PLANS / "full_face.toml", TABLE).model_dump(mode="json")
    values["zones"][0]["limit_um"] = 1600
    with pytest.raises(PlanError, match="hard cap"):
        check_plan(Plan.model_validate(values), TABLE, "plan")


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "zone", "id", "limit_mm", "depth_mm", "passes", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["name", "zone", "indication", "note", "y"]), values, max_size=4))
def test_any_values_give_a_plan_or_a_plan_error(raw: dict[str, object]) -> None:
    try:
        plan = read_plan(raw, TABLE, "p")
    except PlanError as error:
        assert "\n" not in str(error)
    else:
        check_plan(plan, TABLE, "p")


def test_the_zone_table_refuses_what_it_must() -> None:
    text = (Path(__file__).parents[2] / "pencontrol" / "data" / "zones.csv").read_text(encoding="utf-8")
    assert len(read_zones(text)) == len(TABLE) <= 64
    for old, new in (("treat,0.5,0.75,1.0,1.5", "treat,0.5,0.75,1.0,1.6"), ("treat,0.5,0.75,1.0,1.5", "treat,0.9,0.75,1.0,1.5")):
        with pytest.raises(ZoneTableError, match="row 1"):
            read_zones(text.replace(old, new, 1))
    with pytest.raises(ZoneTableError, match="mode"):
        read_zones(text.replace(",treat,", ",treatt,", 1))
