"""E-mail addresses: what makes two of them the same, and what is one at all."""

from email_validator import EmailNotValidError, validate_email

from feedback_app.errors import Invalid


def normalised_address(address: str) -> str:
    """The address as it is compared: trimmed, lower case, the domain in its ASCII form; the rest untouched.

    Raises Invalid when it is not an address that mail can be sent to. Asks no name server.
    """
    try:
        valid = validate_email(address.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise Invalid(
            f"'{address.strip()[:80]}' is not an e-mail address, so nothing was stored for it."
        ) from error
    return f"{valid.local_part}@{valid.ascii_domain}".lower()
