"""The name under which Snakemake finds what a run says (its interface of logger plugins)."""

from typing import Any

from snakemake_interface_logger_plugins.base import LogHandlerBase


class LogHandler(LogHandlerBase):
    """Gives the handler of a run that asked for it.

    Snakemake imports every plugin that it finds, in whatever project it is about to run. The
    library is not imported before the handler is asked for, or that project would get the modules
    of the one whose environment it uses.
    """

    def __new__(cls, *given: Any, **named: Any) -> Any:
        """The handler of ``owncontrol.run.calm_log``."""
        from owncontrol.run.calm_log import CalmHandler

        return CalmHandler(*given, **named)


__all__ = ["LogHandler"]
