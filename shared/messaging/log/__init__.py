"""The event log as a port, with an embedded adapter on SQLite and one on Apache Kafka."""
