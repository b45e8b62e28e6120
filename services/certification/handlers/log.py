"""The job that puts entries into the transparency log and signs a checkpoint over it."""

from typing import Final

from services.certification.domain.merkle import root
from services.certification.domain.transparency import LOG_ISSUER, Checkpoint
from services.certification.formats.multikey import public_key
from services.certification.keys.signing import Signers
from services.certification.store import log
from shared.messaging.jobs import Job, JobContext
from shared.settings import Settings

_AT_ONCE: Final = 500


def log_origin(settings: Settings) -> str:
    """The name of this installation's log, in its checkpoints."""
    return f"{settings.public_host}/certification/log"


def seal_log(signers: Signers, context: JobContext, job: Job) -> None:  # noqa: ARG001 - the shape of a job
    """Job: place what waits and sign a checkpoint in the same transaction, until nothing waits."""
    # Opened first: a first key is made in a transaction of its own.
    signer = signers.active(LOG_ISSUER)
    size: int | None = 0
    while size is not None:
        with context.unit_of_work() as uow:
            size = log.place_waiting(uow, _AT_ONCE)
            if size is not None:
                tree = log.nodes(uow.connection)
                checkpoint = Checkpoint(log_origin(context.settings), size, root(tree, size), uow.now)
                public = public_key(signer.key).public_bytes_raw()
                note = checkpoint.note(public, signer.sign(checkpoint.text.encode()))
                log.put_checkpoint(uow, checkpoint, note)
