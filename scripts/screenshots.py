"""Makes the pictures of the README from the scenes that the golden images are made of, so that they never age.

Run from the checkout: .venv/bin/python -m scripts.screenshots [FOLDER]   (needs no display)
"""

import sys
from pathlib import Path

from tests.ui import golden

PICTURES = {
    "prepare": "prepare chosen",
    "more": "more",
    "setup": "setup screen",
    "treat": "treat pending",
    "records": "records list",
    "replay": "records replay zone",
}


def main(folder: Path) -> None:
    """One file a picture."""
    application = golden.application()
    for name, scene in PICTURES.items():
        golden.picture(scene, folder / f"{name}.png")
    del application


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/images"))
