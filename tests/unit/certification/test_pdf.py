"""The PDF: tagged, titled, in its language, with every name as it is written and the credential inside."""

import io
import json
import re
from pathlib import Path

import pytest
from pypdf import PdfReader

from services.certification.formats import pdf
from services.certification.formats.pdf import (
    Attachment,
    UnprintableError,
    certificate_pdf,
    require_printable,
    require_printable_name,
)
from shared.annex1 import Learner
from tests.support.documents import offering
from tests.unit.certification.samples import elements, signed, snapshot

CREDENTIAL = json.dumps(signed(), ensure_ascii=False)
FILES = [
    Attachment("credential.json", "application/vc+ld+json", "The credential", CREDENTIAL),
    Attachment("credential.jwt", "application/vc+jwt", "The credential as a token", "e30.e30.c2ln"),
]

NAMES = [
    ("Ελένη", "Παπαδοπούλου"),
    ("Šarūnė", "Žemaitytė-Kučinskienė"),
    ("Łukasz", "Brzęczyszczykiewicz"),
    ("Zoë", "Lefèvre d'Œuvre"),
    ("Åse", "Þórðardóttir"),
    ("Юлія", "Щербань"),
]


def read(content: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(content))


def text_of(content: bytes) -> str:
    return " ".join(page.extract_text() for page in read(content).pages)


@pytest.mark.parametrize(("given", "family"), NAMES)
def test_names_survive_byte_exactly(given: str, family: str) -> None:
    taken = snapshot(elements=elements(Learner(given, family, "1990-02-28")))
    assert f"{given} {family}" in text_of(certificate_pdf(taken, FILES))


def test_it_says_everything_that_the_certificate_says() -> None:
    text = re.sub(r"\s+", " ", text_of(certificate_pdf(snapshot(), FILES)))
    for words in (
        "Sustainability",
        "born on 1990-02-28",
        "University of Helsinki (FI)",
        "2026-11-03",
        "Assess climate risks of a region",
        "10 ECTS credits, 270 hours",
        "EQF level 7",
        "second cycle of the QF-EHEA",
        "written examination",
        "online",
        "institutional quality assurance, external, ex post: FINEEC, 2025-05-01",
        "unsupervised with identity verification",
        "is not a degree",
        "https://certificates.example.org/verify/wq7c0Yg2hXv1xH9Jb3kZp0aQ",
    ):
        assert words in text, words


def test_it_is_tagged_titled_and_says_its_language() -> None:
    document = read(certificate_pdf(snapshot(), FILES))
    root = document.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert "/StructTreeRoot" in root
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    metadata = document.metadata
    assert metadata is not None
    assert metadata.title == "Sustainability: certificate of Ελένη Παπαδοπούλου"
    assert b"pdfuaid:part>1<" in root["/Metadata"].get_data()
    assert b"pdfaid:part>3<" in root["/Metadata"].get_data()


def test_the_signed_credentials_are_attached_unchanged_as_another_form_of_the_same() -> None:
    """CRT-18: each with its media type and its relationship to the document, named in the catalogue (PDF/A-3)."""
    document = read(certificate_pdf(snapshot(), FILES))
    listed = {each.get_object()["/UF"]: each.get_object() for each in document.trailer["/Root"]["/AF"]}
    assert set(listed) == {file.name for file in FILES} == set(document.attachments)
    for file in FILES:
        embedded = listed[file.name]["/EF"]["/F"]
        assert embedded.get_data().decode() == file.text
        assert embedded["/Subtype"] == f"/{file.media_type}"
        assert listed[file.name]["/AFRelationship"] == "/Alternative"


def test_the_same_snapshot_gives_the_same_bytes() -> None:
    assert certificate_pdf(snapshot(), FILES) == certificate_pdf(snapshot(), FILES)


def test_the_language_of_instruction_stands_above_english() -> None:
    taken = snapshot(elements=elements(document=offering(languages=["fi"])))
    text = text_of(certificate_pdf(taken, FILES))
    assert text.index("Kestävyys") < text.index("Sustainability")
    assert "Helsingin yliopisto" in text


@pytest.mark.parametrize(("name", "sign"), [("漢字", "漢"), ("𓀀", "𓀀")])
def test_a_sign_that_the_font_lacks_is_reported_and_never_left_out(name: str, sign: str) -> None:
    taken = snapshot(elements=elements(Learner(name, "Example", "1990-02-28")))
    for attempt in (lambda: require_printable(taken), lambda: certificate_pdf(taken, FILES)):
        with pytest.raises(UnprintableError, match=sign) as refused:
            attempt()
        assert "Example" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "sign"), [("漢字 Example", "漢"), ("Example 𓀀", "𓀀"), ("สมชาย Example", "ส")]
)
def test_a_name_alone_is_tried_long_before(name: str, sign: str) -> None:
    """CRT-28: and the trial leaves nothing behind for the next document."""
    before = certificate_pdf(snapshot(), FILES)
    with pytest.raises(UnprintableError, match=sign) as refused:
        require_printable_name(name)
    assert "Example" not in str(refused.value)
    assert certificate_pdf(snapshot(), FILES) == before


@pytest.mark.parametrize(("given", "family"), [*NAMES, ("Ʃəre", "Nguyễn-Ṭhạ")])
def test_names_that_can_be_printed_are_never_reported(given: str, family: str) -> None:
    require_printable_name(f"{given} {family}")
    taken = snapshot(elements=elements(Learner(given, family, "1990-02-28")))
    assert f"{given} {family}" in text_of(certificate_pdf(taken, FILES))


def test_usual_names_need_no_trial_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_compile", lambda *_: pytest.fail("a trial run"))
    require_printable(snapshot())


def test_the_font_has_every_sign_that_is_taken_for_granted() -> None:
    usual = [chr(code) for code in range(0x20, 0x3000) if pdf._USUAL.fullmatch(chr(code))]
    assert len(usual) > 450
    certificate_pdf(snapshot(elements=elements(Learner("".join(usual), "", "1990-02-28"))), FILES)


def test_the_template_reads_nothing_but_its_inputs() -> None:
    template = (Path(pdf.__file__).parent / "certificate.typ").read_text(encoding="utf-8")
    assert "datetime.today" not in template
    assert "#import" not in template
