"""Pictures that carry a credential, at the public door: the verdict is the credential's."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from services.certification.domain.snapshot import Snapshot
from services.certification.formats.badge_image import baked_png, baked_svg
from services.certification.store.tables import certificates, renderings
from shared.annex1.readers.baked import baked_in
from tests.integration.certification.workshop import Workshop


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: what is read of a certificate is tried on both databases elsewhere."""
    return f"sqlite:///{tmp_path / 'database.sqlite'}"


@pytest.fixture
def certificate(workshop: Workshop) -> Any:
    workshop.deliver(*workshop.learner().usual())
    workshop.work()
    (row,) = workshop.rows(certificates)
    return row


def address(media_type: str, picture: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(picture).decode()}"


def verdict(workshop: Workshop, presented: str) -> dict[str, Any]:
    answer = workshop.client.post("/certification/v1/verifications", json={"credential": presented})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    body: dict[str, Any] = answer.get_json()
    return body


@pytest.mark.parametrize("media_type", ["image/png", "image/svg+xml"])
def test_a_picture_is_as_valid_as_the_credential_in_it(
    workshop: Workshop, certificate: Any, media_type: str
) -> None:
    token = workshop.token("registrar", "helsinki.fi")
    path = f"/certification/v1/certificates/{certificate.id}"
    picture = workshop.get(path, token, media_type)
    assert picture.headers["Cache-Control"] == "private, no-cache"
    assert verdict(workshop, address(media_type, picture.data))["verdict"] == "valid"
    credential = json.loads(baked_in(picture.data)) | {"name": "Brain surgery"}
    bake = baked_png if media_type == "image/png" else baked_svg
    forged = bake(Snapshot.from_json(certificate.snapshot), json.dumps(credential))
    found = verdict(workshop, address(media_type, forged))
    assert found["verdict"] == "not_valid"
    assert found["shown"] is None


def test_a_picture_may_carry_a_token(workshop: Workshop, certificate: Any) -> None:
    token = next(
        row.content for row in workshop.rows(renderings) if row.format == "open_badges_3_jwt"
    ).decode()
    for bake, media_type in ((baked_png, "image/png"), (baked_svg, "image/svg+xml")):
        picture = bake(Snapshot.from_json(certificate.snapshot), token)
        assert verdict(workshop, address(media_type, picture))["verdict"] == "valid"


@pytest.mark.parametrize(
    "presented",
    [
        "data:image/png;base64,",
        "data:image/png;base64,!",
        "data:image/gif;base64,R0lGODlhAQABAAAAACw=",
        address("image/svg+xml", b"<svg/>"),
        address("image/svg+xml", b'<!DOCTYPE svg [<!ENTITY a "a">]><svg>&a;</svg>'),
        address(
            "image/svg+xml",
            b'<o:credential xmlns:o="https://purl.imsglobal.org/ob/v3p0">{"a": 1, "a": 2}</o:credential>',
        ),
    ],
)
def test_another_picture_is_refused_at_the_member(workshop: Workshop, presented: str) -> None:
    answer = workshop.client.post("/certification/v1/verifications", json={"credential": presented})
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "#/credential"
