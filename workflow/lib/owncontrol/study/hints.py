"""The hint of a message for a word that is not known."""

from owncontrol.basics.nearest import nearest


def did_you_mean(word: str, known: list[str]) -> str:
    """The known word that was probably meant, as a question; empty where none is near."""
    near = nearest(word, known)
    return f"did you mean '{near}'?" if near else ""
