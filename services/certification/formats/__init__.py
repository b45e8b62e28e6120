"""Renderings of a certificate's snapshot, and the proofs and lists around them. No database, no network."""
