"""What the coded notes of a session are about, by the tile that was tapped; docs/record.md lists the tiles. Pure."""

from dataclasses import dataclass
from typing import Literal

from sessions.events import Note

Sort = Literal["end_point", "reaction", "response", "note"]
_BEGIN: tuple[tuple[str, Sort], ...] = (("end_point.", "end_point"), ("reaction.", "reaction"), ("response_", "response"))
_WORDS = {
    "end_point": {"none": "nothing seen", "redness": "redness", "pinpoint": "pinpoint bleeding", "excess": "excess bleeding"},
    "reaction": {"faint": "faint", "pain": "pain", "bleeding": "excess bleeding", "other": "another reaction"},
    "response": {"none": "nothing seen", "pinpoint": "pinpoint bleeding"},
}


@dataclass(frozen=True)
class Remark:
    """`sort`: end point of a zone, reaction of the client, response of the skin at the end, or any other note."""

    sort: Sort
    code: str  # what was found, without the sort: "redness"; of any other note the tile

    @property
    def words(self) -> str:
        """For people, in English; a code that is not known here stays as it is."""
        return _WORDS.get(self.sort, {}).get(self.code, self.code.replace("_", " "))


def remark_of(note: Note) -> Remark:
    """Told apart by the code alone: what was typed beside it is the note's `text`."""
    if note.code == "reaction":
        return Remark("reaction", "not said which")
    for begin, sort in _BEGIN:
        if note.code.startswith(begin):
            return Remark(sort, note.code.removeprefix(begin))
    return Remark("note", note.code)
