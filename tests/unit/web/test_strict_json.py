"""The JSON loader of the edge: what two parsers could read differently never gets in (ASVS 1.5.3, S10)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.web import strict_json
from shared.web.strict_json import MalformedJsonError, loads

HOSTILE = {
    "5,000 nested arrays": b"[" * 5_000 + b"]" * 5_000,
    "5,000 opening brackets": b"[" * 5_000,
    "100,000 opening braces": b'{"a":' * 100_000,
    "33 levels": b"[" * 33 + b"]" * 33,
    "33 levels of objects": b'{"a":' * 33 + b"1" + b"}" * 33,
    "5,000 digits": b"1" * 5_000,
    "5,000 digits in an object": b'{"a":' + b"9" * 5_000 + b"}",
    "5,000 digits of a fraction": b"0." + b"1" * 5_000,
    "2^63": str(2**63).encode(),
    "-2^63-1": str(-(2**63) - 1).encode(),
    "infinite by exponent": b"1e400",
    "NaN": b"NaN",
    "Infinity": b"-Infinity",
    "duplicate member": b'{"a": 1, "a": 2}',
    "duplicate member by escape": b'{"a": 1, "\\u0061": 2}',
    "duplicate member deep down": b'{"x": [{"a": 1, "a": 1}]}',
    "lone high surrogate": b'{"a": "\\ud800"}',
    "lone low surrogate in a key": b'{"\\udc00": 1}',
    "surrogates in the wrong order": b'["\\udc00\\ud800"]',
    "raw surrogate": b'{"a": "\xed\xa0\x80"}',
    "escaped NUL": b'{"a": "x\\u0000y"}',
    "escaped NUL in a key": b'{"a\\u0000": 1}',
    "raw NUL": b'{"a": "x\x00y"}',
    "raw control character": b'{"a": "x\x01y"}',
    "NUL after the document": b"{}\x00",
    "empty": b"",
    "blank": b"  ",
    "latin-1": '{"a": "é"}'.encode("latin-1"),
    "utf-16": '{"a": 1}'.encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf{}",
    "truncated": b'{"a": ',
    "trailing comma": b"[1,]",
    "comment": b"/* a */ {}",
    "two documents": b"{} {}",
    "single quotes": b"{'a': 1}",
    "leading zero": b"01",
    "plus": b"+1",
    "hexadecimal": b"0x1",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_json_is_refused_with_a_message(data):
    with pytest.raises(MalformedJsonError) as refused:
        loads(data)
    assert 10 < len(str(refused.value)) < 200


def test_what_lies_on_the_bounds_is_taken():
    assert loads(str(2**63 - 1).encode()) == 2**63 - 1
    assert loads(str(-(2**63)).encode()) == -(2**63)
    nested = loads(b"[" * 32 + b"]" * 32)
    assert json.dumps(nested) == "[" * 32 + "]" * 32
    assert loads('{"name": "Ἀθηνᾶ Żółć \\ud83d\\ude00"}'.encode()) == {"name": "Ἀθηνᾶ Żółć 😀"}


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
documents = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(strict_json.MIN_INTEGER, strict_json.MAX_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=5),
    max_leaves=20,
)


@given(documents, st.booleans())
def test_ordinary_documents_are_read_as_every_parser_reads_them(document, ascii_only):
    assert loads(json.dumps(document, ensure_ascii=ascii_only).encode()) == document


@given(st.binary(max_size=200))
def test_any_bytes_are_a_document_or_a_refusal(data):
    try:
        document = loads(data)
    except MalformedJsonError:
        return
    assert json.loads(data) == document


def test_negative_control_the_standard_parser_lets_most_of_it_in():
    """Without our loader these would be read, each in its own way."""
    taken = [
        "duplicate member",
        "lone high surrogate",
        "escaped NUL",
        "NaN",
        "2^63",
        "infinite by exponent",
        "utf-16",
    ]
    for name in taken:
        json.loads(HOSTILE[name])
