"""The REST side of certification: schemas, views and routes of a few lines."""
