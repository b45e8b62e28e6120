"""What the status lists that a credential names say of it, wherever such a list comes from."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from services.certification.domain.verdict import Finding, Outcome
from services.certification.formats.vc_status import REFUSING, StatusListError, bits_of, is_entry, value_at

Document = Mapping[str, Any]

ListOf = Callable[[Document], Document]
"""The verified list that an entry points to; raises StatusListError where it cannot be had, or does not hold."""

MOST: Final = 4
"""Lists that are looked up for one credential."""


def status_findings(credential: Document, list_of: ListOf) -> Iterator[Finding]:
    """A finding about each status entry of the well-formed `credential`; one where it has none."""
    entries = credential.get("credentialStatus", [])
    entries = entries if isinstance(entries, list) else [entries]
    if not entries:
        yield Finding("status", "passed", "It names no status list: its issuer cannot withdraw it.")
    if len(entries) > MOST:
        yield Finding("status", "unchecked", "It names more status lists than are looked up.")
        return
    for entry in entries:
        yield _entry(entry, list_of)


def _entry(entry: Document, list_of: ListOf) -> Finding:
    if not is_entry(entry):
        told = "It has a status of a kind that is not known here."
        return Finding("status", "unchecked", told, "STATUS_VERIFICATION_ERROR")
    try:
        bits = bits_of(list_of(entry), entry["statusPurpose"])
        value = value_at(bits, entry)
    except StatusListError as error:
        outcome: Outcome = "unchecked" if error.code == "STATUS_RETRIEVAL_ERROR" else "failed"
        return Finding("status", outcome, f"Its status is not known: {error}.", error.code)
    if value and entry["statusPurpose"] in REFUSING:
        told = f"Its issuer has withdrawn it: the bit for {entry['statusPurpose']} is set."
        return Finding("status", "failed", told, "STATUS_VERIFICATION_ERROR")
    if value:
        told = f"Its status list says {value} for {entry['statusPurpose'][:60]}."
        return Finding("status", "remark", told)
    return Finding("status", "passed", f"Its status list does not say {entry['statusPurpose'][:60]}.")
