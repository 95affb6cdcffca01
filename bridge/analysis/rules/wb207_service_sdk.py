"""A request that calls a service through its SDK.

## What it does

Finds the SDKs of payment, messaging, monitoring, source hosting and model services: stripe, twilio, slack_sdk,
PyGithub, openai and more.

## Why it blocks

Behind the method call is an HTTPS request to somebody else's server, with retries.

## Example

    import stripe

    def pay(order):
        return stripe.PaymentIntent.create(amount=order.total, currency="eur")

## Use instead

    import stripe

    async def pay(order):
        return await stripe.PaymentIntent.create_async(amount=order.total, currency="eur")

## References

- https://github.com/stripe/stripe-python#async
- https://github.com/openai/openai-python#async-usage
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB207",
    name="service-sdk",
    message="{sink} calls a service over the network",
    sinks=(
        "stripe",
        "twilio",
        "slack_sdk",
        "slack",
        "slacker",
        "openai",
        "anthropic",
        "github",
        "gitlab",
        "jira",
        "atlassian",
        "sentry_sdk",
        "raven",
        "telegram",
        "tweepy",
        "facebook",
        "braintree",
        "paypalrestsdk",
        "plaid",
        "square",
        "shopify",
        "zendesk",
        "zenpy",
        "intercom",
        "segment",
        "analytics",
        "mixpanel",
        "datadog",
        "newrelic",
        "pusher",
        "onesignal",
        "vonage",
        "nexmo",
        "plivo",
        "messagebird",
        "contentful",
        "notion_client",
        "airtable",
        "pyairtable",
        "trello",
        "asana",
        "hubspot",
        "simple_salesforce",
        "recurly",
        "chargebee",
        "mollie",
        "gocardless_pro",
        "geoip2",
        "geopy",
        "googlemaps",
        "wikipedia",
        "cohere",
        "replicate",
        "huggingface_hub",
        "langchain",
        "pinecone",
        "weaviate",
        "qdrant_client",
        "chromadb",
        "bugsnag",
        "rollbar",
        "honeybadger",
        "statsd",
        "ldclient",
        "launchdarkly",
        "auth0",
        "okta",
        "onelogin",
        "keycloak",
        "jwt.jwks_client",
        "pywebpush",
        "webpush",
        "apns2",
        "pyfcm",
        "discord_webhook",
        "feedgen",
        "pycountry_convert",
    ),
)
