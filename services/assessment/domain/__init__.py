"""The rules of assessment: pure, no clock, no I/O; one learner's plan at a time."""
