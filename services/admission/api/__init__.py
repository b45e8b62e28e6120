"""The REST edge of admission: schemas and routes."""
