"""The REST side of assessment: schemas, views of a plan by who looks at it, and routes of a few lines."""
