from threadpoolctl import threadpool_info

from blindarena.leaderboard.quick import QuickFits


def blas_threads() -> list[int]:
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


def test_linear_algebra_has_one_thread_inside_only() -> None:
    quick = QuickFits()
    before = blas_threads()

    with quick.one_thread():
        inside = blas_threads()

    assert before
    assert set(inside) == {1}
    assert blas_threads() == before
