"""What /v1 says when it cannot do what was asked: always JSON in one shape, as Delighted's clients read it."""

from collections.abc import Mapping, Sequence

from flask import Response, jsonify

PHRASES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    406: "Not Acceptable",
    409: "Conflict",
    413: "Payload Too Large",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


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
        super().__init__(f"{status} {PHRASES[status]}")
        self.status = status
        self.errors = {name: list(texts) for name, texts in (errors or {}).items()}
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds

    @property
    def body(self) -> dict[str, object]:
        """`{"status", "message"}`, with `errors` for 422 and a `detail` for people where there is more to say."""
        made: dict[str, object] = {"status": self.status, "message": PHRASES[self.status]}
        if self.status == 422:
            made["errors"] = self.errors or {"base": [self.detail or "is invalid"]}
        if self.detail:
            made["detail"] = self.detail
        return made


def error_answer(error: ApiError) -> Response:
    """The refusal as an HTTP answer."""
    answer = jsonify(error.body)
    answer.status_code = error.status
    if error.retry_after_seconds is not None:
        answer.headers["Retry-After"] = str(error.retry_after_seconds)
    if error.status == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="API key as user name, no password"'
    return answer
