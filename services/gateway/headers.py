"""Headers of answers behind capability URLs: addresses and content go no further than to whoever has the link."""

PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
