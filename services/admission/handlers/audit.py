"""Re-run every stored evaluation, in shuffled order, and say where it would come out differently (ADM-02, check 1)."""

import random
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.admission.domain.documents import digest_of
from services.admission.domain.eligibility import OFFERABLE, Inputs, evaluate
from services.admission.store.documents import procedure_for
from services.admission.store.tables import evaluations, offering_versions, offers


@dataclass(frozen=True, slots=True)
class Audit:
    """How many evaluations were run again, and one line per difference: none says that all were treated alike."""

    checked: int
    differences: tuple[str, ...]


def audit_decisions(connection: sa.Connection, *, seed: int | None = None) -> Audit:
    """Run every stored evaluation again, in an order drawn from `seed`.

    Looked at are: each stored evaluation against a new run of the same rules on the same inputs; equal inputs
    under equal rules against each other; each automatic offer against the evaluation it rests on; and each
    published version against its digest, since its rules are what is re-run.
    """
    rows = list(connection.execute(evaluations.select()))
    random.Random(seed).shuffle(rows)  # noqa: S311 - an order, not a secret
    seen: dict[str, tuple[str, Any]] = {}
    found = [*_changed_documents(connection), *_baseless_offers(connection)]
    for row in rows:
        found += _rerun(connection, row)
        found += _unlike(row, seen)
    return Audit(len(rows), tuple(sorted(found)))


def _rerun(connection: sa.Connection, row: sa.Row[Any]) -> list[str]:
    procedure = procedure_for(connection, row.offering_id, row.offering_version)
    if procedure.rule_set != row.rule_set:
        return [f"evaluation {row.id}: made under rules {row.rule_set}, published were {procedure.rule_set}"]
    proposal = evaluate(procedure.rule_set, procedure.criteria, Inputs.from_json(row.inputs))
    again = proposal.to_json()
    if again == row.result and proposal.overall == row.overall:
        return []
    return [
        f"evaluation {row.id} of application {row.application_id}: stored {row.overall}, now {proposal.overall}"
    ]


def _unlike(row: sa.Row[Any], seen: dict[str, tuple[str, Any]]) -> list[str]:
    """Equal evidence under equal rules, told apart only by the ids of the pieces, must have equal outcomes."""
    pieces = [{**piece, "id": ""} for piece in row.inputs["evidence"]]
    inputs = {**row.inputs, "evidence": sorted(pieces, key=repr)}
    key = digest_of({"offering": [row.offering_id, row.offering_version], "inputs": inputs})
    outcome = [(result["criterion"], result["outcome"]) for result in row.result["results"]]
    first, expected = seen.setdefault(key, (row.id, outcome))
    return (
        [] if outcome == expected else [f"evaluations {first} and {row.id}: equal evidence, unlike outcomes"]
    )


def _baseless_offers(connection: sa.Connection) -> list[str]:
    statement = (
        sa.select(offers.c.id, evaluations.c.overall, evaluations.c.automatic)
        .join(evaluations, evaluations.c.id == offers.c.evaluation_id)
        .where(offers.c.automatic)
    )
    return [
        f"automatic offer {row.id} rests on an evaluation that says {row.overall}"
        for row in connection.execute(statement)
        if row.overall not in OFFERABLE or not row.automatic
    ]


def _changed_documents(connection: sa.Connection) -> list[str]:
    return [
        f"offering {row.id} version {row.version} is not the document that was published"
        for row in connection.execute(offering_versions.select())
        if digest_of(row.document) != row.digest or row.document["digest"] != row.digest
    ]
