"""One file with everything that a verification without network takes: see `offline.py` for what reads it."""

from typing import Any

import sqlalchemy as sa

from services.certification.domain.issuer_key import IssuerKey
from services.certification.domain.merkle import inclusion_path
from services.certification.domain.transparency import LOG_ISSUER, verifier_key
from services.certification.formats.multikey import public_key
from services.certification.formats.renderer import OPEN_BADGES
from services.certification.handlers.log import log_origin
from services.certification.handlers.offline import BUNDLE_TYPE
from services.certification.store import issuer_keys, log, queries, status_lists
from shared.domain import NotFoundError, UnavailableError
from shared.settings import Settings

_DATES = ("created_at", "activated_at", "retired_at", "compromised_from")


def bundle(connection: sa.Connection, settings: Settings, row: sa.Row[Any]) -> dict[str, Any]:
    """The bundle of the signed certificate `row`, as things stand now.

    Raises:
        NotFoundError: it is not signed.
        UnavailableError: its status list or its place in the log is not published yet.
    """
    made = queries.rendering(connection, row.id, OPEN_BADGES)
    if made is None:
        raise NotFoundError(f"The certificate is {row.state}; it has no signed form yet.")
    listed = status_lists.find(connection, row.status_list_id)
    keys = issuer_keys.history(connection, row.issuer)
    proven = _log(connection, settings, [row.id, *(key.multikey for key in keys)])
    if listed is None or listed.credential is None or row.id not in _subjects(proven):
        raise UnavailableError("The certificate is just being entered into the log; try again in a moment.")
    return {
        "type": BUNDLE_TYPE,
        "credential": bytes(made.content).decode(),
        "issuer": {"institution": row.issuer, "keys": [_key(key) for key in keys]},
        "status_list": listed.credential,
        "log": proven,
    }


def _key(key: IssuerKey) -> dict[str, Any]:
    dates = {name: getattr(key, name) for name in _DATES}
    told = {name: moment.isoformat() if moment is not None else None for name, moment in dates.items()}
    return {"key": key.multikey, "algorithm": key.algorithm, "state": key.state, **told}


def _log(connection: sa.Connection, settings: Settings, subjects: list[str]) -> dict[str, Any]:
    """The entries about `subjects`, each with its path to the latest checkpoint."""
    latest = log.latest(connection)
    if latest is None:
        raise UnavailableError("Nothing stands in the log yet; try again in a moment.")
    tree, origin = log.nodes(connection), log_origin(settings)
    known = issuer_keys.in_states(connection, LOG_ISSUER, issuer_keys.SIGNED)
    return {
        "checkpoint": latest.note,
        "keys": [verifier_key(origin, public_key(key).public_bytes_raw()) for key in known],
        "entries": [
            {
                **log.entry_of(entry).said(),
                "salt": entry.salt,
                "index": entry.position,
                "path": [hash_.hex() for hash_ in inclusion_path(tree, entry.position, latest.size)],
            }
            for entry in log.about(connection, subjects)
        ],
    }


def _subjects(proven: dict[str, Any]) -> set[str]:
    return {entry["subject"] for entry in proven["entries"]}
