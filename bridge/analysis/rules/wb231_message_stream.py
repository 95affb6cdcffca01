"""A request that publishes to or reads from a stream of messages.

## What it does

Finds kafka-python, confluent-kafka, paho-mqtt, pyzmq and NATS.

## Why it blocks

`flush`, `poll` and `send().get()` wait for the brokers; confluent-kafka does so inside C.

## Example

    from kafka import KafkaProducer

    producer = KafkaProducer()

    def record(event):
        producer.send("events", event).get(timeout=5)

## Use instead

    from aiokafka import AIOKafkaProducer

    async def record(producer: AIOKafkaProducer, event):
        await producer.send_and_wait("events", event)

## References

- https://aiokafka.readthedocs.io/
- https://pyzmq.readthedocs.io/en/latest/api/zmq.asyncio.html
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB231",
    name="message-stream",
    message="{sink} waits for a message broker",
    effort=3,
    sinks=(
        "kafka",
        "confluent_kafka",
        "paho",
        "zmq",
        "nats",
        "pulsar",
        "nsq",
        "faust",
        "flask_kafka",
        "flask_mqtt",
        "pubnub",
        "ably",
    ),
)
