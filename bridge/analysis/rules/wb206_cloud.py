"""A request that calls a cloud provider, a cluster or a container engine.

## What it does

Finds boto3 and botocore, azure-*, google-cloud-*, kubernetes, docker and their kin.

## Why it blocks

Every call is at least one HTTPS request, with signing, retries and pauses inside the SDK.

## Example

    import boto3

    s3 = boto3.client("s3")

    def save(name, content):
        s3.put_object(Bucket="invoices", Key=name, Body=content)

## Use instead

    import aioboto3

    session = aioboto3.Session()

    async def save(name, content):
        async with session.client("s3") as s3:
            await s3.put_object(Bucket="invoices", Key=name, Body=content)

## References

- https://aioboto3.readthedocs.io/
- https://learn.microsoft.com/azure/developer/python/sdk/azure-sdk-library-usage-patterns
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB206",
    name="cloud",
    message="{sink} calls a cloud service",
    effort=3,
    sinks=(
        "boto3",
        "boto",
        "botocore",
        "s3transfer",
        "s3fs",
        "gcsfs",
        "fsspec",
        "smart_open",
        "azure",
        "google.cloud",
        "google.auth",
        "google.oauth2",
        "google.api_core",
        "googleapiclient",
        "gspread",
        "kubernetes",
        "docker",
        "hvac",
        "libcloud",
        "openstack",
        "minio",
        "cloudinary",
        "digitalocean",
        "consul",
        "etcd3",
        "kazoo",
        "oss2",
        "b2sdk",
        "dropbox",
        "storages",
        "firebase_admin",
        "pynamodb",
        "heroku3",
        "ibm_boto3",
    ),
)
