"""The kinds of refusal: what each means and what a client does about it. Their pages show these texts."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from shared.domain import DomainError


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One kind of refusal: what it means and what the client does about it."""

    slug: str
    status: int
    title: str
    meaning: str
    remedy: str


_TYPES: Final = (
    ProblemType(
        "malformed-request",
        400,
        "Malformed request",
        "The request cannot be read: its body, its address or one of its headers breaks the rules of HTTP or JSON.",
        "Read the detail, correct the request and send it again.",
    ),
    ProblemType(
        "malformed-json",
        400,
        "Malformed JSON",
        "The body is not JSON in UTF-8 that every parser reads alike: it may be cut off, nested deeper than 32 "
        "levels, have a member twice, an integer beyond 64 bits, a NUL character or half of a surrogate pair.",
        "Correct the body at the place that the detail names.",
    ),
    ProblemType(
        "invalid-cursor",
        400,
        "Invalid page",
        "The cursor is not one that this list gave out with these filters, or the limit is outside its bounds.",
        "Start again without 'after', and follow the Link header with rel=next.",
    ),
    ProblemType(
        "unauthenticated",
        401,
        "Not signed in",
        "There is no access token, or it does not count here: expired, of another issuer or for another audience.",
        "Get a new access token and send it as 'Authorization: Bearer ...'.",
    ),
    ProblemType(
        "forbidden",
        403,
        "Not allowed",
        "The token is valid, but none of its roles may do this. Roles of an institution count only with one.",
        "Ask with the account of the role that the detail names.",
    ),
    ProblemType(
        "not-found",
        404,
        "Not found",
        "There is no such resource, or it is not yours to see; both look the same from outside.",
        "Check the address. Identifiers are case-sensitive.",
    ),
    ProblemType(
        "method-not-allowed",
        405,
        "Method not allowed",
        "The resource exists but does not know this method.",
        "Use one of the methods in the Allow header.",
    ),
    ProblemType(
        "conflict",
        409,
        "Conflict with the present state",
        "The request is well formed, but the present state of things does not allow it.",
        "Read the resource again; the detail says what stands in the way.",
    ),
    ProblemType(
        "illegal-transition",
        409,
        "This step is not possible in the present state",
        "The case is in a state from which this step does not lead on.",
        "The detail names the steps that are possible now.",
    ),
    ProblemType(
        "busy",
        409,
        "Somebody else is changing this",
        "Others changed the same thing again and again while this request was being carried out. Nothing was done.",
        "Send the same request again after the seconds in the Retry-After header.",
    ),
    ProblemType(
        "precondition-failed",
        412,
        "The resource has changed",
        "The version in If-Match is not the present one: somebody changed the resource since it was read.",
        "Read it again, look at the changes, and send the request with the new ETag.",
    ),
    ProblemType(
        "too-large",
        413,
        "Too large",
        "The body is larger than this route takes: 64 KiB unless its documentation says otherwise.",
        "Send less; send documents by reference.",
    ),
    ProblemType(
        "unsupported-media-type",
        415,
        "Unsupported media type",
        "The Content-Type is missing or is none that this route reads.",
        "Send JSON as 'application/json', a merge patch as 'application/merge-patch+json'.",
    ),
    ProblemType(
        "invalid-input",
        422,
        "The input breaks a rule",
        "The request can be read, but members of it are missing, unknown, of the wrong kind or break a rule.",
        "Each entry of 'errors' points at a member and says what to do about it.",
    ),
    ProblemType(
        "idempotency-key-reused",
        422,
        "Idempotency key used for something else",
        "This key came before with another body or other parameters; the first request is not repeated.",
        "Use a new key for a new request, the same key only to repeat the same one.",
    ),
    ProblemType(
        "precondition-required",
        428,
        "If-Match is missing",
        "A change needs the version it is meant for, so that nobody overwrites what somebody else just wrote.",
        "Read the resource and send its ETag in the If-Match header.",
    ),
    ProblemType(
        "internal-error",
        500,
        "A fault of ours",
        "Something went wrong that the request is not to blame for. It is in our log under the correlation id.",
        "Try again later; with the same Idempotency-Key nothing happens twice.",
    ),
    ProblemType(
        "unavailable",
        503,
        "Temporarily unavailable",
        "Something that this needs is away for the moment. Nothing was done.",
        "Send the same request again after the seconds in the Retry-After header.",
    ),
    ProblemType(
        "storage-full",
        507,
        "No space left",
        "The service cannot write at present. Nothing was done; reading goes on.",
        "Tell the operator; send the same request again later.",
    ),
)
BY_SLUG: Final = {kind.slug: kind for kind in _TYPES}
_BY_STATUS: Final = {kind.status: kind for kind in reversed(_TYPES)}


def problem_types() -> dict[str, ProblemType]:
    """Every problem type by slug: those of the edge, one per HTTP status, and the domain errors of the services."""
    general = (of_status(status) for status in HTTPStatus if status >= HTTPStatus.BAD_REQUEST)
    theirs = (_of_error(error) for error in _subclasses(DomainError))
    return {kind.slug: kind for kind in (*general, *theirs, *_TYPES)}


def of_status(status: int) -> ProblemType:
    """The general problem type of an HTTP status."""
    if known := _BY_STATUS.get(status):
        return known
    phrase = HTTPStatus(status)
    return ProblemType(
        phrase.phrase.lower().replace(" ", "-").replace("'", ""),
        status,
        phrase.phrase,
        phrase.description or phrase.phrase,
        "Correct the request and send it again.",
    )


def _of_error(error: type[DomainError]) -> ProblemType:
    general = of_status(error.status)
    meaning = (error.__doc__ or "").strip().partition("\n\n")[0] if "__doc__" in vars(error) else ""
    return ProblemType(error.slug, error.status, error.title, meaning or general.meaning, general.remedy)


def _subclasses(error: type[DomainError]) -> set[type[DomainError]]:
    return {error}.union(*(_subclasses(each) for each in error.__subclasses__()))
