"""The servers that tests get are real, of the run or of the test, and come back after being killed."""

import psycopg
import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic
from sqlalchemy.engine import make_url

from deploy.local_servers.ladder import KafkaServer, PostgresServer


def _connect(url: str) -> psycopg.Connection:
    return psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))


def test_each_test_has_an_empty_postgresql_of_its_own(new_postgres_url):
    first, second = new_postgres_url(), new_postgres_url()
    with _connect(first) as connection:
        connection.execute("CREATE TABLE mine (x integer)")
    with _connect(second) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert tables == (0,)


def test_database_url_is_a_database_on_each_backend(database_url):
    assert make_url(database_url).get_backend_name() in {"sqlite", "postgresql"}


def test_a_killed_postgresql_comes_back_at_its_address_with_what_was_committed(own_postgres: PostgresServer):
    url = own_postgres.url()
    with _connect(url) as connection:
        connection.execute("CREATE TABLE kept (x integer)")
        connection.execute("INSERT INTO kept VALUES (42)")
    own_postgres.kill()
    with pytest.raises(psycopg.OperationalError):
        _connect(url)
    own_postgres.start()
    with _connect(url) as connection:
        assert connection.execute("SELECT x FROM kept").fetchall() == [(42,)]


def test_a_killed_kafka_comes_back_at_its_port_with_what_it_acknowledged(own_kafka: KafkaServer):
    bootstrap = own_kafka.bootstrap
    with KafkaAdminClient(bootstrap_servers=bootstrap) as admin:
        admin.create_topics([NewTopic("kept", 3, 1)])
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    for number in range(50):
        producer.send("kept", b"%d" % number, key=b"one").get(timeout=60)
    producer.close()
    own_kafka.kill()
    own_kafka.start()
    assert own_kafka.bootstrap == bootstrap
    consumer = KafkaConsumer(
        "kept", bootstrap_servers=bootstrap, auto_offset_reset="earliest", consumer_timeout_ms=120_000
    )
    assert [int(next(consumer).value) for _ in range(50)] == list(range(50))
    consumer.close()


def test_the_run_has_one_kafka_that_creates_no_topic_for_a_client(kafka_bootstrap):
    with KafkaAdminClient(bootstrap_servers=kafka_bootstrap) as admin:
        described = admin.describe_topics(["nobody-made-this"])
    assert described[0]["error_code"] == 3  # UNKNOWN_TOPIC_OR_PARTITION
