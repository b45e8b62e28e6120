"""Learners: by id, by name for the officers concerned, and in pairs that may be one person."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa

from services.admission.domain.learner import Person, name_key
from services.admission.store.scope import CONDITIONS, Scope
from services.admission.store.tables import applications, learners, possible_duplicates

_FIND: Final = learners.select().where(learners.c.id == sa.bindparam("learner"))


_FIND_HOME: Final[sa.Select[Any]] = sa.select(learners.c.id, learners.c.home_institution).where(
    learners.c.id == sa.bindparam("learner")
)


def find_home(connection: sa.Connection, learner_id: str) -> sa.Row[Any] | None:
    """The learner's `home_institution`, and that there is a record at all; None where there is none."""
    return connection.execute(_FIND_HOME, {"learner": learner_id}).first()


def find_learner(connection: sa.Connection, learner_id: str, *, lock: bool = False) -> sa.Row[Any] | None:
    statement = _FIND.with_for_update() if lock else _FIND
    return connection.execute(statement, {"learner": learner_id}).first()


def is_reviewed_by(connection: sa.Connection, learner_id: str, institution: str) -> bool:
    """Whether the institution reviews, or reviewed, an application of this learner."""
    scope = Scope(institution=institution)
    statement = (
        sa.select(applications.c.id)
        .where(CONDITIONS[scope.kind], applications.c.learner_id == learner_id)
        .limit(1)
    )
    return connection.execute(statement, scope.parameters).first() is not None


def admissions_of(connection: sa.Connection, learner_id: str) -> list[tuple[str, int, str]]:
    """The offering versions that the learner is, or was, admitted to, each with the target group."""
    rows = connection.execute(
        sa.select(applications.c.offering_id, applications.c.offering_version, applications.c.target_group)
        .where(applications.c.learner_id == learner_id, applications.c.enrolment_id.is_not(None))
        .distinct()
    )
    return [(row.offering_id, row.offering_version, row.target_group) for row in rows]


def search_keys(*names: str | None) -> str:
    """What a search by name looks through: every name of a learner, compared without accents and case."""
    return " ".join(name_key(name) for name in names if name)


def search(
    connection: sa.Connection,
    scope: Scope,
    *,
    name: str | None,
    born_on: date | None,
    email: str | None,
    offering_id: str | None,
    after: str | None,
    limit: int,
) -> list[sa.Row[Any]]:
    """Learners with an application in `scope`, by id; every criterion that is given has to hold.

    Each word of `name` has to occur in one of the learner's names, in whatever script it is written.
    """
    theirs = CONDITIONS[scope.kind]
    if offering_id is not None:
        theirs = sa.and_(theirs, applications.c.offering_id == offering_id)
    statement = (
        learners.select()
        .where(learners.c.id.in_(sa.select(applications.c.learner_id).where(theirs)))
        .order_by(learners.c.id)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(learners.c.id > after)
    for word in (name or "").split():
        statement = statement.where(learners.c.search_key.contains(name_key(word), autoescape=True))
    if born_on is not None:
        statement = statement.where(learners.c.date_of_birth == born_on)
    if email is not None:
        statement = statement.where(sa.func.lower(learners.c.email) == email.lower())
    return list(connection.execute(statement, scope.parameters))


def person_of(row: sa.Row[Any]) -> Person:
    return Person(*(getattr(row, name) for name in _NAMES))


_other: Final = learners.alias("other")
_NAMES: Final = ("id", "given_name", "family_name", "date_of_birth", "email")
_SIMILAR: Final = (
    sa.select(
        *(learners.c[name] for name in _NAMES),
        *(_other.c[name].label(f"other_{name}") for name in _NAMES),
    )
    .join(
        _other,
        sa.and_(
            _other.c.family_key == learners.c.family_key,
            _other.c.date_of_birth == learners.c.date_of_birth,
            _other.c.id != learners.c.id,
        ),
    )
    .where(
        learners.c.id == sa.bindparam("learner"),
        # As EXISTS: joined, SQLite would go through all applications to the offering to find the few namesakes.
        sa.exists().where(
            applications.c.learner_id == _other.c.id,
            applications.c.offering_id == sa.bindparam("offering"),
            applications.c.live,
            applications.c.state != "draft",
        ),
    )
)


def similar_applicants(
    connection: sa.Connection, learner_id: str, offering_id: str
) -> list[tuple[Person, Person]]:
    """The learner beside each other one of the same family name and birth date who applied to the same offering."""
    rows = connection.execute(_SIMILAR, {"learner": learner_id, "offering": offering_id})
    return [
        (
            person_of(row),
            Person(*(getattr(row, f"other_{name}") for name in _NAMES)),
        )
        for row in rows
    ]


def resolved_pairs(connection: sa.Connection, pairs: Iterable[str]) -> dict[str, str]:
    """Which of `pairs` a person has looked at, and what was found."""
    table = possible_duplicates
    rows = connection.execute(
        sa.select(table.c.pair, table.c.resolution).where(
            table.c.pair.in_(list(pairs)), table.c.resolution.is_not(None)
        )
    )
    return {row.pair: row.resolution for row in rows}


def note_pair(connection: sa.Connection, pair: str, one: str, other: str, now: datetime) -> None:
    """Note a possible duplicate, unless it is on record already."""
    table = possible_duplicates
    if connection.execute(sa.select(table.c.pair).where(table.c.pair == pair)).first() is None:
        connection.execute(table.insert(), {"pair": pair, "one": one, "other": other, "found_at": now})


def open_pairs(connection: sa.Connection, learner_id: str) -> list[sa.Row[Any]]:
    """Pairs with this learner that nobody has looked at."""
    table = possible_duplicates
    return list(
        connection.execute(
            table.select().where(
                sa.or_(table.c.one == learner_id, table.c.other == learner_id), table.c.resolution.is_(None)
            )
        )
    )


def resolve_pairs(
    connection: sa.Connection, pairs: Iterable[str], resolution: str, resolved_by: str, now: datetime
) -> None:
    table = possible_duplicates
    connection.execute(
        table.update()
        .where(table.c.pair.in_(list(pairs)))
        .values(resolution=resolution, resolved_by=resolved_by, resolved_at=now)
    )
