"""The one exception a person is meant to read: what is wrong, and what to do about it."""

from owncontrol.engine_texts import shown, told

# Nobody reads more of a line; what is wrong comes first, the value after it.
LONGEST = 1000


class InputError(Exception):
    """Bad input: one line that says what is wrong (where, value, what is allowed), and a hint.

    Everything that reads what people write (configuration, exports, corrections, manifests)
    raises it, and nothing else; the workflow prints it without a stack trace.
    """

    def __init__(self, message: str, hint: str) -> None:
        """Keep the message and the hint apart, so that each gets its own line."""
        message = shown(message)  # a cell or a name in it may have several lines, or odd signs
        hint = told(hint)
        if len(message) > LONGEST:
            message = f"{message[: LONGEST - 5]} [...]"
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Two lines, as they are printed."""
        return f"{self.message}\n  Hint: {self.hint}"
