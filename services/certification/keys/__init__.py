"""The signing keys of awarding bodies: made on first need, encrypted at rest, opened only where something is signed."""
