"""The code on the printed page, read as a telephone reads it: from the picture of the page, by another's reader."""

import pypdfium2
import pytest
import zxingcpp

from services.certification.domain.snapshot import Snapshot
from services.certification.formats.pdf import certificate_pdf
from tests.support.documents import offering
from tests.unit.certification.samples import attended, elements, snapshot

DOTS_PER_INCH = 100
_POINTS_PER_INCH = 72


def codes(content: bytes) -> list[str]:
    """The texts of the QR codes on all pages, as they look in grey at a low resolution."""
    found = []
    with pypdfium2.PdfDocument(content) as document:
        for page in document:
            picture = page.render(scale=DOTS_PER_INCH / _POINTS_PER_INCH, grayscale=True)
            shape = (picture.height, picture.width)
            assert picture.stride == picture.width
            grey = memoryview(bytes(picture.buffer)).cast("B", shape)
            found += [
                code.text for code in zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormat.QRCode)
            ]
            page.close()
    return found


@pytest.mark.parametrize("number", range(12))
def test_every_code_leads_to_the_verification_page(number: int) -> None:
    """Whatever the identifier: the mask of the code is always the same one."""
    taken = snapshot(public_id=f"v{number}{'aZ0_-9xQ'[number % 8] * 21}")
    assert codes(certificate_pdf(taken, ())) == [taken.verify_url]


@pytest.mark.parametrize(
    "taken",
    [
        snapshot(elements=elements(document=offering(languages=["fi"]))),
        snapshot(elements=attended(elements())),
        snapshot(base_url=f"https://{'certificates.' * 8}example.org:8443"),
    ],
    ids=["two pages", "attendance", "a long address"],
)
def test_so_does_that_of_other_documents(taken: Snapshot) -> None:
    assert codes(certificate_pdf(taken, ())) == [taken.verify_url]
