"""Hold a spend cap while many calls are under way at once."""

import asyncio

from blindarena.domain.chat import Usage
from blindarena.errors import ConfigError
from blindarena.judge.ports import Price


class Purse:
    """What a run may still spend; a call is paid for in advance with the most it may cost.

    While calls are under way their reservations count as spent. A call that does not fit waits for
    one of them to come back cheaper; when none is under way and it still does not fit, the run is
    at its end. So the cap is never exceeded (but by a price that was wrong), and what is left of
    it at the end is less than the most that one call may cost.

    Args:
        cap_usd: None is no cap.
    """

    def __init__(self, cap_usd: float | None) -> None:
        self._cap = cap_usd
        self._reserved = 0.0
        self._changed = asyncio.Condition()
        self._under_way = 0
        self.spent: float | None = 0.0

    @property
    def capped(self) -> bool:
        """Say whether there is a cap."""
        return self._cap is not None

    async def reserve(self, most_usd: float | None) -> bool:
        """Set aside the most that a call may cost; False where the cap has no room for it.

        Raises:
            ConfigError: there is a cap, and the price is unknown.
        """
        if self._cap is None:
            return True
        if most_usd is None:
            raise ConfigError(
                "--max-spend cannot be held: the price of a model is unknown; "
                "give its deployment input_price and output_price, or cost_per_hour"
            )
        async with self._changed:
            while (self.spent or 0.0) + self._reserved + most_usd > self._cap:
                if not self._under_way:
                    return False
                await self._changed.wait()
            self._reserved += most_usd
            self._under_way += 1
        return True

    async def settle(self, most_usd: float | None, cost_usd: float | None) -> None:
        """Give a reservation back and count what the call cost; None is unknown."""
        if cost_usd is None:
            if self._cap is None:
                self.spent = None
            cost_usd = most_usd
        if self.spent is not None:
            self.spent += cost_usd or 0.0
        if self._cap is None:
            return
        async with self._changed:
            self._reserved -= most_usd or 0.0
            self._under_way -= 1
            self._changed.notify_all()


def most_of(price: Price, *, prompt_tokens: int, max_tokens: int, seconds: float) -> float | None:
    """Return the most that a call may cost, in USD; None where the price is unknown.

    Args:
        price: of the deployment.
        prompt_tokens: an estimate; a fifth is added to it.
        max_tokens: cap on the answer.
        seconds: longest call so far, for a price by the hour.
    """
    usage = Usage(
        prompt_tokens=prompt_tokens + prompt_tokens // 5 + 16,
        completion_tokens=max_tokens,
        reported=False,
    )
    return price.cost(usage, seconds)[0]
