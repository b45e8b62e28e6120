"""The servers of a test run: started when the first test asks, shared by all workers, stopped at the end."""
