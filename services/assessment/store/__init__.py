"""Tables, queries and the way a plan goes to its rows and back; the same on SQLite and PostgreSQL."""
