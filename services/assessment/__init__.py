"""Assessment: one plan per learner, from attempts to confirmed results and completion."""
