"""All commands, in the order of the help; those of one purpose are declared in one module."""

from owncontrol.cli import examining, exchange, planning, preparing, running

COMMANDS = (
    *running.COMMANDS,
    *preparing.COMMANDS,
    *planning.COMMANDS,
    *examining.COMMANDS,
    *exchange.COMMANDS,
)
