"""What every signer does, wherever its keys lie: in the database, encrypted, or in a PKCS#11 module (section 3)."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.certification.formats.did import public_key_of
from services.certification.formats.jws import JwtFaultError, verify_jwt
from services.certification.formats.vc_jwt import sign_jwt
from services.certification.keys.encryption import KeyEncryption
from services.certification.keys.module import ModuleError, ModuleSafe
from services.certification.keys.safes import key_name
from services.certification.keys.signing import NoActiveKeyError, NoModuleError, Vault
from services.certification.store import issuer_keys
from services.certification.store.tables import issuer_keys as table
from services.certification.store.tables import metadata as tables
from shared.db import Database
from shared.messaging.tables import metadata as messaging
from shared.messaging.unit_of_work import Transactions
from tests.support.softhsm import PIN, TOKEN, SoftHsmMissingError, library, new_token
from tests.unit.certification.samples import snapshot

INSTITUTION = "helsinki.fi"
ALGORITHMS = ("EdDSA", "ES256", "RS256")


@pytest.fixture(scope="session")
def hsm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The module of SoftHSM with a new token."""
    pytest.importorskip("PyKCS11", reason="PyKCS11 is not installed (the extra pkcs11)")
    try:
        module = library()
    except SoftHsmMissingError as error:
        pytest.skip(str(error))
    new_token(module, tmp_path_factory.mktemp("softhsm"))
    return module


class Installation:
    """A database whose keys any number of processes may open."""

    def __init__(self, url: str, module: Path | None) -> None:
        self.database = Database(url)
        with self.database.write() as connection:
            messaging.create_all(connection)
            tables.create_all(connection)
        self.transactions = Transactions("certification", self.database)
        self.module = module

    def vault(self) -> Vault:
        """The signers of a process that has just started."""
        module = ModuleSafe(self.module, TOKEN, PIN) if self.module else None
        return Vault(self.transactions, KeyEncryption(bytes(32)), module)

    def rows(self) -> list[Any]:
        with self.database.read() as connection:
            return list(connection.execute(table.select().order_by(table.c.created_at)))


@pytest.fixture(params=["encrypted", "module"])
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    module = request.getfixturevalue("hsm") if request.param == "module" else None
    made = Installation(f"sqlite:///{tmp_path / 'keys.sqlite'}", module)
    yield made
    made.database.dispose()


def holds(public: Any, algorithm: str, sign: Callable[[bytes], bytes], data: bytes = b"data") -> bool:
    """Whether `sign` signs so that anybody with the public key sees it."""
    if isinstance(public, Ed25519PublicKey):
        try:
            public.verify(sign(data), data)
        except InvalidSignature:
            return False
        return True
    try:
        verify_jwt(
            sign_jwt({"issuer": "x", "credentialSubject": {}}, kid="k", sign=sign, algorithm=algorithm),
            public,
        )
    except JwtFaultError:
        return False
    return True


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_first_key_is_made_on_first_need_and_signs(installation: Installation, algorithm: str) -> None:
    signer = installation.vault().active(INSTITUTION, algorithm)
    (row,) = installation.rows()
    assert (row.state, row.algorithm, row.multikey) == ("active", algorithm, signer.key)
    assert holds(signer.public, algorithm, signer.sign)
    with installation.database.read() as connection:
        (key,) = issuer_keys.history(connection, INSTITUTION)
    assert public_key_of(key) == signer.public
    assert key_name(signer.public) == signer.key


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_another_process_signs_with_the_same_key(installation: Installation, algorithm: str) -> None:
    first = installation.vault().active(INSTITUTION, algorithm)
    second = installation.vault().active(INSTITUTION, algorithm)
    assert (second.key, len(installation.rows())) == (first.key, 1)
    assert holds(first.public, algorithm, second.sign)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_many_threads_sign_at_once(installation: Installation, algorithm: str) -> None:
    signer = installation.vault().active(INSTITUTION, algorithm)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: holds(signer.public, algorithm, signer.sign, b"%d" % n), range(60)))
    assert all(found)


@pytest.mark.parametrize("algorithm", ["EdDSA", "RS256"])
def test_the_same_data_gives_the_same_signature(installation: Installation, algorithm: str) -> None:
    signer = installation.vault().active(INSTITUTION, algorithm)
    assert signer.sign(b"data") == signer.sign(b"data") != signer.sign(b"other")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_prepared_key_waits_and_there_is_one_of_it(installation: Installation, algorithm: str) -> None:
    vault = installation.vault()
    active = vault.active(INSTITUTION, algorithm).key
    vault.prepare(INSTITUTION, algorithm, 2048)
    vault.prepare(INSTITUTION, algorithm, 2048)
    assert sorted((row.state, row.multikey == active) for row in installation.rows()) == [
        ("active", True),
        ("pending", False),
    ]
    assert vault.active(INSTITUTION, algorithm).key == active


def test_after_the_only_key_is_lost_no_other_takes_its_place_by_itself(installation: Installation) -> None:
    vault = installation.vault()
    vault.active(INSTITUTION)
    with installation.database.write() as connection:
        connection.execute(table.update().values(state="compromised", compromised_from=table.c.created_at))
    with pytest.raises(NoActiveKeyError):
        vault.active(INSTITUTION)


@pytest.mark.parametrize("bits", [2048, 3072])
def test_an_rsa_key_is_as_long_as_was_asked(installation: Installation, bits: int) -> None:
    installation.vault().prepare(INSTITUTION, "RS256", bits)
    with installation.database.read() as connection:
        (key,) = issuer_keys.history(connection, INSTITUTION)
    assert public_key_of(key).key_size == bits  # type: ignore[union-attr]


def test_one_institution_does_not_sign_with_the_key_of_another(installation: Installation) -> None:
    vault = installation.vault()
    ours, theirs = vault.active(INSTITUTION), vault.active("kuleuven.be")
    assert ours.key != theirs.key
    assert not holds(theirs.public, "EdDSA", ours.sign)


def test_a_whole_certificate_verifies(installation: Installation) -> None:
    from services.certification.formats.openbadges import credential
    from services.certification.formats.proof import add_proof, verify_proof

    signer, taken = installation.vault().active(INSTITUTION), snapshot()
    method = f"{taken.issuer_did}#{signer.key}"
    secured = add_proof(
        credential(taken), created=taken.issued_at, verification_method=method, sign=signer.sign
    )
    assert verify_proof(secured, lambda _method: signer.public)  # type: ignore[arg-type,return-value]


def test_a_key_in_the_module_is_not_in_the_database(hsm: Path, tmp_path: Path) -> None:
    made = Installation(f"sqlite:///{tmp_path / 'keys.sqlite'}", hsm)
    made.vault().active(INSTITUTION)
    (row,) = made.rows()
    assert (bytes(row.wrapped), len(row.module_id)) == (b"", 32)
    without = Installation(f"sqlite:///{tmp_path / 'keys.sqlite'}", None).vault()
    with pytest.raises(NoModuleError, match="PKCS11_MODULE"):
        without.active(INSTITUTION)


def test_keys_made_before_there_was_a_module_go_on_signing(hsm: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'keys.sqlite'}"
    before = Installation(url, None).vault().active(INSTITUTION)
    with_module = Installation(url, hsm)
    after = with_module.vault().active(INSTITUTION)
    assert (after.key, after.sign(b"data")) == (before.key, before.sign(b"data"))
    with_module.vault().prepare(INSTITUTION)
    assert [row.module_id is not None for row in with_module.rows()] == [False, True]


def test_what_an_operator_has_to_mend_is_said(hsm: Path, tmp_path: Path) -> None:
    for module, token, pin, told in (
        (tmp_path / "none.so", TOKEN, PIN, "cannot be used"),
        (hsm, "another", PIN, "no token"),
    ):
        with pytest.raises(ModuleError, match=told):
            ModuleSafe(module, token, pin)
    made = Installation(f"sqlite:///{tmp_path / 'keys.sqlite'}", hsm)
    made.vault().active(INSTITUTION)
    with made.database.write() as connection:
        connection.execute(table.update().values(module_id="00" * 16))
    with pytest.raises(ModuleError, match="does not hold"):
        made.vault().active(INSTITUTION)
