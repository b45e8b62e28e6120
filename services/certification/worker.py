"""Composition root of the event side of certification."""

from functools import partial

from services.certification.domain.recognition import Examination
from services.certification.handlers.aside import Aside
from services.certification.handlers.documents import keep_documents
from services.certification.handlers.issuer_keys import PREPARE_KEY, prepare_key
from services.certification.handlers.issuing import issue
from services.certification.handlers.log import seal_log
from services.certification.handlers.presented_examination import examine_presented
from services.certification.handlers.proposing import follow_recognitions, remind
from services.certification.handlers.reactions import CONSUMES, REACTIONS
from services.certification.handlers.recognition_keeping import EXAMINE, OVERDUE, STATE
from services.certification.handlers.saving import (
    FOLLOW_RECOGNITIONS,
    ISSUE,
    KEEP_DOCUMENTS,
    LOOK_FOR_STACKS,
    SIGN_COPIES_STATUS,
    SIGN_STATUS_LIST,
)
from services.certification.handlers.stacking import KEEP_RULES, keep_rules, look_for_stacks
from services.certification.handlers.stating import state_recognition
from services.certification.handlers.status_lists import sign_status_list
from services.certification.handlers.token_status_lists import sign_token_status_list
from services.certification.handlers.wallet_copies import SIGN_COPIES, forget, sign_copies
from services.certification.handlers.wallet_offers import FORGET
from services.certification.keys.encryption import load_key_encryption
from services.certification.keys.module import load_module
from services.certification.keys.seals import Seals, load_seals
from services.certification.keys.signing import Signers, Vault
from services.certification.store.log import SEAL_LOG
from shared.db import Database
from shared.fetch import Fetcher
from shared.messaging.jobs import JobHandler
from shared.messaging.log import open_event_log
from shared.messaging.unit_of_work import Transactions
from shared.messaging.worker import Worker
from shared.settings import Settings


def create_worker(settings: Settings) -> Worker:
    """The relay, consumer and jobs of this service; nothing runs until it is started."""
    database = Database(settings.database_url("certification"))
    vault = Vault(
        Transactions("certification", database), load_key_encryption(settings), load_module(settings)
    )
    return Worker(
        settings,
        "certification",
        database,
        open_event_log(settings),
        consumes=CONSUMES,
        reactions=REACTIONS,
        jobs=jobs(vault, load_seals(settings), Fetcher(settings.fetch_private_networks)),
    )


def jobs(
    signers: Signers,
    seals: Seals | None = None,
    fetcher: Fetcher | None = None,
    aside: Aside[Examination] | None = None,
) -> dict[str, JobHandler]:
    """The jobs by kind: to sign they have `signers`, to seal `seals`, to look up `fetcher`, and `aside` to wait."""
    return {
        ISSUE: partial(issue, signers, seals),
        SIGN_STATUS_LIST: partial(sign_status_list, signers),
        SIGN_COPIES_STATUS: partial(sign_token_status_list, signers),
        SIGN_COPIES: partial(sign_copies, signers),
        FORGET: forget,
        PREPARE_KEY: partial(prepare_key, signers),
        SEAL_LOG: partial(seal_log, signers),
        KEEP_DOCUMENTS: keep_documents,
        FOLLOW_RECOGNITIONS: follow_recognitions,
        OVERDUE: remind,
        EXAMINE: partial(examine_presented, aside or Aside(), seals, fetcher or Fetcher()),
        STATE: partial(state_recognition, signers),
        KEEP_RULES: keep_rules,
        LOOK_FOR_STACKS: look_for_stacks,
    }
