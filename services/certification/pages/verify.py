"""`/verify/{public id}`: one sentence first, then every check; the holder's name is confirmed, never shown."""

from dataclasses import asdict
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, render_template, request

from services.certification.api.schemas import VerdictSchema
from services.certification.domain.statement import STATEMENT
from services.certification.formats.wording import ENGLISH, spoken, words
from services.certification.handlers.guessing import TooManyGuessesError, guess_name
from services.certification.handlers.verification import Verdict, verify_address
from shared.annex1 import ATTENDANCE
from shared.domain import NotFoundError
from shared.web import policy
from shared.web.execution import encode
from shared.web.runtime import runtime

blueprint: Final = Blueprint("verify", __name__, url_prefix="/verify", template_folder="templates")

LONGEST_NAME: Final = 300
_STYLE: Final = (Path(__file__).parent / "verify.css").read_text(encoding="utf-8")
_OFFLINE: Final = (Path(__file__).parent / "offline.html").read_text(encoding="utf-8")
_SCHEMA: Final = VerdictSchema()

ANSWERS: Final = {
    True: "Yes, it was issued to a person of this name.",
    False: "No, it was not issued to a person of this name.",
}
CHECK_NAMES: Final = {
    "format": "Format",
    "issuer": "Issuer",
    "proof": "Signature",
    "status": "Status",
    "dates": "Dates",
}
OUTCOMES: Final = {
    "passed": ("✓", "Passed"),
    "remark": ("!", "Remark"),
    "failed": ("✗", "Failed"),
    "unchecked": ("?", "Not checked"),
}


@blueprint.get("/<public_id>")
@policy.public
def show(public_id: str) -> Response:
    """The verdict as a page, or as JSON where that is what is accepted."""
    verdict = _verdict(public_id)
    if (
        request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
        != "text/html"
    ):
        if verdict is None:
            raise NotFoundError("There is no certificate under this address.")
        response = Response(encode(_SCHEMA.dump(asdict(verdict))), content_type="application/json")
        response.headers["Vary"] = "Accept"
        return response
    return _missing() if verdict is None else _page(verdict, public_id)


@blueprint.post("/<public_id>")
@policy.public
def confirm_name(public_id: str) -> Response:
    """Say whether the name that was typed is the holder's. It travels in the body only, and is not kept.

    A name can be told by trying many, so only so many are compared within some minutes (429 with Retry-After).
    """
    verdict = _verdict(public_id)
    if verdict is None:
        return _missing()
    name = request.form.get("name", "")
    if not name.strip() or len(name) > LONGEST_NAME:
        error = "Type the name as it stands on the certificate."
        return _page(verdict, public_id, error=error, status=422)
    if verdict.shown is None:
        return _page(verdict, public_id, status=409)
    web = runtime()
    try:
        matches = guess_name(web.database, public_id, name, web.now())
    except TooManyGuessesError as refused:
        return _refused(verdict, public_id, refused.seconds)
    return _page(verdict, public_id, matches=matches)


def _refused(verdict: Verdict, public_id: str, seconds: int) -> Response:
    minutes = -(-seconds // 60)
    time = "1 minute" if minutes == 1 else f"{minutes} minutes"
    error = f"Too many names were tried for this certificate. Try again in {time}."
    response = _page(verdict, public_id, error=error, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response


@blueprint.get("/assets/verify.css")
@policy.public
def style() -> Response:
    response = Response(_STYLE, content_type="text/css; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


@blueprint.get("/assets/offline.html")
@policy.public
def offline_page() -> Response:
    """The page that verifies a bundle without network, to be saved: it works from a file, and loads nothing."""
    response = Response(_OFFLINE, content_type="text/html; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="verify-offline.html"'
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _verdict(public_id: str) -> Verdict | None:
    web = runtime()
    with web.database.read() as connection:
        return verify_address(connection, web.settings, web.now(), public_id)


def _page(
    verdict: Verdict,
    public_id: str,
    *,
    status: int = 200,
    error: str | None = None,
    matches: bool | None = None,
) -> Response:
    page = render_template(
        "verify.html",
        public_id=public_id,
        address=f"{runtime().settings.public_url}/verify/{public_id}",
        verdict=verdict,
        said=_said(verdict),
        reasons=_reasons(verdict),
        error=error,
        matches=matches,
        answer=None if matches is None else ANSWERS[matches],
        names=CHECK_NAMES,
        outcomes=OUTCOMES,
        longest_name=LONGEST_NAME,
    )
    response = Response(page, status, content_type="text/html; charset=utf-8")
    response.headers["Vary"] = "Accept"
    return response


def _said(verdict: Verdict) -> list[dict[str, str]]:
    """The sentence and the kind in English, then in the certificate's language where there are words in it."""
    shown, sentence = verdict.shown, f"verdict.{verdict.verdict}"
    if shown is not None and shown.document_type == STATEMENT:
        told = words(ENGLISH)[sentence].replace("certificate", "statement")
        return [{"lang": ENGLISH, "sentence": told, "kind": "Decision of an institution on recognition"}]
    kind = "attendance" if shown is not None and shown.document_type == ATTENDANCE else "micro_credential"
    languages = spoken((ENGLISH, shown.language if shown is not None else ENGLISH))
    return [
        {"lang": each, "sentence": words(each)[sentence], "kind": words(each)[kind]} for each in languages
    ]


def _reasons(verdict: Verdict) -> list[str]:
    """What the reader has to know at once: everything against it, or the first thing that could not be looked at."""
    told = [check.detail for check in verdict.checks if check.outcome in {"failed", "remark"}]
    if verdict.verdict == "could_not_be_checked":
        told += [check.detail for check in verdict.checks if check.outcome == "unchecked"][:1]
    return told


def _missing() -> Response:
    return Response(render_template("unknown.html"), 404, content_type="text/html; charset=utf-8")
