"""The public catalogue: the latest published version of each offering that takes applications (SHR-13, SHR-27)."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

import sqlalchemy as sa

from services.admission.store.tables import catalogue, catalogue_facets

_MILLI: Final = 1000
_ENTRY_FIELDS: Final = (
    "id",
    "version",
    "digest",
    "agreement",
    "title",
    "description",
    "objectives",
    "document_type",
    "origin",
    "lifespan",
    "languages",
    "mode",
    "duration",
    "timing",
    "workload",
    "level",
    "tracks",
    "awarding_bodies",
    "issuer",
    "partners",
    "target_groups",
    "prerequisites",
    "support",
    "stackability",
)


def list_offering(connection: sa.Connection, offering: Mapping[str, Any]) -> None:
    """Put a published version in the catalogue, in place of an earlier one."""
    remove_offering(connection, offering["id"])
    ects = offering["workload"]["ects"]
    admission = offering["admission"]
    entry = {name: offering[name] for name in _ENTRY_FIELDS} | {
        "admission": {name: admission[name] for name in ("open", "review_mode", "mode", "window", "capacity")}
    }
    connection.execute(
        catalogue.insert(),
        {
            "id": offering["id"],
            "version": offering["version"],
            "text": "\n".join(_texts(offering)).casefold(),
            "ects_milli": None if ects is None else int(Decimal(ects) * _MILLI),
            "entry": entry,
        },
    )
    facets = [
        {"id": offering["id"], "facet": facet, "value": value}
        for facet, value in sorted(set(_facets(offering)))
    ]
    connection.execute(catalogue_facets.insert(), facets)


def remove_offering(connection: sa.Connection, offering_id: str) -> None:
    connection.execute(catalogue_facets.delete().where(catalogue_facets.c.id == offering_id))
    connection.execute(catalogue.delete().where(catalogue.c.id == offering_id))


def find_offerings(
    connection: sa.Connection, filters: Mapping[str, Any], *, after: str | None, limit: int
) -> list[dict[str, Any]]:
    """Up to `limit` entries by id. `filters`: `text`, `min_ects`, `max_ects`, and any facet; all have to hold."""
    statement = sa.select(catalogue.c.entry).order_by(catalogue.c.id).limit(limit)
    if after is not None:
        statement = statement.where(catalogue.c.id > after)
    for name, value in filters.items():
        statement = statement.where(_condition(name, value))
    return [dict(entry) for entry in connection.execute(statement).scalars()]


def _condition(name: str, value: Any) -> sa.ColumnElement[bool]:
    if name == "text":
        return catalogue.c.text.contains(value.casefold(), autoescape=True)
    if name == "min_ects":
        return catalogue.c.ects_milli >= int(value * _MILLI)
    if name == "max_ects":
        return catalogue.c.ects_milli <= int(value * _MILLI)
    wanted = str(value).lower() if isinstance(value, bool) else str(value)
    return catalogue.c.id.in_(
        sa.select(catalogue_facets.c.id).where(
            catalogue_facets.c.facet == name, catalogue_facets.c.value == wanted
        )
    )


def _texts(offering: Mapping[str, Any]) -> Iterator[str]:
    for name in ("title", "description", "objectives"):
        yield from offering[name].values()
    for outcome in offering["outcomes"]:
        yield from outcome["title"].values()


def _facets(offering: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("mode", "origin", "lifespan", "document_type", "stackability"):
        if offering[name] is not None:
            yield name, offering[name]
    for facet, name in (("language", "languages"), ("track", "tracks"), ("awarding_body", "awarding_bodies")):
        yield from ((facet, value) for value in offering[name])
    yield from (("institution", value) for value in {*offering["partners"], *offering["awarding_bodies"]})
    yield from (("target_group", group["code"]) for group in offering["target_groups"])
    yield from (("funding", source["code"]) for source in offering["funding_sources"])
    yield "agreement", offering["agreement"]["id"]
    yield "timing", offering["timing"]["kind"]
    yield "open", str(offering["admission"]["open"]).lower()
    level = offering["level"] or {}
    for name in ("eqf", "qf_ehea_cycle", "isced_2011"):
        if level.get(name) is not None:
            yield name, str(level[name])
    field = level.get("isced_f") or ""
    yield from (("isced_f", field[:digits]) for digits in range(2, len(field) + 1))
