"""What somebody finds who opens the bare address: where the interfaces are described."""

from collections.abc import Sequence

from flask import Blueprint, render_template

from shared.web.policy import policy


def front_page(services: Sequence[str]) -> Blueprint:
    """`/`, with links to the documentation of `services` and to the problem types."""
    pages = Blueprint("front_page", __name__)

    @pages.get("/")
    @policy.public
    def index() -> str:
        return render_template("front.html", services=services)

    return pages
