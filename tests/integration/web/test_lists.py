"""Lists and the partners' feed: pages by signed cursors and by position, bounded by the token's institution."""

import json

import pytest

from shared.ids import new_id
from shared.messaging.tables import feed, outbox


def publish(database, clock, positions):
    """Events as the relay leaves them: with a position, and a line for each institution concerned."""
    with database.write() as connection:
        for position, institutions in positions:
            connection.execute(
                outbox.insert(),
                {
                    "id": new_id(),
                    "type": "eu.passerelle.sample.thing.made.v1",
                    "source": "/sample/v1/things/t",
                    "subject": "t",
                    "partition_key": "t",
                    "sequence": f"{position:010d}",
                    "time": clock.now(),
                    "correlation_id": "c",
                    "data": json.dumps({"thing_id": f"t{position}"}),
                    "audience": sorted(institutions),
                    "position": position,
                    "published_at": clock.now(),
                },
            )
            for institution in institutions:
                connection.execute(feed.insert(), {"institution": institution, "position": position})


def test_a_list_is_walked_by_its_links(people):
    made = {people.make(title=f"Thing {number}").json["id"] for number in range(7)}
    people.make(as_={"institution": "kuleuven.be"})
    address, seen = "/sample/v1/things?state=new&limit=3", []
    while address:
        answer = people.ask("GET", address)
        seen += [item["id"] for item in answer.json["items"]]
        address = answer.json["next"]
        assert answer.headers.get("Link") == (f'<{address}>; rel="next"' if address else None)
    assert seen == sorted(made)


def test_a_cursor_does_not_carry_into_another_institution(people):
    for institution in ("helsinki.fi", "kuleuven.be"):
        for _ in range(2):
            people.make(as_={"institution": institution})
    following = people.ask("GET", "/sample/v1/things?limit=1").json["next"]
    other = people.ask("GET", following, as_={"institution": "kuleuven.be"})
    assert {item["institution"] for item in other.json["items"]} <= {"kuleuven.be"}


EVENTS = "/sample/v1/events"
HELSINKI = [(1, {"helsinki.fi"}), (2, {"kuleuven.be"}), (3, {"helsinki.fi", "kuleuven.be"}), (4, set())]


def things_of(answer):
    assert answer.content_type == "application/cloudevents-batch+json"
    return [event["data"]["thing_id"] for event in answer.json]


def test_a_partner_sees_what_concerns_its_institution(people, database, clock):
    publish(database, clock, HELSINKI)
    partner = {"role": "partner"}
    answer = people.ask("GET", EVENTS, as_=partner)
    assert things_of(answer) == ["t1", "t3"]
    assert {"specversion", "id", "type", "source", "subject", "time", "sequence"} <= answer.json[0].keys()
    assert things_of(people.ask("GET", EVENTS, as_={"role": "partner", "institution": "uu.nl"})) == []
    for role in ("service", "administrator"):
        assert things_of(people.ask("GET", EVENTS, as_={"role": role, "institution": None})) == [
            "t1",
            "t2",
            "t3",
            "t4",
        ]


def test_the_feed_goes_on_where_it_ended_also_at_its_end(people, database, clock):
    publish(database, clock, HELSINKI)
    seen, address = [], f"{EVENTS}?limit=1"
    for _ in range(4):
        answer = people.ask("GET", address)
        seen += things_of(answer)
        address = answer.headers["Link"].partition(">")[0].removeprefix("<")
    assert seen == ["t1", "t3"]
    publish(database, clock, [(5, {"helsinki.fi"})])
    assert things_of(people.ask("GET", address)) == ["t5"]


def test_a_position_that_the_feed_has_not_reached_is_refused_and_its_last_one_is_not(people, database, clock):
    """A cursor from before a restored backup would silently pass over what happens next."""
    assert people.ask("GET", EVENTS).status_code == 200
    publish(database, clock, HELSINKI)
    assert (
        things_of(people.ask("GET", f"{EVENTS}?after=4", as_={"role": "service", "institution": None})) == []
    )
    ahead = people.ask("GET", f"{EVENTS}?after=5")
    assert (ahead.status_code, ahead.json["type"].rpartition("/")[2]) == (400, "invalid-cursor")
    assert "last event is at 4" in ahead.json["detail"]


@pytest.mark.parametrize(
    "query",
    ["after=-1", "after=x", f"after={2**63}", f"after={'9' * 5000}", "limit=0", "limit=201", "more=1"],
)
def test_a_position_that_is_none_is_refused(people, query):
    assert people.ask("GET", f"{EVENTS}?{query}").status_code == 422


def test_who_has_no_institution_has_no_feed(people, settings, app):
    from tests.support.forged_tokens import Forge

    token = Forge(settings, roles=("partner",)).signed(without=("institution",))
    answer = app.test_client().get(EVENTS, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403
    assert people.ask("GET", EVENTS, as_={"role": "learner", "institution": None}).status_code == 403
