"""Cursors: signed, bound to their list and its filters, bounded (API4)."""

from datetime import UTC, datetime

import pytest
from flask import Flask, request
from itsdangerous import URLSafeSerializer

from shared.web.paging import Cursors
from shared.web.problems import ProblemError

app = Flask("sample", static_folder=None)
cursors = Cursors("secret")


def page(address):
    with app.test_request_context(address):
        return cursors.page(request)


def following(address, items, key="id"):
    with app.test_request_context(address):
        asked = cursors.page(request)
        return cursors.next_link(request, items[: asked.limit], asked, key)


def test_a_list_is_walked_to_its_end():
    rows = [{"id": f"{n:03}"} for n in range(7)]
    address, seen, pages = "/things?limit=3", [], 0
    while address:
        after = page(address).after
        rest = [row for row in rows if after is None or row["id"] > after]
        shown, address = following(address, rest)
        seen += shown
        pages += 1
    assert seen == rows
    assert pages == 3


def test_a_full_last_page_has_no_next():
    shown, address = following("/things?limit=3", [{"id": n} for n in range(3)])
    assert (len(shown), address) == (3, None)


def test_a_key_of_several_members_comes_back_as_a_tuple_with_its_types():
    moment = datetime(2026, 11, 22, 10, tzinfo=UTC)
    rows = [{"due": moment, "n": 5}, {"due": moment, "n": 6}]
    _, address = following("/things?limit=1", rows, key=("due", "n"))
    assert page(address).after == (moment, 5)
    _, address = following("/things?limit=1", rows, key=lambda row: row["n"])
    assert page(address).after == 5


@pytest.mark.parametrize("limit", ["0", "-1", "201", "1e2", "٣", "9" * 5_000, "", " 5", "5.0", "0x5", "+5"])
def test_a_limit_outside_its_bounds_is_refused(limit):
    with (
        app.test_request_context("/things", query_string={"limit": limit}),
        pytest.raises(ProblemError) as refused,
    ):
        cursors.page(request)
    assert refused.value.status == 400


def cursor_of(address):
    return address.partition("after=")[2].partition("&")[0]


def test_a_cursor_belongs_to_its_list_its_filters_and_its_installation():
    _, address = following("/things?state=new&limit=1", [{"id": 1}, {"id": 2}])
    cursor = cursor_of(address)
    assert page(f"/things?state=new&after={cursor}").after == 1
    assert page(f"/things?after={cursor}&limit=7&state=new").after == 1
    forged = URLSafeSerializer("guess", salt="/things?state=new").dumps(1)
    for wrong in (
        f"/others?state=new&after={cursor}",
        f"/things?state=done&after={cursor}",
        f"/things?after={cursor}",
        f"/things?state=new&after={cursor[:-1]}",
        f"/things?state=new&after={cursor}x",
        f"/things?state=new&after={forged}",
        "/things?after=",
        "/things?after=%00",
        f"/things?after={'x' * 3_000}",
    ):
        with pytest.raises(ProblemError) as refused:
            page(wrong)
        assert refused.value.status == 400
