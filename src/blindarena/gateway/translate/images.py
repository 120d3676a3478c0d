"""Data URIs, in which OpenAI's format sends pictures and files."""


def data_uri(url: str) -> tuple[str, str] | None:
    """Return media type and base64 text of a data URI; None for any other address."""
    if not url.startswith("data:"):
        return None
    head, comma, text = url[5:].partition(",")
    if not comma or not head.endswith(";base64"):
        return None
    return head.removesuffix(";base64").partition(";")[0].lower(), text
