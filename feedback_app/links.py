"""Signed links: a row's number and a signature, one salt for each purpose.

A token holds no personal data, a forged one is refused without touching the database, and a stolen backup cannot
make one. Links are built from FEEDBACK_BASE_URL, never from the Host header.
"""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from itsdangerous import BadSignature, Signer

from feedback_app.errors import LinkUnknown

LONGEST_TOKEN = 80


@dataclass(frozen=True)
class Links:
    """Makes and reads the links of one installation. `secret_keys`: the one for new links last."""

    secret_keys: tuple[str, ...]
    base_url: str

    def answer(self, invitation_id: int) -> str:
        return f"{self.base_url}/a/{self.answer_token(invitation_id)}"

    def unsubscribe(self, invitation_id: int) -> str:
        return f"{self.base_url}/u/{self.unsubscribe_token(invitation_id)}"

    def trap(self, invitation_id: int) -> str:
        """A link that no person can see: who follows it follows every link."""
        return f"{self.base_url}/a/{self.answer_token(invitation_id)}/more"

    def open_survey(self, slug: str) -> str:
        return f"{self.base_url}/t/{slug}"

    def hook(self, kind: str, key: str) -> str:
        return f"{self.base_url}/hooks/{kind}/{key}"

    def sign_in(self, token: str) -> str:
        return f"{self.base_url}/login/{token}"

    def response(self, permalink: str) -> str:
        return f"{self.base_url}/r/{permalink}"

    def answer_token(self, invitation_id: int) -> str:
        return self._sign("answer", invitation_id)

    def unsubscribe_token(self, invitation_id: int) -> str:
        return self._sign("unsubscribe", invitation_id)

    def read_answer_token(self, token: str) -> int:
        """The invitation's id; raises LinkUnknown for anything that we did not sign for answering."""
        return self._read("answer", token)

    def read_unsubscribe_token(self, token: str) -> int:
        """The invitation's id; raises LinkUnknown for anything that we did not sign for unsubscribing."""
        return self._read("unsubscribe", token)

    def _sign(self, purpose: str, row_id: int) -> str:
        return _signer(self.secret_keys, purpose).sign(f"{row_id:x}").decode()

    def _read(self, purpose: str, token: str) -> int:
        if len(token) > LONGEST_TOKEN:
            raise LinkUnknown
        try:
            return int(_signer(self.secret_keys, purpose).unsign(token.encode()), 16)
        except (BadSignature, UnicodeEncodeError) as error:
            raise LinkUnknown from error


@lru_cache(maxsize=16)
def _signer(secret_keys: tuple[str, ...], purpose: str) -> Signer:
    return Signer(list(secret_keys), salt=f"feedback.{purpose}.1", digest_method=sha256)
