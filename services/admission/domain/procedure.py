"""The published admission procedure of one offering version, as rules and deadlines (ADM-03, ADM-16)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.admission.domain.criteria import Criterion
from shared.domain import ConflictError, InvalidError, Pointer
from shared.durations import add_duration


@dataclass(frozen=True, slots=True)
class Procedure:
    """What admission needs to know of an offering version; deadlines count in `zone`, the reviewer's time zone.

    `released_data` says, by target group and institution, which items of a learner's record a registration needs.
    """

    offering_id: str
    offering_version: int
    agreement_id: str
    agreement_version: int
    reviewing_institution: str
    complaints_owner: str
    zone: str
    agreement_until: str | None
    open: bool
    automatic: bool
    opens_at: datetime | None
    closes_at: datetime | None
    decide_within: str
    reply_within: str
    information_within: str
    draft_expires_after: str
    decline_by_default: bool
    capacity: int | None
    ranking: str
    rule_set: str
    criteria: tuple[Criterion, ...]
    terms_version: str
    tracks: frozenset[str]
    contract_types: Mapping[str, str]
    released_data: Mapping[tuple[str, str], frozenset[str]]

    def check_window(self, now: datetime) -> None:
        """Refuse outside the application window (ADM-16, ADM-22)."""
        if self.opens_at is not None and now < self.opens_at:
            raise ConflictError(f"Applications open at {self.opens_at.isoformat()}.")
        if self.closes_at is not None and now >= self.closes_at:
            raise ConflictError(f"Applications closed at {self.closes_at.isoformat()}.")

    def check_choice(self, target_group: str, track: str) -> None:
        """Refuse a target group or track that the offering does not name (ADM-11, ADM-12)."""
        wrong = []
        if target_group not in self.contract_types:
            known = ", ".join(sorted(self.contract_types))
            wrong.append(Pointer("/target_group", f"The offering's target groups are: {known}."))
        if track not in self.tracks:
            wrong.append(Pointer("/track", f"The offering's tracks are: {', '.join(sorted(self.tracks))}."))
        if wrong:
            raise InvalidError("The offering does not name this choice.", pointers=wrong)

    def ended(self, now: datetime) -> bool:
        """Whether the agreement's term is over: no new offers, while who is in may complete (ENR-14, check 25)."""
        return self.agreement_until is not None and self.agreement_until < self.today(now).isoformat()

    def today(self, now: datetime) -> date:
        """The day it is at the reviewing institution."""
        return now.astimezone(ZoneInfo(self.zone)).date()

    def decide_by(self, now: datetime) -> datetime:
        return add_duration(now, self.decide_within, self.zone)

    def reply_by(self, now: datetime) -> datetime:
        return add_duration(now, self.reply_within, self.zone)

    def information_by(self, now: datetime) -> datetime:
        return add_duration(now, self.information_within, self.zone)

    def draft_expires_at(self, now: datetime) -> datetime:
        return add_duration(now, self.draft_expires_after, self.zone)


def procedure_of(offering: Mapping[str, Any], agreement: Mapping[str, Any]) -> Procedure:
    """The procedure of a published offering version under its agreement version."""
    admission, reviewer = offering["admission"], offering["reviewing_institution"]
    capacity = admission["capacity"] or {"max": None, "ranking": "first_come"}
    return Procedure(
        offering_id=offering["id"],
        offering_version=offering["version"],
        agreement_id=agreement["id"],
        agreement_version=agreement["version"],
        reviewing_institution=reviewer,
        complaints_owner=agreement["governance"]["complaints_owner"],
        zone=next(p["time_zone"] for p in agreement["partners"] if p["institution"] == reviewer),
        agreement_until=agreement["term"]["until"],
        open=admission["open"],
        automatic=admission["review_mode"] == "automatic",
        opens_at=_moment(admission["window"]["from"]),
        closes_at=_moment(admission["window"]["until"]),
        decide_within=admission["decide_within"],
        reply_within=admission["reply_within"],
        information_within=admission["information_within"],
        draft_expires_after=admission["draft_expires_after"],
        decline_by_default=admission["decline_by_default"],
        capacity=capacity["max"],
        ranking=capacity["ranking"],
        rule_set=admission["rule_set"]["version"],
        criteria=tuple(Criterion.from_document(each) for each in admission["rule_set"]["criteria"]),
        terms_version=admission["terms"]["version"],
        tracks=frozenset(offering["tracks"]),
        contract_types={group["code"]: group["contract_type"] for group in offering["target_groups"]},
        released_data={
            (group["code"], profile["institution"]): frozenset(profile["data"])
            for group in offering["target_groups"]
            for profile in offering["registration_profiles"]
            if group["registration_profile"] == "all"
            or profile["institution"] in group["registration_profile"]
        },
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
