"""Play the whole story once on a system of ours: start it, tell the scenes, write the files, stop it."""

import json
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path

from deploy.demo import outcome, table
from deploy.demo.cast import Part
from deploy.demo.client import RefusedError
from deploy.demo.expect import NeverCameError, Teller
from deploy.demo.scenes import SCENES
from deploy.demo.story import Story, new_story
from deploy.demo.system import SERVICES, System


def play(
    system: System,
    parts: Iterable[Part],
    folder: Path,
    teller: Teller,
    *,
    within: float | None,
    moment: Callable[[str], None] = lambda _name: None,
) -> int:
    """Tell the story; 0 where everything was as expected.

    `within`: seconds that a certificate may take after the last confirmation (None: not judged, where the system is
    being disturbed). `moment`: called by name in the middle of scenes (see `Story`).
    """
    try:
        teller.tell(f"starting: {system.description}")
        system.start()
        teller.tell("ready")
        story = new_story(system, parts, folder, teller, within=within, moment=moment)
        try:
            _tell(story)
        finally:
            story.door.close()
    finally:
        system.stop()
    for failure in teller.failures:
        teller.tell(f"NOT AS EXPECTED: {failure}")
    teller.tell("everything was as expected" if not teller.failures else "the demonstration failed")
    return 1 if teller.failures else 0


def _tell(story: Story) -> None:
    try:
        for scene in SCENES:
            scene(story)
    except (NeverCameError, RefusedError) as error:
        story.teller.failures.append(str(error))
        story.tell(traceback.format_exc())
        story.tell(story.system.last_words())
        return
    _close(story)


def _close(story: Story) -> None:
    """The table and the files."""
    story.scene("What became of everybody")
    rows = outcome.rows(story)
    table.write(rows, story.folder)
    story.teller.tell("")
    for line in table.rendered(rows).splitlines():
        story.teller.tell_plainly(line)
    story.teller.tell("")
    _save_events(story)
    story.tell(f"certificates, verification pages, event feeds and logs lie in {story.folder}")


def _save_events(story: Story) -> None:
    """Every event of every service; none of them may say who somebody is."""
    everything = ""
    for service in SERVICES:
        events = story.administrator.whole_feed(service)
        lines = "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events)
        story.file("events", f"{service}.jsonl").write_text(lines, encoding="utf-8")
        everything += lines
    people = [journey.person for journey in story.journeys]
    told = [
        p.name for p in people if any(word in everything for word in (p.given_name, p.family_name, p.email))
    ]
    story.expect_equal(told, [], f"no name and no address of anybody in {everything.count(chr(10))} events")
