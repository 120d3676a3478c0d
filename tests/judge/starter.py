"""The references of the set "starter", for tests that compute them anew."""

import re

from blindarena.judge.questions import load_questions

QUESTIONS = {question.id: question for question in load_questions("starter").questions}


def reference(name: str, turn: int) -> str:
    return QUESTIONS[f"starter-{name}"].reference[turn - 1]


def begins(name: str, turn: int, *answers: object) -> bool:
    """Say whether the reference gives these answers, in this order, before it explains them."""
    said = re.split(r"[:;.]\s", reference(name, turn))[0]
    at = 0
    for answer in answers:
        found = re.compile(rf"(?<![\w.,/]){re.escape(str(answer))}(?![\w/]|[.,]\d)").search(
            said, at
        )
        if found is None:
            return False
        at = found.end()
    return True


def block(text: str, language: str) -> str:
    found = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(found) == 1
    return str(found[0])
