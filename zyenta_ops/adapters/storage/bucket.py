"""Objects in an S3 bucket, or in anything that speaks S3."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlsplit

from zyenta_ops.adapters.storage import is_name, name_of, packed, path_of
from zyenta_ops.domain.errors import NotFound, Refused

_MOST_DELETED: Final = 1_000  # keys that S3 takes in one request


class BucketStore:
    """Satisfies `zyenta_ops.ports.storage.ObjectStore`; connects on first use.

    Args:
        url: `s3://bucket/prefix`. Credentials are the usual AWS ones of the process.
        endpoint_url: of another S3 service; None = AWS.
        impatient_seconds: give up on a service that does not answer after so long, at the first
            attempt; None = as boto3 does, after minutes.

    Raises:
        Refused: the URL names no bucket.
    """

    def __init__(
        self, url: str, endpoint_url: str | None = None, impatient_seconds: int | None = None
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme != "s3" or not parts.netloc:
            raise Refused(f"'{url}' names no bucket; write s3://bucket/prefix")
        self._bucket = parts.netloc
        self._prefix = parts.path.strip("/")
        self._endpoint_url = endpoint_url
        self._impatient_seconds = impatient_seconds

    @cached_property
    def _client(self) -> Any:
        import boto3
        from botocore.config import Config

        seconds = self._impatient_seconds
        config = seconds and Config(
            connect_timeout=seconds, read_timeout=seconds, retries={"total_max_attempts": 1}
        )
        return boto3.client("s3", endpoint_url=self._endpoint_url, config=config)

    def put(self, content: bytes) -> str:
        """Upload; S3 shows an object only once it is whole."""
        from botocore.exceptions import BotoCoreError, ClientError

        name = name_of(content)
        try:
            self._client.put_object(Bucket=self._bucket, Key=self._key(name), Body=packed(content))
        except (BotoCoreError, ClientError) as error:
            raise self._unusable("kept", error) from error
        return name

    def get(self, name: str) -> bytes:
        """The object, unpacked."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._key(name))
            return gzip.decompress(answer["Body"].read())
        except (BotoCoreError, ClientError) as error:
            if _reason(error) in ("NoSuchKey", "404"):
                raise NotFound(f"no object {name} is kept in s3://{self._bucket}") from None
            raise self._unusable("read", error) from error

    def kept_before(self, moment: datetime) -> Iterator[str]:
        """Names of objects last uploaded before a time, page by page."""
        from botocore.exceptions import BotoCoreError, ClientError

        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=f"{self._prefix}/" if self._prefix else ""
        )
        try:
            for page in pages:
                for each in page.get("Contents", ()):
                    name = each["Key"].rpartition("/")[2].removesuffix(".gz")
                    ours = is_name(name) and each["Key"] == self._key(name)
                    if ours and each["LastModified"] < moment:
                        yield name
        except (BotoCoreError, ClientError) as error:
            raise self._unusable("listed", error) from error

    def delete(self, names: Sequence[str]) -> None:
        """Delete the objects, a thousand with each request."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            for start in range(0, len(names), _MOST_DELETED):
                keys = [{"Key": self._key(name)} for name in names[start : start + _MOST_DELETED]]
                self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": keys})
        except (BotoCoreError, ClientError) as error:
            raise self._unusable("deleted", error) from error

    def check(self) -> None:
        """Ask whether the bucket is there and lets us in."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._client.head_bucket(Bucket=self._bucket)
        except (BotoCoreError, ClientError) as error:
            raise self._unusable("kept", error) from error

    def _unusable(self, what: str, error: Exception) -> Refused:
        return Refused(
            f"objects cannot be {what} in s3://{self._bucket}: {_reason(error)};"
            " check ZYENTA_OBJECT_STORE and the AWS credentials"
        )

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{path_of(name)}" if self._prefix else path_of(name)


def _reason(error: Exception) -> str:
    """The service's code; its text may quote a request."""
    answer = getattr(error, "response", {})
    return str(answer.get("Error", {}).get("Code") or type(error).__name__)
