"""The pages that the `type` of every problem document leads to."""

from typing import Final

from flask import Blueprint, Response, abort, render_template

from shared.web.policy import policy
from shared.web.problem_types import problem_types

_STYLE: Final = """:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 45rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; } th, td { text-align: left; padding: 0.25rem 1rem 0.25rem 0; }
"""


def problem_pages() -> Blueprint:
    """`/problems` and `/problems/{slug}`, the same in every service."""
    pages = Blueprint("problem_pages", __name__, url_prefix="/problems")

    @pages.get("")
    @policy.public
    def index() -> str:
        kinds = sorted(problem_types().values(), key=lambda kind: (kind.status, kind.slug))
        return render_template("problems.html", kinds=kinds)

    @pages.get("/style.css")
    @policy.public
    def style() -> Response:
        return Response(_STYLE, content_type="text/css; charset=utf-8")

    @pages.get("/<slug>")
    @policy.public
    def page(slug: str) -> str:
        kind = problem_types().get(slug)
        if kind is None:
            abort(404)
        return render_template("problem.html", kind=kind)

    return pages
