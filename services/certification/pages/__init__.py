"""The public verification page: plain HTML that works without script."""
