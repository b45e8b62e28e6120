"""What is done on events, by jobs and for readers, each in its own transactions."""
