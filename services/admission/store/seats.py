"""The count of seats of an offering: one guarded UPDATE each, so that the last seat goes to one (D1 'Seats').

Where there is no capacity nothing is counted, so that applicants do not queue for a row; a shared lock keeps the
count right should a capacity be published at this moment. The application's row is always locked before.
"""

from typing import Final

import sqlalchemy as sa

from services.admission.store.tables import applications, seats


def take(connection: sa.Connection, offering_id: str, *, limited: bool = True) -> bool:
    """Take a seat for a newcomer; False where none is free, or where others wait.

    `limited` says which case is likely and is asked about first; the answer does not depend on it.
    """
    if limited:
        return _take_counted(connection, offering_id) or _unlimited(connection, offering_id)
    return _unlimited(connection, offering_id) or _take_counted(connection, offering_id)


def _take_counted(connection: sa.Connection, offering_id: str) -> bool:
    return connection.execute(_TAKE, {"offering": offering_id}).rowcount == 1


def take_for_next(connection: sa.Connection, offering_id: str) -> bool:
    """Take a seat for the first in the queue, who leaves it; False where none is free."""
    taken = connection.execute(
        seats.update()
        .where(
            seats.c.id == offering_id,
            seats.c.waiting > 0,
            sa.or_(seats.c.capacity.is_(None), seats.c.taken < seats.c.capacity),
        )
        .values(
            taken=sa.case((seats.c.capacity.is_(None), seats.c.taken), else_=seats.c.taken + 1),
            waiting=seats.c.waiting - 1,
        )
    )
    return taken.rowcount == 1


def free(connection: sa.Connection, offering_id: str) -> None:
    """Give a seat back."""
    connection.execute(
        seats.update()
        .where(seats.c.id == offering_id, seats.c.capacity.is_not(None))
        .values(taken=seats.c.taken - 1)
    )


def enqueue(connection: sa.Connection, offering_id: str) -> None:
    connection.execute(seats.update().where(seats.c.id == offering_id).values(waiting=seats.c.waiting + 1))


def leave_queue(connection: sa.Connection, offering_id: str) -> None:
    connection.execute(seats.update().where(seats.c.id == offering_id).values(waiting=seats.c.waiting - 1))


def set_capacity(connection: sa.Connection, offering_id: str, capacity: int | None) -> None:
    """Count anew under the capacity of a new version; who has a seat keeps it, even beyond the capacity."""
    row = connection.execute(seats.select().where(seats.c.id == offering_id).with_for_update()).first()
    if row is None:
        connection.execute(
            seats.insert(), {"id": offering_id, "capacity": capacity, "taken": 0, "waiting": 0}
        )
        return
    held = (
        sa.select(sa.func.count())
        .select_from(applications)
        .where(applications.c.offering_id == offering_id, applications.c.seat_held)
    )
    taken = 0 if capacity is None else connection.execute(held).scalar_one()
    connection.execute(seats.update().where(seats.c.id == offering_id).values(capacity=capacity, taken=taken))


def first_in_queue(connection: sa.Connection, offering_id: str) -> str | None:
    """The application to promote next: by rank, then by time."""
    return connection.execute(
        sa.select(applications.c.id)
        .where(applications.c.offering_id == offering_id, applications.c.state == "waitlisted")
        .order_by(applications.c.rank, applications.c.waitlisted_at, applications.c.id)
        .limit(1)
    ).scalar()


def of_offering(connection: sa.Connection, offering_id: str) -> dict[str, int | None]:
    """Capacity, free seats and how many wait; capacity and free are None where there is no limit."""
    row = connection.execute(seats.select().where(seats.c.id == offering_id)).one()
    free_seats = None if row.capacity is None else max(0, row.capacity - row.taken)
    return {"capacity": row.capacity, "free": free_seats, "waiting": row.waiting}


_TAKE: Final = (
    seats.update()
    .where(seats.c.id == sa.bindparam("offering"), seats.c.taken < seats.c.capacity, seats.c.waiting == 0)
    .values(taken=seats.c.taken + 1)
)
# Only a row without a limit is locked: a shared lock on a counted one, upgraded by the queue, would deadlock.
_UNLIMITED: Final = (
    sa.select(seats.c.id)
    .where(seats.c.id == sa.bindparam("offering"), seats.c.capacity.is_(None))
    .with_for_update(read=True)
)


def _unlimited(connection: sa.Connection, offering_id: str) -> bool:
    return connection.execute(_UNLIMITED, {"offering": offering_id}).first() is not None
