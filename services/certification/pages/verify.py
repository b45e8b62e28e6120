"""`/verify/{public id}`: one sentence first, then every check; the holder's name is confirmed, never shown."""

from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Response, render_template, request

from services.certification.api.schemas import VerdictSchema
from services.certification.domain.statement import STATEMENT
from services.certification.handlers.guessing import TooManyGuessesError, guess_name
from services.certification.handlers.verification import Verdict, verify_address
from shared.annex1 import ATTENDANCE, MICRO_CREDENTIAL
from shared.domain import NotFoundError
from shared.web import policy
from shared.web.execution import encode
from shared.web.runtime import runtime

blueprint: Final = Blueprint("verify", __name__, url_prefix="/verify", template_folder="templates")

LONGEST_NAME: Final = 300
_STYLE: Final = (Path(__file__).parent / "verify.css").read_text(encoding="utf-8")
_OFFLINE: Final = (Path(__file__).parent / "offline.html").read_text(encoding="utf-8")
_SCHEMA: Final = VerdictSchema()

SENTENCES: Final = {
    "valid": "This certificate is valid.",
    "valid_with_remark": "This certificate is valid, with a remark.",
    "not_valid": "This certificate is not valid.",
    "could_not_be_checked": "This certificate could not be checked.",
}
KINDS: Final = {
    MICRO_CREDENTIAL: "Micro-credential",
    ATTENDANCE: "Certificate of attendance",
    STATEMENT: "Decision of an institution on recognition",
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
        error = "Type the name as it stands on the certificate, given name first."
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
    error = f"Too many names were tried for this certificate. Try again in {minutes} minutes."
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


def _page(verdict: Verdict, public_id: str, *, status: int = 200, **more: Any) -> Response:
    page = render_template(
        "verify.html",
        public_id=public_id,
        verdict=verdict,
        sentence=_sentence(verdict),
        names=CHECK_NAMES,
        outcomes=OUTCOMES,
        kinds=KINDS,
        longest_name=LONGEST_NAME,
        **{"error": None, "matches": None, **more},
    )
    response = Response(page, status, content_type="text/html; charset=utf-8")
    response.headers["Vary"] = "Accept"
    return response


def _sentence(verdict: Verdict) -> str:
    sentence = SENTENCES[verdict.verdict]
    stated = verdict.shown is not None and verdict.shown.document_type == STATEMENT
    return sentence.replace("certificate", "statement") if stated else sentence


def _missing() -> Response:
    return Response(render_template("unknown.html"), 404, content_type="text/html; charset=utf-8")
