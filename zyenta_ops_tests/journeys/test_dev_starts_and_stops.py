from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import pytest

QUERY = """{
  assetNodes { assetKey { path } }
  instance { daemonHealth { allDaemonStatuses { daemonType required healthy } } }
}"""
PROGRAM = str(Path(sys.executable).parent / "zyenta-ops")
START_SECONDS, STOP_SECONDS = 60, 20


def ask(port: int) -> dict[str, Any] | None:
    """What the web server knows, None while it does not answer."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql",
        data=json.dumps({"query": QUERY}).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            answer: dict[str, Any] = json.load(response)["data"]
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return None
    return answer


def readiness(port: int) -> dict[str, Any]:
    """What the HTTP edge says of itself and of the daemon."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=20) as response:
        answer: dict[str, Any] = json.load(response)
    return answer


def unhealthy(known: dict[str, Any] | None) -> list[str]:
    """Required daemons that have not been heard of; a stand-in before the server answers."""
    if known is None:
        return ["web server"]
    statuses = known["instance"]["daemonHealth"]["allDaemonStatuses"]
    return [each["daemonType"] for each in statuses if each["required"] and not each["healthy"]]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


@pytest.mark.timeout(START_SECONDS + STOP_SECONDS + 10)
def test_dev_serves_assets_edge_and_sandbox_hears_its_daemons_and_stops_when_told(
    tmp_path: Path,
) -> None:
    port, edge_port, home = free_port(), free_port(), tmp_path / "home"
    sandbox_url = f"http://127.0.0.1:{free_port()}"
    environment = {**os.environ, "ZYENTA_SANDBOX_URL": sandbox_url, "ZYENTA_HOME": str(home)}
    log = tmp_path / "log"
    with log.open("w") as output:
        program = subprocess.Popen(
            [PROGRAM, "dev", "--port", str(port), "--edge-port", str(edge_port)],
            cwd=tmp_path,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    family: list[psutil.Process] = []
    try:
        deadline = time.monotonic() + START_SECONDS
        known = None
        while unhealthy(known) and time.monotonic() < deadline and program.poll() is None:
            time.sleep(0.2)
            known = ask(port)
        family = psutil.Process(program.pid).children(recursive=True)

        assert unhealthy(known) == [], log.read_text()
        assert known is not None
        assert {node["assetKey"]["path"][0] for node in known["assetNodes"]} == {
            "supplier_catalog",
            "store_inventory",
            "selling_prices",
            "store_alerts",
            "exchange_rates",
            "ops_report",
        }
        assert len(family) >= 3

        connected = subprocess.run(
            [PROGRAM, "supplier", "connect", "aliexpress", "--sandbox"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (connected.returncode, connected.stdout) == (0, "Connected demo at aliexpress.\n")
        assert f"aliexpress: {sandbox_url}/aliexpress" in log.read_text()
        ready = readiness(edge_port)
        assert ready["status"] == "ready", ready
        heard = ready["checks"]["daemon"]["seconds_since_heard"]
        assert heard.keys() >= {"sensor", "scheduler"}

        program.send_signal(signal.SIGTERM)

        assert program.wait(STOP_SECONDS) == 0, log.read_text()
        _, alive = psutil.wait_procs(family, timeout=5)
        assert alive == []
        with pytest.raises(urllib.error.URLError):
            urllib.request.urlopen(f"{sandbox_url}/_sandbox/clock", timeout=5)
    finally:
        for process in family:
            if process.is_running():
                process.kill()
        program.kill()
        program.wait()
