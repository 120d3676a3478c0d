from blindarena.leaderboard.cache import RecentlyUsed


def test_the_one_used_longest_ago_goes() -> None:
    cache: RecentlyUsed[str, int] = RecentlyUsed(2)
    cache.put("a", 1)
    cache.put("b", 2)
    cache.get("a")
    cache.put("c", 3)

    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (1, None, 3)


def test_a_value_is_replaced() -> None:
    cache: RecentlyUsed[str, int] = RecentlyUsed(1)
    cache.put("a", 1)
    cache.put("a", 2)

    assert cache.get("a") == 2
