"""Documents of the contexts that we issue in, by Hypothesis: any types, terms and values that these define."""

from typing import Any

from hypothesis import strategies as st

from services.certification.formats.contexts import BADGE_CONTEXTS, known_types
from services.certification.formats.terms import Term, terms_of, terms_within

TYPES = sorted(name for name in known_types() if name in terms_of(BADGE_CONTEXTS))
TEXT = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\u2028\u2029\ufffe\uffff"), max_size=12
) | st.sampled_from(["a", "b", "\\n", '"', "line\nline", "ὀδύσσεια", "\U0001f393", ""])
IDENTIFIERS = st.sampled_from(
    ["urn:uuid:1", "https://example.org/ä#x", "did:web:a.example:b#c"]
) | st.integers(0, 30).map("urn:x:{}".format)
NUMBERS = (
    st.integers(-(10**6), 10**6)
    | st.booleans()
    | st.floats(-(10**6), 10**6).map(lambda value: round(value, 3))
)
VOCABULARY = ("assertionMethod", "authentication", "Result", "Alignment", "Profile")


def _values(term: Term, inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    if term.coercion == "@vocab":
        return st.sampled_from([name for name in VOCABULARY if name in term.scoped] or ["Result"])
    if term.coercion == "@id":
        return IDENTIFIERS | inner
    plain = IDENTIFIERS if term.identifies else TEXT
    if term.coercion is not None:
        return plain | st.integers(0, 100)
    return plain | inner if term.scoped == {} else plain


@st.composite
def _nodes(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> dict[str, Any]:
    types = draw(st.lists(st.sampled_from(TYPES), max_size=2, unique=True))
    node: dict[str, Any] = {"type": types} if types else {}
    if draw(st.booleans()):
        node["id"] = draw(IDENTIFIERS)
    terms = dict(terms_within(BADGE_CONTEXTS, ())[1])
    for each in types:
        terms |= terms_within(BADGE_CONTEXTS, (each,))[1]
    for name in draw(st.lists(st.sampled_from(sorted(terms)), max_size=4, unique=True)):
        values = st.lists(_values(terms[name], inner), min_size=1, max_size=3)
        node[name] = draw(_values(terms[name], inner) | values)
    return node


LEAVES = st.fixed_dictionaries({}, optional={"id": IDENTIFIERS, "type": st.sampled_from(TYPES)})
NODES = st.recursive(LEAVES, _nodes, max_leaves=12)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A document with blank nodes, shared nodes, numbers and texts of all kinds; not a sensible credential."""
    return {"@context": list(BADGE_CONTEXTS), **draw(_nodes(NODES))}
