"""Tables and queries of admission; the caller's scope is a parameter of every query about people."""
