"""The rules of registration and enrolment (D2, D3): pure, told the time, without I/O or framework."""
