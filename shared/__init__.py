"""What every service stands on: time, identity, storage, messaging, the web edge."""

__version__ = "0.1.0"
