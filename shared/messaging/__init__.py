"""Events from one transaction to another: outbox, relay, log, inbox, jobs; nothing lost, nothing twice."""
