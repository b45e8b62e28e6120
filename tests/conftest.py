"""What every test may ask for. Servers: see `tests/servers/plugin.py`."""

pytest_plugins = ["tests.servers.plugin"]
