"""Certification: awards, certificates, keys, status lists and verification."""
