"""A real browser without a window, for pages that are opened from disk."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_BROWSER: Final = next(filter(None, map(shutil.which, _NAMES)), None)
_DRIVER: Final = shutil.which("chromedriver")

needs_browser: Final = pytest.mark.skipif(
    _BROWSER is None or _DRIVER is None,
    reason="needs Chromium: sudo apt-get install chromium chromium-driver",
)

# Nothing that a browser does by itself may reach the network, or wait for it.
_QUIET: Final = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


class Page:
    """A page in the browser."""

    def __init__(self, driver: Chrome, file: Path) -> None:
        self.driver = driver
        self.file = file

    def open(self, address: str = "") -> None:
        """Loads the page anew at an address within it."""
        self.driver.get("about:blank")
        self.driver.get(f"{self.file.as_uri()}{address}")

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str) -> WebElement:
        (found,) = self.all(selector)
        return found

    def texts(self, selector: str) -> list[str]:
        return [item.text for item in self.all(selector)]

    def click(self, selector: str, number: int = 0) -> None:
        self.all(selector)[number].click()
        self._settle()

    def press(self, *keys: str) -> None:
        """Presses keys wherever the focus is."""
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)
        self._settle()

    def _settle(self) -> None:
        """Waits until the page has heard of a new address: that comes after what led there."""
        self.driver.execute_async_script("setTimeout(arguments[0], 20)")

    def ask(self, script: str, *arguments: Any) -> Any:
        """What a piece of script returns."""
        return self.driver.execute_script(script, *arguments)

    def resize(self, width: int, height: int) -> None:
        """Gives the page itself a size, however small a window can be."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def prefer(self, scheme: str) -> None:
        """Sets the colour scheme that the system asks for, "light" or "dark"."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        # The page hears of it in a frame after the one in which it is so.
        self.driver.execute_async_script(
            "const [scheme, done] = arguments;"
            "const query = matchMedia(`(prefers-color-scheme: ${scheme})`);"
            "const later = (then) => requestAnimationFrame(() => setTimeout(then, 20));"
            "const look = () => query.matches ? later(() => later(done)) : setTimeout(look, 5);"
            "look();",
            scheme,
        )

    @property
    def complaints(self) -> list[str]:
        """All that the console has said since it was asked last."""
        return [entry["message"] for entry in self.driver.get_log("browser")]  # type: ignore[no-untyped-call]


@contextmanager
def browsing() -> Iterator[Chrome]:
    """A browser for a while."""
    assert _BROWSER is not None
    options = ChromeOptions()
    options.binary_location = _BROWSER
    for argument in _QUIET:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options, ChromeService(_DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


__all__ = ["Keys", "Page", "browsing", "needs_browser"]
