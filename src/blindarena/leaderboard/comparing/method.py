"""What a reader must know to judge the figures."""

HOW = (
    "Evaluations are joined on the contestants' names, as they are or as an alias map says, and on "
    "items: question, turn and the unordered pair of contestants. No name is guessed.",
    "Agreement counts pairs of ratings of one item, as MT-Bench does: with ties, where a tie and a "
    "verdict that differs with the order are one verdict of their own, and without ties. Both bad "
    "is a tie. An unparsed verdict is missing, never a tie.",
    "Intervals are of 95 % and clustered by question: verdicts on one question are not "
    "independent. Those of correlations draw contestants anew; below ten contestants the exact "
    "permutation p-value stands instead.",
    "A judge may replace people only where the Alternative Annotator Test passes: against half of "
    "the annotators or more, it is as close to the other people as the annotator is.",
    "Length and markup may be merits: only what people do not share counts as a bias of a judge.",
    "Votes of people and of a judge are combined only by prediction-powered inference, which takes "
    "off what the judge gets wrong. It holds where people looked at items drawn at random.",
    "Agreement here says nothing of other contestants, other questions, or other people.",
)
