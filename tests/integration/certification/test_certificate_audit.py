"""An audit by other code than the one that issues verifies every certificate, and names those that do not hold."""

import hashlib
import json
from typing import Any

import pytest
from click.testing import CliRunner

from services.certification.formats import canonical
from services.certification.handlers.certificate_audit import CertificateAudit, audit_certificates
from services.certification.store.tables import issuer_keys, renderings
from services.cli import main
from tests.integration.certification.test_keys import rotate, token_of
from tests.integration.certification.workshop import Workshop


def audit(workshop: Workshop) -> CertificateAudit:
    with workshop.database.read() as connection:
        return audit_certificates(connection, workshop.clock.now())


@pytest.fixture
def issued(workshop: Workshop) -> Workshop:
    """Certificates signed before and after rotations, by ES256 and by RS256."""
    token_of(workshop, 1)
    rotate(workshop)
    rotate(workshop, "RS256")
    token_of(workshop, 2)
    return workshop


def test_every_certificate_verifies_after_any_rotation(issued: Workshop) -> None:
    assert audit(issued) == CertificateAudit(4, ())


def change(workshop: Workshop, format_: str, **values: Any) -> None:
    with workshop.database.write() as connection:
        connection.execute(renderings.update().where(renderings.c.format == format_).values(**values))


def test_what_was_changed_in_the_database_is_named(issued: Workshop) -> None:
    row = next(each for each in issued.rows(renderings) if each.format == "open_badges_3")
    content = json.dumps({**json.loads(row.content), "name": "Brain surgery"}).encode()
    change(issued, "open_badges_3", content=content)
    findings = audit(issued).findings
    assert len(findings) == 2
    assert all("another digest" in finding for finding in findings)
    change(issued, "open_badges_3", sha256=hashlib.sha256(content).hexdigest())
    findings = audit(issued).findings
    assert len(findings) == 2
    assert all("differs from what was signed" in finding for finding in findings)


def test_a_key_of_somebody_else_is_named(issued: Workshop) -> None:
    with issued.database.write() as connection:
        connection.execute(issuer_keys.update().values(institution="kuleuven.be", state="retired"))
    assert len(audit(issued).findings) == 4


def test_a_direct_form_that_nobody_else_computes_is_seen(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: were the direct way wrong, issuing would not see it, and this audit would."""
    original = canonical.statements

    def wrong(document: Any) -> Any:
        found = original(document)
        found.ground.discard(min(found.ground, default=""))
        return found

    monkeypatch.setattr(canonical, "statements", wrong)
    token_of(workshop, 1)
    (finding,) = audit(workshop).findings
    assert "open_badges_3): the document differs" in finding


def test_the_command_says_what_it_found(issued: Workshop) -> None:
    variables = {
        "CERTIFICATION_DATABASE_URL": issued.settings.database_url("certification"),
        "PASSERELLE_HOME": str(issued.settings.home),
    }
    done = CliRunner().invoke(main, ["audit", "certificates"], env=variables)
    assert (done.exit_code, "4 signed forms verified again, 0 findings" in done.output) == (0, True), (
        done.output
    )
    change(issued, "open_badges_3_jwt", sha256="0" * 64)
    assert CliRunner().invoke(main, ["audit", "certificates"], env=variables).exit_code == 1
