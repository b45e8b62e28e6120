"""What the scenes share: the system's door, the people in it, and a way to let many act at the same time."""

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from deploy.demo.cast import Part
from deploy.demo.client import Client, Door
from deploy.demo.expect import Teller
from deploy.demo.journey import Journey, begin
from deploy.demo.staff import Staff
from deploy.demo.system import System

T = TypeVar("T")
R = TypeVar("R")
_AT_ONCE: Final = 8

ACCEPTING: Final = "offers are being accepted"
REGISTERING: Final = "registrations are being answered"
ASSESSING: Final = "learners are being assessed"
LAST_WORD: Final = "a last result has just been confirmed"
MOMENTS: Final = (ACCEPTING, REGISTERING, ASSESSING, LAST_WORD)


@dataclass(slots=True)
class Story:
    """One telling. `folder` takes the files; `within` is how many seconds a certificate may take (None: not judged).

    `moment` is called with a name (see `MOMENTS`) in the middle of scenes, by the thread that plays: whoever wants to
    disturb the system does it there. `sittings` are the days, by offering, on which an assessment board would have sat.
    """

    system: System
    door: Door
    teller: Teller
    folder: Path
    journeys: list[Journey]
    within: float | None
    moment: Callable[[str], None]
    staff: Staff
    administrator: Client
    offerings: dict[str, Any] = field(default_factory=dict)
    sittings: dict[str, list[str]] = field(default_factory=dict)
    today: date = field(default_factory=lambda: datetime.now(UTC).date())

    def all_at_once(
        self, work: Callable[[T], R], these: Iterable[T], *, moment: str | None = None
    ) -> list[R]:
        """`work` for each of `these`, several at the same time; results in order, the first failure raised.

        With `moment`, that moment comes while they are at work.
        """
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            at_work = [pool.submit(work, each) for each in these]
            if moment:
                self.moment(moment)
            wait(at_work, return_when=FIRST_EXCEPTION)
            pool.shutdown(wait=False, cancel_futures=True)  # after a failure those who wait to begin need not
            return [each.result() for each in at_work if not each.cancelled()]

    def of(self, offering: str | None = None, *twists: str) -> list[Journey]:
        """The journeys to an offering (None: any), with one of `twists` where any is given, in the cast's order."""
        return [
            journey
            for journey in self.journeys
            if offering in {None, journey.part.offering} and (not twists or journey.part.twist in twists)
        ]

    def one(self, twist: str) -> Journey:
        """The one journey with this twist."""
        (journey,) = self.of(None, twist)
        return journey

    def offering_of(self, journey: Journey) -> Any:
        return self.offerings[journey.part.offering]

    def scene(self, title: str) -> None:
        self.teller.scene(title)

    def tell(self, line: str) -> None:
        self.teller.tell(f"   {line}")

    def expect(self, fact: object, what: str) -> bool:
        return self.teller.expect(fact, what)

    def expect_equal(self, found: object, wanted: object, what: str) -> bool:
        return self.teller.expect_equal(found, wanted, what)

    def file(self, *path: str) -> Path:
        """A file of the demonstration, its folder made."""
        file = self.folder.joinpath(*path)
        file.parent.mkdir(parents=True, exist_ok=True)
        return file


def new_story(
    system: System,
    parts: Iterable[Part],
    folder: Path,
    teller: Teller,
    *,
    within: float | None,
    moment: Callable[[str], None],
) -> Story:
    """A story about to begin: everybody has a token and has done nothing yet."""
    door = Door(system.addresses, system.issuer, folder / "requests.log")
    return Story(
        system=system,
        door=door,
        teller=teller,
        folder=folder,
        journeys=[begin(door, part) for part in parts],
        within=within,
        moment=moment,
        staff=Staff(door),
        administrator=door.caller("administrator", subject="administrator-1"),
    )
