"""The whole error tree. Kept free of imports: the DAG's retry policy loads it at parse time.

Every message names the file, the place in it, what was found and what was expected.
No message ever holds a value that belongs to one child.
"""


class SafeguardingError(Exception):
    """Root of every error this project raises on purpose."""

    exit_code = 1


class UsageError(SafeguardingError):
    """A command or setting was used wrongly."""

    exit_code = 2


class InputError(SafeguardingError):
    """The depositor must mend the file: quarantine, never retry."""

    exit_code = 10


class UnreadableFileError(InputError):
    """The bytes are not a readable file of their kind (truncated, encrypted, image-only, a bomb)."""


class UnknownSourceError(InputError):
    """Readable, but of no kind that is known."""


class LayoutError(InputError):
    """Of a known kind, but what its kind requires could not be found."""


class ContractError(InputError):
    """Parsed rows do not keep the contract of their shape."""


class CheckError(SafeguardingError):
    """A blocking check failed: nothing is published."""

    exit_code = 11


class CheckEngineError(SafeguardingError):
    """The check engine itself broke; says nothing about the data."""

    exit_code = 12


class WarehouseError(SafeguardingError):
    """The warehouse could not be read or written."""

    exit_code = 13


class WarehouseBusyError(WarehouseError):
    """Another process holds the writer lock; worth a retry."""


class MigrationError(WarehouseError):
    """An older warehouse file could not be brought up to date."""


class FetchError(SafeguardingError):
    """Something of another service could not be fetched; all that was there before stays loadable."""

    exit_code = 14
