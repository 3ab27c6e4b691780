"""The two ways a call can fail: the input is wrong, or a number did not converge."""


class InputError(ValueError):
    """Input that breaks a rule.

    The message is one line: the value, the rule it breaks, and the mend. The command
    line prints it as ``error: …`` and exits with 2.
    """


class ConvergenceError(RuntimeError):
    """An iteration ended without the accuracy it promises; the message says what to do."""
