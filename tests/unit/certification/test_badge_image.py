"""Pictures that carry a credential: read back by our reader and by openbadgeslib, and no trap for either."""

import base64
import json
import struct
import zlib
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from openbadgeslib.ob3.verifier import OB3Verifier

from services.certification.domain.snapshot import Snapshot
from services.certification.formats.badge_image import baked_png, baked_svg
from services.certification.formats.typesetting import UndrawableError
from shared.annex1.readers import UnreadableError, baked, opened
from shared.annex1.readers.baked import MOST_BYTES, SIGNATURE, baked_in, baked_in_url
from tests.support.documents import offering
from tests.unit.certification.samples import elements, signed, snapshot

CREDENTIAL = json.dumps(signed(), ensure_ascii=False)
TOKEN = "eyJhbGciOiJFUzI1NiJ9.e30.c2ln"
BAKED = {
    "png": (baked_png, OB3Verifier.extract_token_from_png),
    "svg": (baked_svg, OB3Verifier.extract_token_from_svg),
}


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def titled(title: str) -> Snapshot:
    return snapshot(elements=replace(snapshot().elements, title={"en": title}))


@pytest.mark.parametrize("carried", [CREDENTIAL, TOKEN], ids=["object", "token"])
@pytest.mark.parametrize("kind", BAKED)
def test_what_is_baked_in_is_read_back_unchanged(kind: str, carried: str) -> None:
    bake, extracted = BAKED[kind]
    picture = bake(snapshot(), carried)
    assert baked_in(picture) == extracted(picture) == carried
    assert bake(snapshot(), carried) == picture


def test_text_that_ends_a_section_of_an_svg_stays_text() -> None:
    awkward = json.dumps({"name": "a ]]> b ]]]]> </openbadges:credential> &amp; <script>"})
    picture = baked_svg(titled('Sense & "Sensibility" <i>'), awkward)
    assert baked_in(picture) == OB3Verifier.extract_token_from_svg(picture) == awkward
    root = ET.fromstring(picture)
    assert root.get("aria-label") == 'Micro-credential: Sense & "Sensibility" <i>, University of Helsinki'
    assert root.find(".//{http://www.w3.org/2000/svg}script") is None


def test_text_in_very_many_pieces_is_not_copied_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces: list[str] = []
    monkeypatch.setattr(baked._Svg, "_text", lambda _, text: pieces.append(text))
    lines, entities = "\n" * 50_000, "&lt;" * 50_000
    with pytest.raises(UnreadableError):
        baked_in(f'<c:credential xmlns:c="{baked.NAMESPACE}">{lines}{entities}</c:credential>'.encode())
    assert sum(map(len, pieces)) == 100_000
    assert len(pieces) < 100


def test_the_credential_stands_where_the_standard_says() -> None:
    """Open Badges 3.0, 5.3: one `iTXt` chunk, not compressed; the first element below `svg`."""
    png = baked_png(snapshot(), CREDENTIAL)
    assert png.count(b"iTXt") == 1
    assert b"iTXtopenbadgecredential\0\0\0\0\0{" in png
    first = ET.fromstring(baked_svg(snapshot(), CREDENTIAL))[0]
    assert first.tag == "{https://purl.imsglobal.org/ob/v3p0}credential"


def test_a_picture_says_what_was_awarded_and_nothing_about_the_learner() -> None:
    """Drawn from the offering alone, so that it is drawn once for all learners."""
    eleni = baked_png(snapshot(), TOKEN)
    assert eleni == baked_png(snapshot(public_id="another", issued_at="2026-12-03T09:30:00Z"), TOKEN)
    assert eleni != baked_png(titled("Another course"), TOKEN)
    assert baked_png(snapshot(elements=elements(document=offering(languages=["fi"]))), TOKEN) != eleni


@pytest.mark.parametrize("bake", [baked_png, baked_svg])
def test_a_sign_that_the_font_lacks_is_no_empty_picture(bake) -> None:
    with pytest.raises(UndrawableError, match="font"):
        bake(titled("漢字"), TOKEN)


def test_a_long_title_is_one_picture() -> None:
    assert baked_in(baked_png(titled("Very long words " * 60), TOKEN)) == TOKEN


def test_pictures_of_others_are_read() -> None:
    """Compressed text, and a language and a translated keyword, as other tools write them."""
    packed = b"openbadgecredential\0\1\0en\0Badge\0" + zlib.compress(CREDENTIAL.encode())
    picture = SIGNATURE + chunk(b"IHDR", b"x" * 13) + chunk(b"iTXt", packed) + chunk(b"IEND", b"")
    assert baked_in(picture) == CREDENTIAL
    svg = (
        '<?xml version="1.0"?><s:svg xmlns:s="http://www.w3.org/2000/svg"><s:g>'
        f'<c:credential xmlns:c="https://purl.imsglobal.org/ob/v3p0" verify="{TOKEN}"/></s:g></s:svg>'
    )
    assert baked_in(svg.encode()) == TOKEN


def test_a_picture_can_be_sent_as_an_address() -> None:
    for kind, picture in (
        ("png", baked_png(snapshot(), CREDENTIAL)),
        ("svg+xml", baked_svg(snapshot(), CREDENTIAL)),
    ):
        address = f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"
        assert baked_in_url(address) == CREDENTIAL
        assert opened(address) == ("open_badges_3", json.loads(CREDENTIAL))


BOMB = b"openbadgecredential\0\1\0\0\0" + zlib.compress(b"0" * (MOST_BYTES + 1))
ENTITIES = b'<!DOCTYPE svg [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><svg>&b;</svg>'


@pytest.mark.parametrize(
    "content",
    [
        SIGNATURE,
        SIGNATURE + chunk(b"iTXt", b"openbadges\0\0\0\0\0{}"),
        SIGNATURE + chunk(b"iTXt", b"openbadgecredential\0\0\0"),
        SIGNATURE + chunk(b"iTXt", b"openbadgecredential\0\0\0\0\0\xff"),
        SIGNATURE + chunk(b"iTXt", b"openbadgecredential\0\1\0\0\0garbage"),
        SIGNATURE + chunk(b"iTXt", BOMB),
        SIGNATURE + b"\xff\xff\xff\xffiTXtopenbadgecredential\0\0\0\0\0{}",
        baked_png(snapshot(), TOKEN).replace(b"c2ln", b"c2lo"),
        b"<svg",
        b"<svg/>",
        ENTITIES,
        b'<svg xmlns:o="http://openbadges.org"><o:assertion verify="a.b.c"/></svg>',
        b'<svg xmlns:o="https://purl.imsglobal.org/ob/v3p0"><o:credential/></svg>',
    ],
)
def test_pictures_without_a_credential_or_with_a_trap_are_unreadable(content: bytes) -> None:
    with pytest.raises(UnreadableError):
        baked_in(content)


@pytest.mark.parametrize(
    "address", ["data:image/gif;base64,aa", "data:image/png;base64,?", "data:image/png,aa"]
)
def test_other_addresses_are_unreadable(address: str) -> None:
    with pytest.raises(UnreadableError):
        opened(address)
