"""Sharing a table's width among its columns."""

from collections.abc import Sequence

from wc_desktop.ui.theme.cells import Widths


def shared_widths(wishes: Sequence[Widths], available: int, factor: float) -> list[int]:
    """Return widths that fill `available` when the least widths fit; else the least widths, to be scrolled.

    First everyone grows from least to usual alike, then the rest goes by share.
    """
    least = [round(wish.least * factor) for wish in wishes]
    usual = [max(round(wish.usual * factor), low) for wish, low in zip(wishes, least, strict=True)]
    room = available - sum(least)
    wanted = sum(usual) - sum(least)
    if room <= 0:
        return least
    if room < wanted:
        widths = [low + room * (high - low) // wanted for low, high in zip(least, usual, strict=True)]
    else:
        shares = sum(wish.share for wish in wishes)
        rest = room - wanted
        widths = [
            high + (rest * wish.share // shares if shares else 0) for high, wish in zip(usual, wishes, strict=True)
        ]
    if wishes and (shares_at := [number for number, wish in enumerate(wishes) if wish.share]):
        widths[shares_at[-1]] += available - sum(widths)
    return widths
