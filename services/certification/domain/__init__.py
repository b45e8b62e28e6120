"""The rules of awarding: what has to be known, which step follows, what a certificate says."""
