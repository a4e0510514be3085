"""The commands of ``python -m owncontrol``, one module each."""
