"""What people, events and deadlines ask of a plan: load it, let the domain decide, keep what it decided."""
