"""The published language: one JSON Schema per event type, with a golden sample each.

Layout: `events/<type without its version>/v<major>.json`. A schema only ever gains optional fields; anything
else is a new version beside it.
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any, Final

import jsonschema_rs

_EVENTS: Final = files(__package__) / "events"


class ContractError(Exception):
    """An event does not keep its published contract: a defect of the service that made it."""


@cache
def contract(event_type: str) -> dict[str, Any]:
    """The JSON Schema of `event_type` (`eu.passerelle.<service>.<subject>.<action>.v<major>`).

    Raises:
        ContractError: no such contract is published.
    """
    name, _, version = event_type.rpartition(".")
    try:
        text = (_EVENTS / name / f"{version}.json").read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError) as error:
        place = f"shared/contracts/events/{name}/{version}.json"
        raise ContractError(f"no contract is published for {event_type}; it belongs into {place}") from error
    document: dict[str, Any] = json.loads(text)
    return document


@cache
def _validator(event_type: str) -> Any:
    return jsonschema_rs.Draft202012Validator(contract(event_type))


def check_contract(event_type: str, data: object) -> None:
    """Return when `data` keeps the contract of `event_type`.

    Raises:
        ContractError: it does not, or there is no contract; the message says where.
    """
    for error in _validator(event_type).iter_errors(data):
        where = "/".join(str(part) for part in error.instance_path) or "the data"
        raise ContractError(f"{event_type}: {where}: {error.message}")


def contract_types() -> list[str]:
    """All event types with a contract, sorted."""
    return sorted(
        f"{folder.name}.{file.name.removesuffix('.json')}"
        for folder in _EVENTS.iterdir()
        if folder.is_dir()
        for file in folder.iterdir()
        if file.name.endswith(".json")
    )
