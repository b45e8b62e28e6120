"""Real PostgreSQL and real Apache Kafka on this machine, for tests and for `make demo PROFILE=distributed`.

`ladder.postgres()` and `ladder.kafka()` take the first that can be had: a server named by an environment
variable, a container, this machine's own binaries; else they raise `ServerMissingError`, which says what to install.
"""
