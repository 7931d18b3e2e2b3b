"""Feeds in S3 buckets and what speaks the same protocol."""

from __future__ import annotations

from pathlib import Path
from time import monotonic
from typing import Any, Final
from urllib.parse import urlsplit

from zyenta_ops.adapters.suppliers.feed.config import FeedLimits, S3Access
from zyenta_ops.adapters.suppliers.feed.fetching import CHUNK, Fetched, store, too_large
from zyenta_ops.domain.catalog import SourceVersion
from zyenta_ops.domain.errors import SourceInvalid, SourceUnavailable

_REASONS: Final = {
    "NoSuchKey": "there is no such object in the bucket; check the key",
    "NoSuchBucket": "there is no such bucket; check its name",
    "404": "there is no such object in the bucket; check the key",
    "AccessDenied": "access is denied; check the credentials and the bucket's policy",
    "403": "access is denied; check the credentials and the bucket's policy",
    "InvalidAccessKeyId": "the access key is unknown; check the credentials",
    "SignatureDoesNotMatch": "the secret key is wrong; check the credentials",
    "InvalidObjectState": "the object is archived; restore it first",
}


def fetch_object(
    location: str,
    access: S3Access,
    limits: FeedLimits,
    known: SourceVersion | None,
    target: Path,
) -> Fetched:
    """Download s3://bucket/key to `target` unless its ETag is the known one.

    Raises:
        SourceUnavailable: S3 cannot be reached or is busy, or the time is up.
        SourceInvalid: no such object, access denied, or too large.
    """
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        NoCredentialsError,
        ParamValidationError,
        PartialCredentialsError,
    )

    bucket, key = _address(location)
    deadline = monotonic() + limits.timeout_seconds
    asked: dict[str, Any] = {"Bucket": bucket, "Key": key}
    if known and known.etag:
        asked["IfNoneMatch"] = known.etag
    try:
        answer = _client(access).get_object(**asked)
        if answer["ContentLength"] > limits.download_bytes:
            raise too_large(limits.download_bytes)
        with target.open("wb") as file:
            body = answer["Body"]
            sha256 = store(_until(deadline, body, limits), file, limits.download_bytes)
    except ClientError as error:
        if known is not None and _status(error) == 304:
            return Fetched(known, None)
        raise _ours(error) from error
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise SourceInvalid("no S3 credentials are configured") from error
    except ParamValidationError as error:
        raise SourceInvalid("the bucket or key is not a valid name") from error
    except BotoCoreError as error:
        raise SourceUnavailable(f"S3 could not be read ({type(error).__name__})") from error
    except OSError as error:
        raise SourceUnavailable(f"the feed could not be stored: {error.strerror}") from error
    return Fetched(SourceVersion(etag=answer.get("ETag"), sha256=sha256), target)


def _address(location: str) -> tuple[str, str]:
    parts = urlsplit(location)
    key = location.removeprefix(f"{parts.scheme}://{parts.netloc}").lstrip("/")
    if not parts.netloc or not key:
        raise SourceInvalid("an S3 address must name bucket and key: s3://bucket/key")
    return parts.netloc, key


def _client(access: S3Access) -> Any:
    import boto3
    from botocore.config import Config

    # Custom endpoints rarely answer to bucket.host names, so they are addressed by path.
    style = {"addressing_style": "path" if access.endpoint_url else "auto"}
    return boto3.session.Session().client(
        "s3",
        endpoint_url=access.endpoint_url,
        region_name=access.region or ("us-east-1" if access.endpoint_url else None),
        aws_access_key_id=access.access_key,
        aws_secret_access_key=access.secret_key,
        config=Config(
            connect_timeout=10,
            read_timeout=30,
            retries={"mode": "standard", "total_max_attempts": 3},
            s3=style,
        ),
    )


def _until(deadline: float, body: Any, limits: FeedLimits) -> Any:
    for chunk in body.iter_chunks(CHUNK):
        if monotonic() > deadline:
            raise SourceUnavailable(
                f"S3 did not deliver the feed in time (at most {limits.timeout_seconds:g} s)"
            )
        yield chunk


def _status(error: Any) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _ours(error: Any) -> SourceInvalid | SourceUnavailable:
    code = str(error.response.get("Error", {}).get("Code", ""))
    if code in _REASONS:
        return SourceInvalid(_REASONS[code])
    status = _status(error)
    if status >= 500 or status == 429 or code in ("SlowDown", "RequestTimeout"):
        return SourceUnavailable(f"S3 answers HTTP {status}; try again later")
    return SourceInvalid(f"S3 refuses the request (HTTP {status})")
