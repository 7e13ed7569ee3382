"""Sets of themes to begin with, by what a company does; their patterns are everybody's to change afterwards."""

from dataclasses import dataclass

from feedback_app.themes.starter_themes import (
    APP,
    BELONGINGS,
    BILLING,
    BOOKING,
    BUGS,
    CANCELLATIONS,
    CANCELLING,
    COMFORT,
    COMPETITORS,
    DELIVERY,
    DISCOUNTS,
    EASE,
    EMAIL,
    FEATURES,
    INTEGRATIONS,
    LOGIN,
    ONBOARDING,
    OVERALL,
    PERFORMANCE,
    PHONE,
    PRICE,
    PRODUCTS,
    PUNCTUALITY,
    RETURNS,
    REVIEWS,
    SAFETY,
    STAFF,
    WORK,
    StarterTheme,
)


@dataclass(frozen=True, slots=True)
class StarterSet:
    """The themes for one kind of company."""

    key: str
    name: str
    about: str
    themes: tuple[StarterTheme, ...]


SETS = (
    StarterSet(
        "saas",
        "Software and its support",
        "For teams that ask after support cases and about the product itself.",
        (
            *(STAFF, PERFORMANCE, EASE, BUGS, FEATURES, ONBOARDING, INTEGRATIONS, PRICE, BILLING, CANCELLING),
            *(LOGIN, EMAIL, COMPETITORS, OVERALL),
        ),
    ),
    StarterSet(
        "shop",
        "Shops",
        "For shops on the web and elsewhere, and for what arrives in parcels.",
        (
            *(APP, EASE, DELIVERY, PRODUCTS, PRICE, DISCOUNTS, RETURNS, STAFF, PHONE, EMAIL, LOGIN, REVIEWS),
            *(COMPETITORS, OVERALL),
        ),
    ),
    StarterSet(
        "services",
        "Services",
        "For travel, hotels, health, trades, insurance: wherever people do something for people.",
        (
            *(STAFF, PUNCTUALITY, WORK, BOOKING, CANCELLATIONS, COMFORT, BELONGINGS, PRICE, BILLING, PHONE),
            *(EMAIL, APP, SAFETY, OVERALL),
        ),
    ),
)


def starter_set(key: str) -> StarterSet | None:
    """The set of this key, None if there is none."""
    return next((one for one in SETS if one.key == key), None)
