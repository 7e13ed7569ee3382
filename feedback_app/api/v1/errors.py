"""What /v1 says when it cannot do what was asked: always JSON in one shape, as Delighted's clients read it."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from flask import Response, json

JSON = "application/json; charset=utf-8"  # as the original wrote it; PHP reads it of every error
PHRASES = {
    413: "Payload Too Large",  # newer Pythons say "Content" in both
    422: "Unprocessable Entity",
}


def phrase(status: int) -> str:
    """The standard words for a status."""
    return PHRASES.get(status) or HTTPStatus(status).phrase


class ApiError(Exception):
    """A refusal. `errors`, for 422, maps the name of a parameter (or `base`) to what is wrong with it."""

    def __init__(
        self,
        status: int,
        errors: Mapping[str, Sequence[str]] | None = None,
        *,
        detail: str = "",
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(f"{status} {phrase(status)}")
        self.status = status
        self.errors = {name: list(texts) for name, texts in (errors or {}).items()}
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds

    @property
    def body(self) -> dict[str, object]:
        """`{"status", "message"}`, with `errors` for 422 and a `detail` for people where there is more to say."""
        made: dict[str, object] = {"status": self.status, "message": phrase(self.status)}
        if self.status == 422:
            made["errors"] = self.errors or {"base": [self.detail or "is invalid"]}
        if self.detail:
            made["detail"] = self.detail
        return made


def json_answer(body: object, status: int = 200) -> Response:
    """The body as an HTTP answer."""
    text = json.dumps(body, sort_keys=False, separators=(",", ":"))
    return Response(text + "\n", status, content_type=JSON)


def error_answer(error: ApiError) -> Response:
    """The refusal as an HTTP answer."""
    answer = json_answer(error.body, error.status)
    if error.retry_after_seconds is not None:
        answer.headers["Retry-After"] = str(error.retry_after_seconds)
    if error.status == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="API key as user name, no password"'
    return answer
