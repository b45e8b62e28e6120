"""veraPDF, the judge of the PDF Association's members: every printed certificate is PDF/A-3a and PDF/UA-1."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from services.certification.domain.snapshot import Snapshot
from services.certification.formats.openbadges import credential
from services.certification.formats.pdf import Attachment, certificate_pdf
from shared.annex1 import Learner
from tests.support.documents import offering
from tests.unit.certification.samples import attended, elements, signed, snapshot
from tests.unit.certification.test_larger import larger
from tests.verifiers.maven import jars

POM = Path(__file__).parent / "verapdf" / "pom.xml"
PROFILES = ("3a", "ua1")
KINDS = ("award", "attendance")
TITLES = {
    "en": "Sustainability",
    "fi": "Kestävyys",
    "el": "Βιωσιμότητα",
    "lt": "Tvarumas",
    "pl": "Zrównoważony rozwój",
    "fr": "Développement durable",
}
PEOPLE = {
    "greek": (Learner("Ελένη", "Παπαδοπούλου", "1990-02-28"), "el"),
    "lithuanian": (Learner("Šarūnė", "Žemaitytė-Kučinskienė", "1988-11-30"), "lt"),
    "polish": (Learner("Łukasz", "Brzęczyszczykiewicz", "1979-01-02"), "pl"),
    "french": (Learner("Zoë", "Lefèvre d'Œuvre", "2001-12-31"), "fr"),
    "ukrainian": (Learner("Юлія", "Щербань", "1995-05-05"), "fi"),
    "arabic": (Learner("محمد", "العربي", "1995-05-05"), "en"),
    "hebrew": (Learner("שרה", "כהן", "1995-05-05"), "fi"),
    "a fallback font": (Learner("Ʃ", "Ʊmə", "1995-05-05"), "en"),
}
# Each of the same length, so that the file's table of contents stays right.
DAMAGE = {
    "no language": (b"/Lang(en)", b"/Lung(en)", {"ua1"}),
    "not marked as tagged": (b"/Marked true", b"/Murked true", {"ua1", "3a"}),
    "no relationship of an attachment": (b"/AFRelationship", b"/AFRalationship", {"3a"}),
    "declared as PDF/A-2": (b"pdfaid:part>3<", b"pdfaid:part>2<", {"3a"}),
    "title not shown": (b"/DisplayDocTitle true", b"/DasplayDocTitle true", {"ua1"}),
}


def printed(taken: Snapshot) -> bytes:
    content = json.dumps(signed(taken), ensure_ascii=False)
    token = f"e30.{credential(taken)['id'][-12:]}.c2ln"
    return certificate_pdf(
        taken,
        [
            Attachment("credential.json", "application/vc+ld+json", "Open Badges 3.0 credential", content),
            Attachment("credential.jwt", "application/vc+jwt", "The same as a signed JWT", token),
            Attachment("european-digital-credential.json", "application/jose+json", "Sealed", content),
        ],
    )


def documents() -> dict[str, bytes]:
    made = {}
    for name, (learner, language) in PEOPLE.items():
        taught = offering(languages=[language], title=TITLES)
        awarded = elements(learner, taught)
        made[f"{name} award"] = printed(snapshot(elements=awarded))
        made[f"{name} attendance"] = printed(snapshot(elements=attended(awarded)))
    made["a larger award"] = printed(larger())
    usual = made["a fallback font award"]
    for name, (old, new, _) in DAMAGE.items():
        assert len(old) == len(new)
        assert old in usual, name
        made[name] = usual.replace(old, new)
    return made


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], list[str]]:
    """The clauses that each document breaks in each profile, by its name; one run of the judge for each profile."""
    java = shutil.which("java")
    if java is None:
        pytest.skip("no Java: veraPDF cannot run")
    folder = tmp_path_factory.mktemp("verapdf")
    names = {}
    for name, content in documents().items():
        file = folder / f"{re.sub(r'[^a-z]', '-', name.lower())}.pdf"
        file.write_bytes(content)
        names[str(file)] = name
    found = {}
    for profile in PROFILES:
        command = [java, "-Xmx384m", "-cp", f"{jars(POM)}/*", "org.verapdf.apps.GreenfieldCliWrapper"]
        ran = subprocess.run(
            [*command, "--format", "json", "--flavour", profile, *names],
            capture_output=True,
            text=True,
            check=False,
        )
        for job in json.loads(ran.stdout)["report"]["jobs"]:
            found[names[job["itemDetails"]["name"]], profile] = broken(job)
    return found


def broken(job: dict) -> list[str]:
    """The clauses of the standard that the document breaks; a document that cannot be judged is a failure."""
    (result,) = job["validationResult"]
    rules = [f"{rule['clause']}: {rule['description']}" for rule in result["details"]["ruleSummaries"]]
    assert result["compliant"] is not bool(rules)
    assert result["details"]["passedChecks"] > 1000
    return rules


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", [f"{name} {kind}" for name in PEOPLE for kind in KINDS])
def test_every_certificate_passes(faults: dict, name: str, profile: str) -> None:
    assert faults[name, profile] == []


@pytest.mark.parametrize("profile", PROFILES)
def test_a_certificate_made_of_others_passes(faults: dict, profile: str) -> None:
    assert faults["a larger award", profile] == []


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_one_does_not(faults: dict, name: str, profile: str) -> None:
    """Each damage is found by the profile that forbids it."""
    assert bool(faults[name, profile]) is (profile in DAMAGE[name][2])
