"""Enrolment: registrations at the institutions concerned, tracks, suspension and withdrawal."""
