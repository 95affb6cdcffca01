"""A request that computes with pictures or sound.

## What it does

Finds Pillow, OpenCV, Wand, scikit-image, moviepy, pydub and their kin.

## Why it blocks

Decoding, scaling and encoding take a core for tens of milliseconds and more.

## Example

    from PIL import Image

    def thumbnail(path):
        picture = Image.open(path)
        picture.thumbnail((200, 200))
        picture.save(path + ".small.png")

## Use instead

    import asyncio

    async def thumbnail(path):
        await asyncio.to_thread(make_thumbnail, path)

## References

- https://pillow.readthedocs.io/
- https://docs.python.org/3/library/asyncio-task.html#running-in-threads
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB402",
    name="image",
    message="{sink} computes with pictures or sound",
    sinks=(
        "PIL",
        "cv2",
        "wand",
        "skimage",
        "imageio",
        "moviepy",
        "pydub",
        "librosa",
        "qrcode",
        "barcode",
        "pytesseract",
        "face_recognition",
        "captcha",
        "pyzbar",
        "segno",
    ),
)
