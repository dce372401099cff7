from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from joserfc.jwk import ECKey
from typing_extensions import override

from app.domain.kernel.errors import Busy
from app.security.jwks import RemoteKeys

URL = "https://id.example.com/keys"


def reply(status: int, body: object = b"", headers: dict[str, str] | None = None) -> httpx.Response:
    """A response as it comes off the wire: its body not yet read."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(content))


class Provider:
    """An identity provider's address, a clock, and what was asked of it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.asked = 0
        self.names = ["one"]
        self.answer: Callable[[], httpx.Response] = self.good

    def good(self) -> httpx.Response:
        keys = [ECKey.generate_key("P-256", {"kid": name}).as_dict(private=False) for name in self.names]
        return reply(200, {"keys": keys})

    def source(self, timeout: float = 5) -> RemoteKeys:
        async def handle(request: httpx.Request) -> httpx.Response:
            self.asked += 1
            await asyncio.sleep(0)
            return self.answer()

        client = httpx.AsyncClient(transport=httpx.MockTransport(handle))
        return RemoteKeys(URL, client=client, clock=lambda: self.now, timeout=timeout)


@pytest.fixture
def provider() -> Provider:
    return Provider()


async def names(source: RemoteKeys, kid: str | None) -> list[str | None]:
    return [key.kid for key in await source.keys(kid)]


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_keys_are_fetched_once_and_kept(provider: Provider) -> None:
    source = provider.source()
    for _ in range(5):
        assert await names(source, "one") == ["one"]
    assert provider.asked == 1


async def test_many_callers_share_one_fetch(provider: Provider) -> None:
    source = provider.source()
    assert await asyncio.gather(*(names(source, "one") for _ in range(50))) == [["one"]] * 50
    assert provider.asked == 1


async def test_an_unknown_name_refreshes_but_not_more_often_than_the_pause(provider: Provider) -> None:
    source = provider.source()
    await source.keys("one")
    provider.names = ["one", "two"]
    for _ in range(100):
        assert await names(source, "two") == ["one"]
    assert provider.asked == 1
    provider.now = 10
    assert await names(source, "two") == ["one", "two"]
    for _ in range(100):
        await source.keys("made up")
    assert provider.asked == 2


async def test_old_keys_are_refreshed_without_making_anybody_wait(provider: Provider) -> None:
    source = provider.source()
    await source.keys("one")
    provider.names = ["one", "two"]
    provider.now = 600
    assert await names(source, "one") == ["one"]
    await settled()
    assert await names(source, "one") == ["one", "two"]


async def test_a_withdrawn_key_is_gone_after_the_refresh(provider: Provider) -> None:
    source = provider.source()
    await source.keys("one")
    provider.names = ["two"]
    provider.now = 600
    await source.keys("one")
    await settled()
    assert await names(source, "one") == ["two"]


def _failure() -> httpx.Response:
    raise httpx.ConnectError("no route")


@pytest.mark.parametrize(
    "answer",
    [
        _failure,
        lambda: reply(500),
        lambda: reply(302, headers={"location": "https://evil.example.com/"}),
        lambda: reply(200, b"<html>"),
        lambda: reply(200, b"\xff\xfe"),
        lambda: reply(200, b"[" * 200_000),
        lambda: reply(200, {"keys": []}),
        lambda: reply(200, b" " * 300_000 + b"{}"),
    ],
    ids=["no route", "status", "redirect", "html", "not text", "deep", "empty", "too large"],
)
async def test_a_failing_provider_makes_the_service_unavailable_then_heals(
    provider: Provider, answer: Callable[[], httpx.Response]
) -> None:
    source = provider.source()
    provider.answer = answer
    with pytest.raises(Busy):
        await source.keys("one")
    with pytest.raises(Busy):
        await source.keys("one")
    assert provider.asked == 1
    provider.answer = provider.good
    provider.now = 10
    assert await names(source, "one") == ["one"]


async def test_the_last_keys_serve_an_outage_for_an_hour_and_no_longer(provider: Provider) -> None:
    source = provider.source()
    await source.keys("one")
    provider.answer = _failure
    for provider.now in (700, 1500, 3599):
        assert await names(source, "one") == ["one"]
        await settled()
    provider.now = 3600
    with pytest.raises(Busy):
        await source.keys("one")


async def test_a_compressed_body_is_not_unpacked(provider: Provider) -> None:
    body = gzip.compress(json.dumps({"keys": [ECKey.generate_key("P-256").as_dict(private=False)]}).encode())
    provider.answer = lambda: reply(200, body, {"content-encoding": "gzip"})
    with pytest.raises(Busy):
        await provider.source().keys("one")


async def test_a_provider_that_drips_is_given_up(provider: Provider) -> None:
    class Drip(httpx.AsyncByteStream):
        @override
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                await asyncio.sleep(0.01)
                yield b" "

    provider.answer = lambda: httpx.Response(200, stream=Drip())
    async with asyncio.timeout(5):
        with pytest.raises(Busy):
            await provider.source(timeout=0.1).keys("one")


async def test_a_caller_who_hangs_up_does_not_spoil_the_fetch_for_the_others(provider: Provider) -> None:
    source = provider.source()
    first, second = asyncio.create_task(names(source, "one")), asyncio.create_task(names(source, "one"))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == ["one"]
    assert first.cancelled()


async def test_closing_ends_a_fetch_under_way(provider: Provider) -> None:
    source = provider.source()
    waiting = asyncio.create_task(names(source, "one"))
    await asyncio.sleep(0)
    await source.close()
    with pytest.raises((Busy, asyncio.CancelledError)):
        await waiting


@pytest.mark.parametrize(
    "url", ["http://id.example.com/keys", "ftp://id.example.com/", "//id.example.com", "http://localhost.evil.com/"]
)
def test_keys_never_come_over_an_open_line(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        RemoteKeys(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/keys", "http://localhost/keys", "http://[::1]/keys"])
async def test_the_local_machine_needs_no_https(url: str) -> None:
    await RemoteKeys(url).close()
