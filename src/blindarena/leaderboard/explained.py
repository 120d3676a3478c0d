"""What each method assumes and where it fails, as sentences for people who read a board."""

from blindarena.leaderboard.options import Interval, Method, Options

METHODS: dict[Method, str] = {
    "bt": (
        "Bradley-Terry: the chance that one model wins depends on the difference of their ratings "
        "only; 400 points are odds of ten to one. A tie or a both-bad vote is half a win for both. "
        "It is an average over whoever asked and whatever was asked: models that are strong on "
        "different things do not lie on one line."
    ),
    "elo": (
        "Online Elo: both ratings move by up to 4 points after each vote. The result depends on "
        "the order of the votes, and old votes are forgotten; for models that do not change, "
        "Bradley-Terry tells more from the same votes."
    ),
    "davidson": (
        "Davidson: Bradley-Terry with ties as an outcome of their own, the more likely the closer "
        "two models are. A both-bad vote is a tie."
    ),
    "rao-kupper": (
        "Rao-Kupper: two models tie where their difference is below a threshold that is the same "
        "for all. A both-bad vote is a tie."
    ),
    "four-outcome": (
        "Four outcomes: ratings tell who wins, and apart from them each model has a share of votes "
        "in which neither answer would do."
    ),
    "contextual": (
        "Contextual: in each category a model has its overall rating and an offset. Offsets are "
        "drawn towards 0, the more the fewer votes tell them; how far they spread is estimated "
        "from the votes. They are taken as equally spread over models and categories: a category "
        "that is wholly different is drawn too far. A tie or a both-bad vote is half a win for "
        "both."
    ),
}
INTERVALS: dict[Interval, str] = {
    "sandwich": (
        "The sandwich interval takes votes as independent, and holds even where the model is only "
        "an approximation. Where few people cast many of the votes it is too narrow: cluster by "
        "voter."
    ),
    "cluster": (
        "The clustered interval takes votes with the same value of the column as belonging "
        "together, with small-sample corrections (CR2 and Satterthwaite's degrees of freedom). "
        "Below 50 effective clusters it may hold less often than it says."
    ),
    "bootstrap": (
        "The bootstrap draws as many votes again, with replacement, and takes the quantiles of the "
        "ratings. It takes votes as independent."
    ),
    "anytime": (
        "The anytime interval holds at every look together, for those who look every day and stop "
        "when they like; it is wider for that."
    ),
    "posterior": (
        "The posterior interval holds what the votes leave open and what drawing towards the "
        "overall rating does. It takes votes as independent and the spread as known."
    ),
}
ALWAYS = (
    "An interval is of the distance from the board's centre, so an anchor has a width too. Each "
    "interval holds for itself; ranks follow from intervals: 1 + how many lie above for certain. "
    "Rank sets hold for all models together."
)


def explained(options: Options) -> tuple[str, ...]:
    """Return method, interval and limits of a board as paragraphs."""
    if options.compat:
        return (
            METHODS[options.method],
            "The numbers are FastChat's: a fit that stops early, quantiles of 100 resamples after "
            "the shift to its anchor, whose interval has no width. Ranks follow from overlap.",
        )
    style = (
        ("Style control takes out what length, headers, lists and bold are worth on average.",)
        if options.style
        else ()
    )
    first = (
        ("The advantage of side a is estimated as one number and taken out of the ratings.",)
        if options.first_position
        else ()
    )
    weights = (
        (
            "Votes are weighted; with inverse probabilities of the pairs the ratings are those of "
            "a board where every pair had been drawn alike, as far as the model is off.",
        )
        if options.weighted
        else ()
    )
    return (
        METHODS[options.method],
        *style,
        *first,
        *weights,
        INTERVALS[options.interval or "sandwich"],
        ALWAYS,
    )
