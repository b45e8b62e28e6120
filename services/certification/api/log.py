"""Routes of the transparency log, for anybody: checkpoints, leaves, and proofs of inclusion and consistency."""

from typing import Any, Final

from marshmallow import fields, validate
from sqlalchemy import Connection

from services.certification.domain.merkle import consistency_path, inclusion_path
from services.certification.domain.transparency import LOG_ISSUER, verifier_key
from services.certification.formats.multikey import public_key
from services.certification.handlers.log import log_origin
from services.certification.store import issuer_keys, log
from shared.domain import InvalidError, NotFoundError, Pointer
from shared.web import Blueprint, Schema, policy
from shared.web.runtime import runtime

blueprint: Final = Blueprint(
    "log",
    __name__,
    url_prefix="/certification/v1/log",
    description="The append-only log of issuances, changes of status and keys",
)
_MOST_LEAVES: Final = 200
_LARGEST: Final = 2**53
_SIZE: Final = validate.Range(min=1, max=_LARGEST)


class CheckpointSchema(Schema):
    size = fields.Integer()
    root = fields.String(metadata={"description": "Hexadecimal"})
    at = fields.DateTime()
    note = fields.String(metadata={"description": "The signed note (C2SP tlog-checkpoint)"})
    keys = fields.List(fields.String(), metadata={"description": "The log's verifier keys, the oldest first"})


class LeavesQuerySchema(Schema):
    start = fields.Integer(load_default=0, validate=validate.Range(min=0, max=_LARGEST))
    limit = fields.Integer(load_default=100, validate=validate.Range(min=1, max=_MOST_LEAVES))


class LeavesSchema(Schema):
    start = fields.Integer()
    leaves = fields.List(fields.String())


class InclusionQuerySchema(Schema):
    leaf = fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}$"))
    size = fields.Integer(validate=_SIZE)


class InclusionSchema(Schema):
    leaf = fields.String()
    index = fields.Integer()
    size = fields.Integer()
    path = fields.List(fields.String())


class ConsistencyQuerySchema(Schema):
    first = fields.Integer(required=True, validate=_SIZE)
    second = fields.Integer(required=True, validate=_SIZE)


class ConsistencySchema(Schema):
    first = fields.Integer()
    second = fields.Integer()
    path = fields.List(fields.String())


@blueprint.route("/checkpoint")
@policy.public
@blueprint.query(CheckpointSchema)
def read_checkpoint(connection: Connection) -> dict[str, Any]:
    """Read the latest signed checkpoint; keep it, and ask for a proof of consistency with it later."""
    row = log.latest(connection)
    if row is None:
        raise NotFoundError("Nothing stands in the log yet.")
    origin = log_origin(runtime().settings)
    known = issuer_keys.in_states(connection, LOG_ISSUER, issuer_keys.SIGNED)
    keys = [verifier_key(origin, public_key(key).public_bytes_raw()) for key in known]
    return {**row._mapping, "keys": keys}  # noqa: SLF001 - SQLAlchemy's public name


@blueprint.route("/leaves")
@policy.public
@blueprint.arguments(LeavesQuerySchema, location="query")
@blueprint.query(LeavesSchema)
def read_leaves(connection: Connection, query: dict[str, Any]) -> dict[str, Any]:
    """Read the leaves in their order; each is a salted hash that says nothing by itself."""
    return {"start": query["start"], "leaves": log.leaves(connection, query["start"], query["limit"])}


@blueprint.route("/inclusion-proofs")
@policy.public
@blueprint.arguments(InclusionQuerySchema, location="query")
@blueprint.query(InclusionSchema)
def prove_inclusion(connection: Connection, query: dict[str, Any]) -> dict[str, Any]:
    """Prove that a leaf is in the log, by the latest checkpoint or by an earlier size."""
    size = _covered(connection, query.get("size"), "/size")
    index = log.position_of(connection, query["leaf"])
    if index is None or index >= size:
        raise NotFoundError(f"The first {size} entries have no such leaf.")
    path = inclusion_path(log.nodes(connection), index, size)
    return {"leaf": query["leaf"], "index": index, "size": size, "path": [hash_.hex() for hash_ in path]}


@blueprint.route("/consistency-proofs")
@policy.public
@blueprint.arguments(ConsistencyQuerySchema, location="query")
@blueprint.query(ConsistencySchema)
def prove_consistency(connection: Connection, query: dict[str, Any]) -> dict[str, Any]:
    """Prove that the log of an earlier size is the beginning of the log of a later one."""
    first, second = query["first"], _covered(connection, query["second"], "/second")
    if first > second:
        raise InvalidError(
            "The first size is the smaller one.", pointers=[Pointer("/first", "swap the sizes")]
        )
    path = consistency_path(log.nodes(connection), first, second)
    return {"first": first, "second": second, "path": [hash_.hex() for hash_ in path]}


def _covered(connection: Connection, size: int | None, pointer: str) -> int:
    latest = log.latest(connection)
    if latest is None:
        raise NotFoundError("Nothing stands in the log yet.")
    if size is not None and size > latest.size:
        raise InvalidError(
            f"The log has {latest.size} entries.", pointers=[Pointer(pointer, f"at most {latest.size}")]
        )
    return size or int(latest.size)
