"""What tests share: one BLAS thread per worker, and the way to the data kept beside the project."""

import os
import re
import shutil

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "default", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("default")

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Callable[[str], Path]:
    """The path of a file of measurements kept beside the project; skips where it is absent."""

    def find(name: str) -> Path:
        path = SHARED / name
        if not path.exists():
            pytest.skip(f"needs {name}, which is kept beside the project and is not here")
        return path

    return find


CHROMIUM = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """A headless Chromium that reaches nothing but this machine; skips where there is none."""
    binary = shutil.which("chromium") or shutil.which("chromium-browser")
    if binary is None:
        pytest.skip("needs Chromium (Debian: apt-get install chromium), which is not here")
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    with playwright.sync_playwright() as driver:
        context = driver.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("chromium"), executable_path=binary, args=list(CHROMIUM)
        )
        yield context
        context.close()


NUMBER = re.compile(r"[-+−]?\d[\d,]*\.?\d*(?:e[-+]?\d+)?")


@pytest.fixture
def golden(request):
    """Compare a text with the one kept under tests/golden: words alike, numbers within 1 %.

    ``UPDATE_GOLDEN=1 python -m pytest …`` writes the texts again; read the difference before it
    goes in.
    """

    def compare(name: str, text: str) -> None:
        kept = Path(__file__).parent / "golden" / name
        if os.environ.get("UPDATE_GOLDEN"):
            kept.parent.mkdir(exist_ok=True)
            kept.write_text(text, encoding="utf-8")
        wanted = kept.read_text(encoding="utf-8")
        words = [" ".join(NUMBER.sub("#", one).split()) for one in (text, wanted)]
        assert words[0] == words[1]
        found, expected = (
            [float(n.replace(",", "").replace("−", "-").rstrip(".")) for n in NUMBER.findall(one)]
            for one in (text, wanted)
        )
        assert found == pytest.approx(expected, rel=0.01, abs=1e-6)

    return compare
