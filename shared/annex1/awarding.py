"""Element 4 against an agreement: all awarding bodies of its list are named and nobody else (CRT-40)."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import unquote, urlsplit

from shared.annex1.findings import Finding
from shared.annex1.reading import StatedBody
from shared.annex1.values import is_readable


def differences(stated: Sequence[StatedBody], agreed: Iterable[str], place: str) -> Iterator[Finding]:
    """What `stated` lacks of `agreed`, and has too much; nothing where no list is given.

    A body of the list is given by name or by id, in any case of letters. An id is compared with identifiers, with the
    last part of a DID and with the host of an address.
    """
    listed = {_folded(entry): entry for entry in agreed}
    if not listed:
        return
    known = [(body, _known_as(body)) for body in stated]
    for folded, entry in listed.items():
        if not any(folded in names for _, names in known):
            yield Finding(4, "missing", f"{entry} awards by the agreement but is not named", place)
    for body, names in known:
        if names.isdisjoint(listed):
            name = next((name for name in body.names if is_readable(name)), "a body without a name")
            reason = f"{name} is named but does not award by the agreement"
            yield Finding(4, "malformed", reason, body.pointer)


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _known_as(body: StatedBody) -> frozenset[str]:
    names = [name for name in body.names if isinstance(name, str)]
    for identifier in body.identifiers:
        names.append(identifier)
        names.append(_last_part(identifier) if identifier.startswith("did:") else _host(identifier))
    return frozenset(folded for name in names if (folded := _folded(name)))


def _last_part(did: str) -> str:
    return unquote(did.partition("#")[0].rpartition(":")[2])


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
