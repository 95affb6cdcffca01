import requests


def fetch():
    return requests.get("http://a").text  # expect: WB201 requests.get via ANY /x/
