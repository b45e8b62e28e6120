"""Answers with an entity tag: 304 for whoever has the same already (RFC 9110, section 13)."""

from flask import Response, request


def for_anybody(content: str | bytes, content_type: str, seconds: int) -> Response:
    """Readable by pages of any origin, and kept by caches for so many seconds."""
    response = Response(content, content_type=content_type)
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.add_etag()
    response.make_conditional(request)
    return response


def for_the_caller(content: bytes, content_type: str, tag: str, disposition: str | None = None) -> Response:
    """One of several forms, chosen by the Accept header; what a browser has of it is asked about each time."""
    response = Response(content, content_type=content_type)
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(tag)
    if disposition:
        response.headers["Content-Disposition"] = disposition
    response.make_conditional(request)
    return response
