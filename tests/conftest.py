"""What every test may ask for. Servers: see `tests/servers/plugin.py`."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.servers.plugin"]
"""The servers of a test run: started when the first test asks, shared by all workers, stopped at the end."""

# What Hypothesis measures by the clock says something about the machine, not about the code. Every run looks at the
# same examples, so that what passed once passes again; `--hypothesis-profile searching` looks for new ones.
settings.register_profile("searching", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("steady", settings.get_profile("searching"), derandomize=True, database=None)
settings.load_profile("steady")
