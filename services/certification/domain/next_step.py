"""What is next of one certificate, and by whom (SHR-12)."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.certification.domain.machines import ACCEPTANCE


@dataclass(frozen=True, slots=True)
class Next:
    """`what` is a code; `who` is `learner`, `institution`, `assessment`, `system` or `sources`.

    `whom` names the institutions meant, or the sources of what is missing: services, documents and institutions.
    """

    what: str
    who: str
    whom: tuple[str, ...] = ()


def what_is_next(
    state: str,
    *,
    acceptance: str,
    issuer: str | None,
    missing_from: Iterable[str] = (),
    held: bool = False,
    proposed: bool = False,
) -> Next | None:
    """The next step of a certificate in `state`; None where nothing is left to do.

    `held`: people suspended it, so people lift that. `proposed`: a decision waits for its second person, which is for
    the awarding body to know and not for the holder, since nothing is decided by it.
    """
    issuers = () if issuer is None else (issuer,)
    if proposed:
        return Next("confirm_or_drop_the_proposed_decision", "institution", issuers)
    match state:
        case "draft" | "ready":
            return Next("issue", "system")
        case "incomplete":
            return Next("supply_what_is_missing", "sources", tuple(sorted(set(missing_from))))
        case "issued" if ACCEPTANCE.triggers(acceptance):
            return Next("accept_or_reject", "learner")
        case "suspended":
            by_people = Next("reinstate_or_revoke", "institution", issuers)
            return by_people if held else Next("confirm_the_results_again", "assessment")
        case _:
            return None
