"""What answers would cost, from the prices of the deployments."""

from collections.abc import Mapping, Sequence

from blindarena.bootstrap.cards import HERE, DeploymentCard
from blindarena.domain.chat import Message, Usage
from blindarena.gateway.prices import HourlyPrice, Price
from blindarena.gateway.tokens import count_prompt_tokens


class Tariffs:
    """The prices of the deployments, for estimates.

    Args:
        prices: by deployment; one without is unpriced.
        cards: by deployment; tell which run on this machine.
    """

    def __init__(self, prices: Mapping[str, Price], cards: Mapping[str, DeploymentCard]) -> None:
        self._prices = prices
        self._cards = cards

    def tokens(self, texts: Sequence[str]) -> int:
        """Estimate the tokens of a request made of these messages."""
        return count_prompt_tokens([Message("user", text) for text in texts])

    def cost(
        self, deployments: Sequence[str], *, prompt: int, completion: int, seconds: float | None
    ) -> float | None:
        """Return the cost in USD at the dearest of the deployments; None where it is unknown."""
        usage = Usage(prompt_tokens=prompt, completion_tokens=completion, reported=False)
        costs = []
        for name in deployments:
            price = self._prices.get(name)
            if price is None or (isinstance(price, HourlyPrice) and seconds is None):
                return None
            cost = price.cost(usage, seconds or 0.0)[0]
            if cost is None:
                return None
            costs.append(cost)
        return max(costs, default=None)

    def is_here(self, deployments: Sequence[str]) -> bool:
        """Say whether all of them run on this machine, so that nobody sends a bill."""
        cards = [self._cards.get(name) for name in deployments]
        return all(card is not None and card.runs_at == HERE for card in cards)
