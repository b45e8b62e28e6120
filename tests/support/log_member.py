"""A member of a group in a process of its own, which a test may kill or freeze.

Says `has N` when it holds N records, then for each line it gets commits the first record of each partition and says
`committed`.
"""

import sys

from shared.messaging.log import open_event_log
from shared.messaging.log.base import LogUnavailableError, Record, TopicPartition
from shared.settings import load_settings


def main(url: str, group: str, topic: str, expected: int) -> None:
    log = open_event_log(load_settings({"EVENT_LOG_URL": url}))
    consumer = log.consumer(group, [topic])
    records: list[Record] = []
    while len(records) < expected:
        try:
            records += consumer.poll(1.0)
        except LogUnavailableError:
            records.clear()
    firsts: dict[TopicPartition, int] = {}
    for record in records:
        firsts.setdefault(record.place, record.offset + 1)
    _say(f"has {len(records)}")
    for _ in sys.stdin:
        consumer.commit(firsts)
        _say("committed")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
