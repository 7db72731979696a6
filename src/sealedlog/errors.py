"""What this room raises. Every message says what is wrong, in Chinese and in English."""


class SealedLogError(Exception):
    """Something of the sealed log is not as it should be."""


class Malformed(SealedLogError):
    """Bytes are not in the form their format demands."""


class Unproven(SealedLogError):
    """A proof does not lead to the root."""


class SignatureFailed(SealedLogError):
    """A signature of a known key does not fit what it stands under."""


class Unsigned(SealedLogError):
    """None of the keys that should have signed has."""


class QuorumMissing(SealedLogError):
    """The log has signed, too few witnesses have."""


class TileConflict(SealedLogError):
    """A file of the log is there already, with other bytes: two histories have met."""


class NotThere(SealedLogError):
    """A file of the log that is needed is not there."""
