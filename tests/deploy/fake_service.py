"""A service that only shows its settings; `/readyz` answers the status `FAKE_STATUS`, 200 by default."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    """Answers every path with the environment that the supervisor gave."""

    def do_GET(self) -> None:
        """Any path."""
        settings = {name: value for name, value in os.environ.items() if name.startswith("PHOTOFERRY_")}
        self.send_response(int(os.environ.get("FAKE_STATUS", "200")))
        self.end_headers()
        self.wfile.write(json.dumps(settings).encode())


if __name__ == "__main__":
    address = (os.environ["PHOTOFERRY_HOST"], int(os.environ["PHOTOFERRY_PORT"]))
    ThreadingHTTPServer(address, Handler).serve_forever()
