"""Log lines."""

import json
import subprocess
import sys

FROM_EVERYWHERE = """
import threading, warnings
import structlog
from chassis.telemetry import configure_logging

configure_logging("orders")
structlog.get_logger().info("ready")
thread = threading.Thread(target=warnings.warn, args=["from a thread"])
thread.start()
thread.join()
"""


def test_every_line_is_json_and_names_its_service_whoever_writes_it() -> None:
    ran = subprocess.run([sys.executable, "-W", "always", "-c", FROM_EVERYWHERE], capture_output=True, text=True)
    lines = [json.loads(line) for line in ran.stderr.splitlines()]
    assert [line["service"] for line in lines] == ["orders", "orders"], ran.stderr
    assert lines[0]["event"] == "ready"
    assert "from a thread" in lines[1]["event"]
