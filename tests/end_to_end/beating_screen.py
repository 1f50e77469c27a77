"""A screen's process without a window: opens a session, starts, beats until it is killed. After a restart it only beats."""

import argparse
import os
import time
from pathlib import Path

from pencontrol.control import commands
from pencontrol.control.ring import Ring
from pencontrol.control.snapshot import State
from pencontrol.plan import load_plan
from pencontrol.rehearsal.chair import Chair
from pencontrol.runtime import Runtime
from pencontrol.zones import shipped_zones


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--plan", type=Path, required=True)
    parser.add_argument("--runtime", type=Path, required=True)
    parser.add_argument("--home")
    parser.add_argument("--lifeline", type=int)
    options = parser.parse_args()
    runtime = Runtime(options.runtime)
    chair = Chair(runtime, Ring(runtime.ring), os.getpid())
    chair.connect()
    step = 0
    while True:
        chair.beat()
        now = chair.snapshot()
        if now is not None:
            fresh = now.session is None
            if step == 0 and fresh and now.state is State.CONNECTED and now.recorder and now.cartridge is not None:
                plan = load_plan(options.plan, shipped_zones()).model_dump(mode="json")
                chair.say(commands.OpenSession(number=chair.next_number(), plan=plan, client="C-0001", operator="P-01"))
                chair.say(commands.SelectZone(number=chair.next_number(), zone="F.CHEEK.R"))
                step = 1
            elif step == 1 and now.state is State.READY:
                number = chair.next_number()
                chair.say(commands.Start(number=number, instance=chair.instance, heartbeat=chair.beats, stops=chair.stops))
                step = 2
        time.sleep(0.01)


if __name__ == "__main__":
    main()
