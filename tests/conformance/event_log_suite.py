"""What every event log has to do, as one mixin; `test_event_log.py` runs it on each adapter."""

from tests.conformance.event_log_members import MemberSuite
from tests.conformance.event_log_records import RecordSuite
from tests.conformance.event_log_retention import RetentionSuite


class EventLogSuite(RecordSuite, RetentionSuite, MemberSuite):
    """See `LogFixtures` for what a subclass gives."""
