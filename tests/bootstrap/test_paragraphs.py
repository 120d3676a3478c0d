"""Lines of one paragraph are joined, and nothing else."""

from blindarena.bootstrap.paragraphs import flowing


def test_lines_of_a_paragraph_are_joined() -> None:
    assert flowing("\nYou will read\nmessages.\n\nTaking part\nis voluntary.\n") == (
        "You will read messages.\n\nTaking part is voluntary."
    )


def test_lists_headings_and_wanted_breaks_stay() -> None:
    kept = "# Terms\nWe store:\n- votes\n- comments\n\n1. first\n2) second\n\n> said\n| a |"
    assert flowing(kept) == kept
    assert flowing("Yours,  \nthe team") == "Yours,\nthe team"


def test_a_list_item_goes_on_in_the_next_line() -> None:
    assert flowing("- votes and\nreasons\n- comments") == "- votes and reasons\n- comments"
