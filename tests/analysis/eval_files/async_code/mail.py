import smtplib


async def foo():
    smtplib.SMTP("localhost")  # expect: WB754 smtplib.SMTP
