"""Personal data as a viewer sees it: enough to tell two people apart, not to reach them."""


def masked_email(address: str) -> str:
    """The first letter and the domain.

    >>> masked_email("dana.whitfield@harrowfinch.example")
    'd•••@harrowfinch.example'
    """
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}•••{at}{domain}" if at else "•••"


def initials(name: str) -> str:
    """The first letters of a name.

    >>> initials("Dana van  Whitfield")
    'D. v. W.'
    """
    return " ".join(f"{word[0]}." for word in name.split())
