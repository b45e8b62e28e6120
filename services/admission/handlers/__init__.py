"""What admission does when asked (commands), told (reactions) or due (jobs)."""
