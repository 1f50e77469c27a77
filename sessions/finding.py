"""How a search runs over the keys of sessions: conditions, and the query that fits them. Reads only.

Each condition is a set of keys of which one is enough. The one that fits fewest sessions leads; the others are looked up for
each session it gives. A condition of one key gives its sessions in order of time as they lie; one of several keys is put in
order first, unless it fits a great many: then the sessions themselves lead, and as so many fit, a page is soon full.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union_all,
)

from sessions.reading import listing_columns
from sessions.store.keys import WORDED
from sessions.store.models import ClosureRow, KeyValueRow, SessionKeyRow, SessionRow

FEW = 2000  # sessions that may be put in order of time for one page
MANY_VALUES = 400  # values of a facet that one word may fit
TAIL_CHARACTERS = 3  # of an id's last part: fewer fit too many
_LAST = "\U0010ffff"  # after every character a code can have
# Nearly every session has a value of its own here: only beginnings are looked up, and only those that few have.
_WHOLE = ("cartridge", "lot")
_COLUMNS = {"client": SessionRow.client, "operator": SessionRow.operator, "pen": SessionRow.pen_serial}

Span = tuple[str, str]  # from (included), until (not included), "" for no bound
Place = tuple[str, str] | None  # opened_utc and id of the last row seen


@dataclass(frozen=True)
class Condition:
    """Any of these is enough. `general` are facets of which more values have `word` in them than are worth listing."""

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)  # facet -> values
    begins: Sequence[str] = ()  # of the session's id
    tail: str = ""  # beginning of the id's last part, in lower case
    word: str = ""
    general: tuple[str, ...] = ()


def conditions_of(connection: Connection, word: str, clients: Sequence[str]) -> Condition:
    """The keys in which `word` is found, and those of `clients`, found by name elsewhere (the first 800 count)."""
    folded = word.lower()
    values: dict[str, list[str]] = {}
    general: list[str] = []
    for facet in WORDED:
        whole = facet in _WHOLE
        fits = _begins(KeyValueRow.folded, folded) if whole else KeyValueRow.folded.contains(folded, autoescape=True)
        query = select(KeyValueRow.value).where(KeyValueRow.facet == facet, fits).limit(MANY_VALUES + 1)
        found = list(connection.execute(query).scalars())
        if len(found) <= MANY_VALUES:
            values[facet] = found
        elif facet in _COLUMNS:
            general.append(facet)
        elif not whole:
            values[facet] = found[:MANY_VALUES]
    values["client"] = [*values.get("client", ()), *clients][: 2 * MANY_VALUES]
    tail = folded if len(folded) >= TAIL_CHARACTERS else ""
    return Condition(
        {facet: found for facet, found in values.items() if found},
        tuple(dict.fromkeys((word, word.upper()))),
        tail,
        folded,
        tuple(general),
    )


def newest(connection: Connection, conditions: Sequence[Condition], span: Span, place: Place, rows: int) -> Sequence[Any]:
    """Up to `rows` sessions that fit every condition, newest first, after `place`: the columns of `SessionListing`."""
    counts = [_count(connection, condition, span, place) for condition in conditions]
    if 0 in counts:
        return []
    lead = _leading(conditions, counts, span, place)
    few = lead.order_by(lead.selected_columns[0].desc(), lead.selected_columns[1].desc()).limit(rows).subquery()
    query = (
        select(*listing_columns())
        .select_from(few)
        .join(SessionRow, SessionRow.id == few.c.id)
        .outerjoin(ClosureRow, ClosureRow.session == SessionRow.id)
        .order_by(few.c.opened_utc.desc(), few.c.id.desc())
    )
    return connection.execute(query).all()


def _leading(conditions: Sequence[Condition], counts: Sequence[int], span: Span, place: Place) -> Select[Any]:
    """(opened_utc, id) of all sessions that fit, in no order yet."""
    utc: Any
    session: Any
    lead: Select[Any]
    least = min(range(len(conditions)), key=lambda at: counts[at], default=None)
    rest = [at for at in range(len(conditions)) if at != least]
    if least is not None and _one_key(conditions[least]):
        ((facet, (value,)),) = conditions[least].values.items()
        utc, session = SessionKeyRow.opened_utc, SessionKeyRow.session
        lead = select(utc.label("opened_utc"), session.label("id"))
        lead = lead.where(SessionKeyRow.facet == facet, SessionKeyRow.value == value)
    elif least is not None and counts[least] < FEW:
        found = _sessions_of(conditions[least], span, place).subquery()
        utc, session = found.c.opened_utc, found.c.id
        lead = select(utc, session).distinct()
    else:
        utc, session = SessionRow.opened_utc, SessionRow.id
        lead = select(utc, session)
        rest = list(range(len(conditions)))
    for at in rest:
        lead = lead.where(_holds(conditions[at], utc, session))
    return lead.where(_within(utc, session, span, place))


def _count(connection: Connection, condition: Condition, span: Span, place: Place) -> int:
    """How many keys fit `condition`, FEW for that many or more."""
    if condition.general:
        return FEW
    found = _sessions_of(condition, span, place).limit(FEW).subquery()
    return int(connection.execute(select(func.count()).select_from(found)).scalar_one())


def _sessions_of(condition: Condition, span: Span, place: Place) -> CompoundSelect[Any]:
    """(opened_utc, id) of each session by each key of `condition`, without the general ones; one session may come twice."""
    key = select(SessionKeyRow.opened_utc.label("opened_utc"), SessionKeyRow.session.label("id"))
    key = key.where(_within(SessionKeyRow.opened_utc, SessionKeyRow.session, span, place))
    parts = [
        key.where(SessionKeyRow.facet == facet, SessionKeyRow.value.in_(values)) for facet, values in condition.values.items()
    ]
    if condition.tail:
        parts.append(key.where(SessionKeyRow.facet == "tail", _begins(SessionKeyRow.value, condition.tail)))
    own = select(SessionRow.opened_utc, SessionRow.id).where(_within(SessionRow.opened_utc, SessionRow.id, span, place))
    parts += [own.where(_begins(SessionRow.id, begin)) for begin in condition.begins]
    return union_all(*parts)


def _holds(condition: Condition, utc: ColumnElement[str], session: ColumnElement[str]) -> ColumnElement[bool]:
    """That the session opened at `utc` fits `condition`, looked up for it alone."""
    own, key = SessionRow.__table__.alias("own"), SessionKeyRow.__table__.alias("held")
    tests: list[ColumnElement[bool]] = [_begins(session, begin) for begin in condition.begins]
    columns: list[ColumnElement[bool]] = []
    for facet, values in condition.values.items():
        if facet in _COLUMNS and len(values) > 1:
            columns.append(own.c[_COLUMNS[facet].key].in_(values))
        elif facet in _WHOLE and len(values) > 1:
            fits = (SessionKeyRow.facet == facet, SessionKeyRow.value.in_(values))
            tests.append(session.in_(select(SessionKeyRow.session).where(*fits)))
        else:
            fit = and_(key.c.facet == facet, key.c.value.in_(values), key.c.opened_utc == utc, key.c.session == session)
            tests.append(exists(select(literal(1)).select_from(key).where(fit)))
    columns += [func.lower(own.c[_COLUMNS[facet].key]).contains(condition.word, autoescape=True) for facet in condition.general]
    if columns:
        tests.append(exists(select(literal(1)).select_from(own).where(own.c.id == session, or_(*columns))))
    if condition.tail:
        begun = (SessionKeyRow.facet == "tail", _begins(SessionKeyRow.value, condition.tail))
        tests.append(session.in_(select(SessionKeyRow.session).where(*begun).limit(FEW)))
    return or_(*tests)


def _one_key(condition: Condition) -> bool:
    return not condition.begins and not condition.tail and [len(values) for values in condition.values.values()] == [1]


def _begins(column: Any, text: str) -> ColumnElement[bool]:
    """A range, which an index serves in every database; LIKE is served in few."""
    return and_(column >= text, column < text + _LAST)


def _within(utc: Any, session: Any, span: Span, place: Place) -> ColumnElement[bool]:
    bounds: list[ColumnElement[bool]] = [true()]
    if span[0]:
        bounds.append(utc >= span[0])
    if span[1]:
        bounds.append(utc < span[1])
    if place:
        bounds.append(tuple_(utc, session) < tuple_(*place))
    return and_(*bounds)
