"""The REST side of enrolment: schemas, views of the aggregate, and routes of a few lines."""
