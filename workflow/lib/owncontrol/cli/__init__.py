"""The commands of ``owncontrol``, one module each."""
