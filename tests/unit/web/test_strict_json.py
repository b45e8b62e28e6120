"""The JSON loader of the edge: what two parsers could read differently never gets in (ASVS 1.5.3, S10)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.web import strict_json
from shared.web.strict_json import MalformedJsonError, loads
from tests.support.hostile import DOCUMENTS


@pytest.mark.parametrize("data", DOCUMENTS.values(), ids=DOCUMENTS.keys())
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
        json.loads(DOCUMENTS[name])
