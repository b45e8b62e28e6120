"""The Token Status Lists of an awarding body: published, current, reproducible, renewed (issue 4, sections 2 and 3)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from deploy.demo.wallet import Held, decoded, status_in
from services.certification.domain.wallet import INVALID, SUSPENDED, VALID
from services.certification.formats.did_key import key_from_multikey
from services.certification.formats.token_status import ENTRIES, TTL_SECONDS, signed_list, verified_list
from services.certification.store.issuer_keys import ES256
from services.certification.store.wallet_tables import token_status_lists, wallet_copies
from tests.integration.certification.wallets import SUBJECT, WalletCase
from tests.integration.certification.workshop import PUBLIC_URL


def place(held: Held) -> tuple[str, int]:
    named = decoded(held.jwt.split(".")[1])["status"]["status_list"]
    return named["uri"], named["idx"]


def status(case: WalletCase, held: Held) -> int:
    address, index = place(held)
    return status_in(case.wallet.list_at(address), index)


def decide(case: WalletCase, step: str, body: dict[str, Any], subject: str = "rita") -> Any:
    path = f"/certificates/{case.certificate_id}/{step}"
    answer = case.workshop.post(path, body, "registrar", subject)
    assert answer.status_code == 201, answer.data
    case.workshop.work()
    return answer.get_json()


def test_suspended_reinstated_and_revoked_are_told_apart(case: WalletCase) -> None:
    held = case.copy()
    assert status(case, held) == VALID
    decide(case, "suspension", {"reason_code": "issuing_under_review", "reason": "x"})
    assert status(case, held) == SUSPENDED
    decide(case, "reinstatement", {"reason": "x"})
    assert status(case, held) == VALID
    proposal = {"kind": "revocation", "certificate_id": case.certificate_id}
    made = case.workshop.post(
        "/decisions", {**proposal, "reason_code": "issued_in_error", "reason": "x"}, "registrar", "rita"
    )
    case.workshop.post(
        f"/decisions/{made.get_json()['id']}/confirmation", {"agrees": True}, "registrar", "otto"
    )
    case.workshop.work()
    assert status(case, held) == INVALID


def test_a_replaced_certificate_is_invalid_in_wallets_and_the_new_one_goes_there(case: WalletCase) -> None:
    held = case.copy()
    path = f"/certificates/{case.certificate_id}/replacement"
    asked = case.workshop.post(path, {"reason_code": "name_changed", "reason": "x"}, "learner", SUBJECT)
    assert asked.status_code == 201, asked.data
    case.learner.known(family_name="Γεωργίου")
    case.workshop.deliver(case.workshop.changed(case.learner))
    case.workshop.work()
    assert case.workshop.states() == ["superseded", "issued"]
    assert status(case, held) == INVALID


def test_the_list_is_signed_by_its_issuer_and_says_how_long_it_may_be_kept(case: WalletCase) -> None:
    address, index = place(case.copy())
    answer = case.workshop.get(address.removeprefix(PUBLIC_URL), accept="application/statuslist+jwt")
    assert (answer.status_code, answer.mimetype) == (200, "application/statuslist+jwt")
    assert answer.headers["Cache-Control"] == f"public, max-age={TTL_SECONDS}"
    again = case.workshop.client.get(
        address.removeprefix(PUBLIC_URL), headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304
    key = key_from_multikey(case.workshop.signers.active("helsinki.fi", ES256).key)
    now = case.workshop.clock.now().timestamp()
    listed = verified_list(answer.data.decode(), key, address, now)
    assert listed["bits"] == 2
    assert 0 <= index < ENTRIES
    assert case.workshop.get("/certification/v1/token-status-lists/none").status_code == 404


def test_a_list_is_published_before_any_copy_points_to_it(
    case: WalletCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A verifier that asks at once finds it."""
    seen: list[bool] = []

    def storing(*_: Any) -> None:
        (row,) = case.workshop.rows(token_status_lists)
        seen.append(row.token is not None)
        raise RuntimeError("looked")

    monkeypatch.setattr("services.certification.handlers.wallet_copies._store", storing)
    monkeypatch.setattr(case, "works", False)
    offer = case.wallet.offer(case.offer()["link"])
    issuer = offer["credential_issuer"]
    access = case.wallet.redeem(offer, case.wallet.metadata(issuer, "oauth-authorization-server"))
    nonce = case.wallet._post(f"{issuer}/nonce", b"", {})["c_nonce"]
    proof = case.wallet.proof(issuer, nonce, ec.generate_private_key(ec.SECP256R1()))
    body = {"credential_configuration_id": "learning_credential", "proofs": {"jwt": [proof]}}
    case.wallet._ask(f"{issuer}/credential", access, body)
    case.workshop.work()
    assert seen == [True]


def test_what_the_list_says_is_derived_from_the_register(case: WalletCase) -> None:
    """Lost, it is made again, the same but for its moment."""
    held = case.copy()
    decide(case, "suspension", {"reason_code": "issuing_under_review", "reason": "x"})
    (before,) = case.workshop.rows(token_status_lists)
    with case.workshop.database.write() as connection:
        connection.execute(token_status_lists.update().values(token=None))
    with case.workshop.transactions.begin() as uow:
        uow.schedule("sign_token_status_list", before.id)
    case.workshop.work()
    (after,) = case.workshop.rows(token_status_lists)
    first, second = (decoded(row.token.split(".")[1]) for row in (before, after))
    assert first["status_list"] == second["status_list"]
    assert status(case, held) == SUSPENDED


def test_a_list_is_signed_anew_before_it_is_out_of_date(case: WalletCase) -> None:
    address, _ = place(case.copy())
    for _ in range(3):
        case.workshop.clock.advance(timedelta(hours=13))
        case.workshop.work()
        expires = decoded(case.wallet.list_at(address).split(".")[1])["exp"]
        assert expires - case.workshop.clock.now().timestamp() > 11 * 3600


def test_a_state_that_changes_while_a_list_is_signed_is_published_at_once_all_the_same(
    case: WalletCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signing a list plans its renewal in half a day; that plan never takes the place of what is due now."""
    held = case.copy()

    def suspend() -> None:
        path, body = f"/certificates/{case.certificate_id}/suspension", {"reason": "x"}
        body |= {"reason_code": "issuing_under_review"}
        assert case.workshop.post(path, body, "registrar", "rita").status_code == 201

    sign_while(case, monkeypatch, suspend)
    assert status(case, held) == SUSPENDED


def sign_while(case: WalletCase, monkeypatch: pytest.MonkeyPatch, change: Callable[[], None]) -> None:
    """Have the list signed, with `change` between the reading of what it says and its signature."""
    changes = [change]

    def changed_meanwhile(*args: Any, **options: Any) -> str:
        while changes:
            changes.pop()()
        return signed_list(*args, **options)

    handler = "services.certification.handlers.token_status_lists"
    monkeypatch.setattr(f"{handler}.signed_list", changed_meanwhile)
    (listed,) = case.workshop.rows(token_status_lists)
    with case.workshop.transactions.begin() as uow:
        uow.schedule("sign_token_status_list", listed.id)
    case.workshop.work()
    assert not changes


def prepared_key(case: WalletCase) -> str:
    """A pending key of the issuer."""
    keys = "/issuers/helsinki.fi/keys"
    assert case.workshop.post(keys, {"algorithm": "ES256"}, "administrator", "ada", None).status_code < 300
    case.workshop.work()
    token = case.workshop.token("administrator", None, "ada")
    listed = case.workshop.get(f"/certification/v1{keys}", token).get_json()["items"]
    (pending,) = [key["key"] for key in listed if key["state"] == "pending"]
    return str(pending)


def activate(case: WalletCase, key: str) -> None:
    for person in ("ada", "otto"):
        done = case.workshop.post(f"/keys/{key}/activation", None, "administrator", person, None)
        assert done.status_code < 300, done.data


def test_a_key_that_is_replaced_while_it_signs_a_list_leaves_none_of_its_own(
    case: WalletCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have been replaced because others have it; nobody could verify its list for half a day."""
    address, _ = place(case.copy())
    pending = prepared_key(case)
    sign_while(case, monkeypatch, lambda: activate(case, pending))
    assert decoded(case.wallet.list_at(address).split(".")[0])["kid"].endswith(f"#{pending}")


def test_after_a_rotation_the_lists_are_signed_by_the_new_key_and_copies_still_count(
    case: WalletCase,
) -> None:
    held = case.copy()
    address, _ = place(held)
    old = decoded(case.wallet.list_at(address).split(".")[0])["kid"]
    pending = prepared_key(case)
    activate(case, pending)
    case.workshop.work()
    new = decoded(case.wallet.list_at(address).split(".")[0])["kid"]
    assert new.endswith(f"#{pending}")
    assert new != old
    asked = {"nonce": "n", "audience": "https://employer.example"}
    presented = held.present([], at=case.workshop.clock.now().timestamp(), **asked)
    assert case.verdict(presented, **asked)["verdict"] == "valid"
    assert status(case, held) == VALID


def test_places_are_drawn_at_random_and_a_full_list_is_followed_by_another(
    case: WalletCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = case.wallet.accept(case.offer()["link"], copies=8)
    indexes = [place(held)[1] for held in copies]
    assert sorted(indexes) != list(range(min(indexes), min(indexes) + 8))
    monkeypatch.setattr("services.certification.handlers.wallet_copies.ENTRIES", 16)
    case.copy()
    assert [row.ordinal for row in case.workshop.rows(token_status_lists)] == [1, 2]
    assert len({(row.status_list_id, row.status_index) for row in case.workshop.rows(wallet_copies)}) == 9
