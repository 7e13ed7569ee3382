"""The helpdesks that we take events from, found by the kind in their hook's address."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from feedback_app.errors import NotFound
from feedback_app.webhooks import helpdesks
from feedback_app.webhooks.helpdesks.provider import Provider


class UnknownKind(NotFound):
    """We take no events from a helpdesk of that kind."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(
            f"There is no helpdesk of the kind '{kind[:40]}', so nothing was stored. "
            f"Known kinds: {', '.join(sorted(providers()))}."
        )


def provider(kind: str) -> Provider:
    """The helpdesk of that kind; raises UnknownKind."""
    try:
        return providers()[kind]
    except KeyError:
        raise UnknownKind(kind) from None


@cache
def providers() -> dict[str, Provider]:
    """Every helpdesk by its kind: what the modules of this package hold in PROVIDER."""
    names = sorted(module.name for module in iter_modules(helpdesks.__path__))
    modules = [import_module(f"{helpdesks.__name__}.{name}") for name in names]
    return {module.PROVIDER.kind: module.PROVIDER for module in modules if hasattr(module, "PROVIDER")}
