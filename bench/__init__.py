"""What the system can do on this machine, both profiles side by side in one run."""
