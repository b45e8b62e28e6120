"""What every service stands on: time, identity, storage, messaging, the web edge."""
