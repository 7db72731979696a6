"""What this room raises. Every message says what is wrong and what to do, in Chinese and in English."""


class EmbeddedError(Exception):
    """The embedded server, or a process beside it, cannot be started or stopped."""


class HomeInUse(EmbeddedError):
    """Another living process holds the folder."""
