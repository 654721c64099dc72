"""How many bytes of files have gone out through the gateway; what the store gives out itself, only it can count."""

from prometheus_client import Counter

SERVED = Counter("photoferry_served_bytes_total", "Bytes of files given out: in ZIPs, or passed on", ["way"])
"""`way`: `zip`, or `proxy` for single files and previews under `PHOTOFERRY_DELIVERY=proxy`."""
for _way in ("zip", "proxy"):
    SERVED.labels(_way)  # from nothing to the first ones is no increase to Prometheus
