"""Real processes under kill −9, a full disk, failing fsync, lost answers: `make torture`; and `make mutants`."""
