"""Who beats whom as a table with coloured cells; the number is in each cell."""

from bisect import bisect_right
from html import escape

from blindarena.leaderboard.board import Pairs

SHOWN = 40
FEW = 10
_STEPS = (0.36, 0.43, 0.50, 0.57, 0.64)


def shares(pairs: Pairs) -> dict[tuple[str, str], tuple[float, int]]:
    """Return for each ordered pair the share of votes won, ties half, and the votes."""
    found = {}
    for pair in pairs.pairs:
        votes = pair.wins_a + pair.wins_b + pair.ties + pair.both_bad
        share = (pair.wins_a + (pair.ties + pair.both_bad) / 2) / votes
        found[pair.a, pair.b] = share, votes
        found[pair.b, pair.a] = 1 - share, votes
    return found


def matrix_html(pairs: Pairs) -> str:
    """Return the win matrix of the first SHOWN models in the order of the board."""
    names, found = pairs.contestants[:SHOWN], shares(pairs)
    heads = "".join(
        f'<th scope="col" title="{escape(name, quote=True)}">{i}</th>'
        for i, name in enumerate(names, start=1)
    )
    lines = "".join(
        f'<tr><th scope="row">{i} {escape(name)}</th>'
        f"{''.join(_cell(name, other, found) for other in names)}</tr>"
        for i, name in enumerate(names, start=1)
    )
    more = f" The first {SHOWN} of {len(pairs.contestants)} models." * (
        len(pairs.contestants) > SHOWN
    )
    return (
        '<p class="cap">Share of votes that the model of the row won against that of the column, '
        f"in per cent; ties and both bad count half. Pairs with fewer than {FEW} votes have no "
        f'colour.{more}</p><div class="wide" tabindex="0"><table class="heat"><thead>'
        f"<tr><td></td>{heads}</tr></thead><tbody>{lines}</tbody></table></div>"
    )


def _cell(name: str, other: str, found: dict[tuple[str, str], tuple[float, int]]) -> str:
    if (name, other) not in found:
        return "<td></td>" if name == other else '<td class="few" title="no votes">-</td>'
    share, votes = found[name, other]
    kind = "few" if votes < FEW else f"h{bisect_right(_STEPS, share)}"
    return f'<td class="{kind}" title="{votes:,} votes">{100 * share:.0f}</td>'
