"""The frozen plan of the sample session: eight zones of a face, pen, cartridge and gates."""

from sessions import events as ev

ZONES = (  # id, name, mode, default, limit, speed, passes, area, soft, hard
    ("F.FOREHEAD", "Forehead", "treat", 500, 750, 6500, 2, 60.0, 1000, 1500),
    ("F.GLABELLA", "Glabella", "treat", 500, 750, 6500, 2, 10.0, 1000, 1500),
    ("F.MALAR.L", "Cheekbone, left", "treat", 500, 1000, 6500, 2, 15.0, 1000, 1500),
    ("F.MALAR.R", "Cheekbone, right", "treat", 500, 1000, 6500, 2, 15.0, 1000, 1500),
    ("F.CHEEK.L", "Cheek, left", "treat", 750, 1000, 7000, 3, 40.0, 1500, 1500),
    ("F.CHEEK.R", "Cheek, right", "treat", 750, 1250, 7000, 3, 40.0, 1500, 1500),
    ("F.UPLIP", "Upper lip, skin only", "caution", 500, 500, 6000, 1, 8.0, 750, 750),
    ("F.CHIN", "Chin", "treat", 750, 1000, 7000, 3, 15.0, 1500, 1500),
)


def opened(simulated: bool = True, client: str = "C-0001", resumed_from: str = "") -> ev.SessionOpened:
    """The frozen plan of the session."""
    return ev.SessionOpened(
        client=client,
        operator="P-01",
        role="practitioner",
        role_ceiling_um=1500,
        indication="acne scars, atrophic",
        plan_crc=0x5A17C0DE,
        zones=[
            ev.ZoneLimit(
                zone=zone,
                number=number,
                name=name,
                mode="caution" if mode == "caution" else "treat",
                default_um=default,
                limit_um=limit,
                speed_rpm=speed,
                passes=passes,
                area_cm2=area,
                soft_cap_um=soft,
                hard_cap_um=hard,
                acknowledged=mode == "caution",
                floor_note="charts advise 0.2-0.5 mm here; this pen cannot go under 0.5" if mode == "caution" else "",
            )
            for number, (zone, name, mode, default, limit, speed, passes, area, soft, hard) in enumerate(ZONES, start=1)
        ],
        pen=ev.PenIdentity(
            serial="PEN-00042", firmware="1.4.2", boot_id=77, simulated=simulated, protocol="1.0", port="/dev/ttyACM0"
        ),
        cartridge=ev.Cartridge(
            present=True, id="9f27c4d1", needles=12, tip_width_um=11000, lot="L2609-B", expires="2028-03-31", used_ms=0
        ),
        gates=[
            ev.GateState(gate="pen", status="GREEN", detail="1.4.2, protocol 1.0"),
            ev.GateState(gate="cartridge", status="GREEN", detail="new, lot L2609-B, in date"),
            ev.GateState(gate="calibration", status="GREEN", detail="certificate CAL-0042-3, due 2027-02-11"),
            ev.GateState(gate="screening", status="NOT RECORDED"),
            ev.GateState(gate="consent", status="NOT RECORDED"),
            ev.GateState(gate="numbing", status="NOT RECORDED"),
        ],
        versions={"pencontrol": "0.1.0", "vocabulary": "1", "plan": "1"},
        resumed_from=resumed_from,
    )
