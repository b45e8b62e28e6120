"""The claims of the SD-JWT VC are those of its type, and disclosed as the type says."""

import json

import pytest

from services.certification.formats.sd_jwt_claims import ALWAYS_OPEN, claims
from shared.annex1 import ATTENDANCE
from tests.unit.annex1.credentials import (
    REFERENCE,
    VARIANTS,
    with_elements,
)

TYPE_METADATA = REFERENCE / "eudi" / "learning_credential.vct.json"
needs_reference = pytest.mark.skipif(not REFERENCE.exists(), reason="no reference data")


@needs_reference
@pytest.mark.parametrize("variant", VARIANTS)
def test_our_claims_are_those_of_the_type_and_disclosed_as_it_says(variant: str) -> None:
    described = json.loads(TYPE_METADATA.read_text(encoding="utf-8"))["claims"]
    made = claims(VARIANTS[variant]())
    of_signing = {"iat", "exp", "iss", "cnf"}
    for claim in described:
        name = claim["path"][0]
        if claim["mandatory"] and name not in of_signing:
            assert name in made
        if len(claim["path"]) == 1 and name not in of_signing and name != "date_of_expiry":
            assert (name in ALWAYS_OPEN) == (claim["sd"] == "never"), name


def test_attendance_has_no_learning_credential() -> None:
    with pytest.raises(ValueError, match="attendance"):
        claims(with_elements(document_type=ATTENDANCE))
