"""Admission: catalogue, agreements, learners, applications, eligibility and offers."""
