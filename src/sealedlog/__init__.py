"""The sealed log: one RFC 6962 tree of blind leaves, its signed checkpoints, tiles, proofs and bundles (ADR 26).

Knows nothing of inspections, of PostgreSQL or of the ledger; only the standard library and `cryptography`.
"""
