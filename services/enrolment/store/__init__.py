"""The tables of enrolment, how to read them within a caller's scope, and how to save the aggregate."""
