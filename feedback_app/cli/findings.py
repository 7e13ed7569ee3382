"""What `feedback doctor` finds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `advice` is empty when it is well; `is_grave`: nothing works until it is mended."""

    what: str
    says: str
    advice: str = ""
    is_grave: bool = False

    @property
    def mark(self) -> str:
        if not self.advice:
            return "ok  "
        return "FIX " if self.is_grave else "look"
