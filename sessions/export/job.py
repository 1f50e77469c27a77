"""What a writer of one file is given, and how it says how far it is. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sessions.export.art import ZoneArt
from sessions.export.files import Written
from sessions.export.material import Material

Pieces = Iterable[bytes]


@dataclass(frozen=True)
class Job:
    """One file to be made. `written` are the files of the same export that are made already, by name."""

    material: Material
    zone_art: ZoneArt | None
    written: Mapping[str, Written]
    tick: Callable[[float], None]  # share of this file that is made, 0 to 1; raises ExportCancelled when nobody wants it


Writer = Callable[[Job], Pieces]
