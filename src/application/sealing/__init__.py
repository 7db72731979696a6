"""The sealed log over the ledger: entries as blind leaves of a signed, witnessed log (ADR 26, ADR 32, ADR 35).

`keys` are kept outside the database; `entries` makes leaves of rows; `logs` knows which logs the ledger was sealed in
and what was ever signed; `checking` compares the one with the other; `sealer`
seals; `handing_over` gives entries with their proofs to whoever may have them.
"""
