"""Find the mandatory elements in a finished credential, by name: a rendering that lost one is never signed.

It reads the credential as any stranger would, not the snapshot it was made from.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from shared.annex1 import ELEMENTS_OF, MICRO_CREDENTIAL

Node = Mapping[str, Any]


def missing_elements(credential: Node, document_type: str = MICRO_CREDENTIAL) -> tuple[int, ...]:
    """The numbers of the elements of `document_type` that an Open Badges 3.0 credential does not show."""
    return tuple(number for number in sorted(ELEMENTS_OF[document_type]) if not _LOOKS[number](credential))


def _nodes(value: Any) -> list[Node]:
    found = value if isinstance(value, list) else [value]
    return [node for node in found if isinstance(node, dict)]


def _at(credential: Node, *path: str) -> list[Node]:
    nodes = [credential]
    for member in path:
        nodes = [child for node in nodes for child in _nodes(node.get(member))]
    return nodes


def _aligned(credential: Node, *kinds: str) -> bool:
    wanted = {f"ext:{kind}" for kind in kinds}
    return any(
        alignment.get("targetType") in wanted and alignment.get("targetName") and alignment.get("targetUrl")
        for alignment in _at(credential, "credentialSubject", "achievement", "alignment")
    )


def _text(nodes: Iterable[Node], member: str) -> bool:
    return any(isinstance(node.get(member), str) and node[member].strip() for node in nodes)


def _learner(credential: Node) -> bool:
    identities = {
        identity.get("identityType"): identity.get("identityHash")
        for identity in _at(credential, "credentialSubject", "identifier")
        if identity.get("hashed") is False
    }
    return bool(identities.get("name")) and bool(
        identities.get("ext:dateOfBirth") or identities.get("identifier")
    )


def _awarding_body(credential: Node) -> bool:
    return _text(_at(credential, "issuer"), "name") or _aligned(credential, "AwardingBody")


def _workload(credential: Node) -> bool:
    hours = any(
        description.get("resultType") == "ext:WorkloadHours"
        for description in _at(credential, "credentialSubject", "achievement", "resultDescription")
    )
    credited = any(
        isinstance(subject.get("creditsEarned"), int | float)
        for subject in _at(credential, "credentialSubject")
    )
    return hours or credited


_LOOKS: Mapping[int, Callable[[Node], bool]] = MappingProxyType(
    {
        1: _learner,
        2: lambda credential: _text(_at(credential, "credentialSubject", "achievement"), "name"),
        3: lambda credential: _text(_at(credential, "issuer", "address"), "addressCountryCode"),
        4: _awarding_body,
        5: lambda credential: _text([credential], "validFrom"),
        6: lambda credential: _aligned(credential, "LearningOutcome"),
        7: _workload,
        8: lambda credential: _aligned(credential, "EQF", "QFEHEA", "ISCED2011"),
        9: lambda credential: _aligned(credential, "AssessmentType"),
        10: lambda credential: _aligned(credential, "LearningMode"),
        11: lambda credential: _aligned(credential, "QualityAssurance"),
    }
)
