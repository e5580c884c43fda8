"""A tab that a person leaves for another one: the browser stops its frames and slows its timers.

Playwright keeps its own pages visible. The tab is controlled by the DevTools protocol, in a profile that Playwright
does not know: https://chromedevtools.github.io/devtools-protocol/tot/Target/
"""

import asyncio
import itertools
import json
from typing import Any

from playwright.async_api import Browser, CDPSession


class HiddenTab:
    """A tab behind another one. ``hide`` puts it there."""

    def __init__(self, browser: CDPSession, profile: str, session_id: str) -> None:
        self._browser = browser
        self._profile = profile
        self._session_id = session_id
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        browser.on("Target.receivedMessageFromTarget", self._receive)

    @classmethod
    async def open(cls, browser: Browser, script: str) -> "HiddenTab":
        """Open an empty tab, still visible, which runs a script before those of each page."""
        session = await browser.new_browser_cdp_session()
        profile = (await session.send("Target.createBrowserContext"))["browserContextId"]
        target = await session.send("Target.createTarget", {"url": "about:blank", "browserContextId": profile})
        attached = await session.send("Target.attachToTarget", {"targetId": target["targetId"], "flatten": False})
        tab = cls(session, profile, attached["sessionId"])
        await tab._send("Page.enable")
        await tab._send("Page.addScriptToEvaluateOnNewDocument", source=script)
        return tab

    async def go(self, url: str) -> None:
        """Navigate without waiting for the page."""
        await self._send("Page.navigate", url=url)

    async def evaluate(self, expression: str) -> Any:  # noqa: ANN401  JSON
        """Return the value of an expression; None while there is none, as during a navigation.

        The browser believes that a person has caused it, so that it may start music.
        """
        options = {"awaitPromise": True, "returnByValue": True, "userGesture": True}
        answer = await self._send("Runtime.evaluate", expression=expression, **options)
        return answer.get("result", {}).get("result", {}).get("value")

    async def hide(self) -> None:
        """Show another tab."""
        target = {"url": "about:blank", "browserContextId": self._profile}
        await self._browser.send("Target.activateTarget", await self._browser.send("Target.createTarget", target))

    async def close(self) -> None:
        await self._browser.send("Target.disposeBrowserContext", {"browserContextId": self._profile})
        await self._browser.detach()

    async def _send(self, method: str, **parameters: object) -> dict[str, Any]:
        number = next(self._numbers)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        message = json.dumps({"id": number, "method": method, "params": parameters})
        await self._browser.send("Target.sendMessageToTarget", {"sessionId": self._session_id, "message": message})
        return await answer

    def _receive(self, event: dict[str, Any]) -> None:
        answer = json.loads(event["message"])
        waiting = self._waiting.pop(answer.get("id"), None)
        if waiting:
            waiting.set_result(answer)
