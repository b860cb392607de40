"""A bucket on S3, or what speaks its protocol: Garage, MinIO, Ceph, R2, B2 …

Credentials come from the environment, as for all programs that use S3: ``AWS_ACCESS_KEY_ID``,
``AWS_SECRET_ACCESS_KEY``, ``AWS_REGION``, ``AWS_ENDPOINT_URL`` for a server of another keeper. No
error shows more of an answer than its code: what a server sends along may have secrets in it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from obstore.exceptions import BaseError
from obstore.store import S3Store

CONNECT_SECONDS = 5
ANSWER_SECONDS = 600  # for one part, through a slow line
RETRIES = 3
RETRY_SECONDS = 120

ENDPOINT_VARIABLES = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
CREDENTIALS = (
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
"""Others than keys: one of these is set where Amazon's own machines bring some."""

SCHEME = "s3://"
REFUSED = ("401", "403")
METADATA = "169.254.169.254"  # whom machines of Amazon's ask for credentials
FAILURES = (BaseError, OSError, ValueError)
"""What obstore raises: FileNotFoundError, for one, is none of its own."""

PANIC = "PanicException"
"""The type of what a defect in Rust raises. It is no `Exception`, so it would end the server."""

_ENDPOINT = re.compile(r"https?://[^/?#\s]+/?")
_CODE = re.compile(r"<Code>([A-Za-z]{3,60})</Code>")
_MISSING = re.compile(r"Missing \w*(Key|key)")
_STATUS = re.compile(r"status code: (\d{3})")


class Bucket:
    """What is below ``s3://bucket/prefix``. What goes wrong with it is told by ``failed``."""

    def __init__(self, url: str, failed: Callable[[str], Exception]) -> None:
        bucket, _, prefix = url.removeprefix(SCHEME).partition("/")
        self._failed = failed
        self._bucket = bucket
        self.url = SCHEME + "/".join(part for part in (bucket, prefix.strip("/")) if part)
        endpoint = next(filter(None, map(os.environ.get, ENDPOINT_VARIABLES)), "")
        if endpoint and not _ENDPOINT.fullmatch(endpoint):
            raise failed(
                f"{self.url} cannot be used: {ENDPOINT_VARIABLES[1]} has to be an address such as "
                "https://s3.example.org."
            )
        with self.asking("cannot be used"):
            self.store = S3Store(
                bucket,
                endpoint=endpoint or None,
                prefix=prefix.strip("/") or None,
                client_options={
                    # Who names an address without encryption means it.
                    "allow_http": endpoint.startswith("http://"),
                    "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
                    "timeout": timedelta(seconds=ANSWER_SECONDS),
                },
                retry_config={
                    "max_retries": RETRIES,
                    "retry_timeout": timedelta(seconds=RETRY_SECONDS),
                },
            )

    @contextmanager
    def asking(self, failure: str) -> Iterator[None]:
        """While the server is asked; ``failure`` says of the bucket what could not be done."""
        try:
            yield
        except FAILURES as error:
            raise self._failed(f"{self.url} {failure}: {self._why(error)}") from None
        except BaseException as error:
            if type(error).__name__ != PANIC:
                raise
            raise self._failed(f"{self.url} {failure}: a defect ({error})") from None

    def _why(self, error: Exception) -> str:
        told = str(error)
        code = found[1] if (found := _CODE.search(told)) else ""
        if code == "NoSuchBucket":
            return f"there is no bucket {self._bucket}. Make it first."
        if isinstance(error, FileNotFoundError):
            return "it is not there."
        status = found[1] if (found := _STATUS.search(told)) else ""
        if status in REFUSED or METADATA in told or _MISSING.search(told):
            if not all(name in os.environ for name in KEYS) and not _has_others():
                return f"there are no credentials in the environment ({' and '.join(KEYS)})."
            return (
                f"the credentials in the environment are not accepted{_named(code)}. They have to "
                "allow listing, reading, writing and deleting there."
            )
        if code or status:
            return f"the server of the bucket refuses it{_named(code or status)}."
        endpoint = ENDPOINT_VARIABLES[1]
        return f"the server of the bucket does not answer. Check the network, and {endpoint}."


def _has_others() -> bool:
    return any(name in os.environ for name in CREDENTIALS)


def _named(code: str) -> str:
    return f" ({code})" if code else ""
